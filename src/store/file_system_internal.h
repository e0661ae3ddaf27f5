#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tarn::store {

/// An open file of the disk store. Calls block. One caller at a time.
class File {
 public:
  virtual ~File() = default;

  /// Asks for room for `bytes` from the start, without changing the size. Errors: kNoSpace.
  virtual Result<void> reserve(std::uint64_t bytes) = 0;
  /// Writes all of `bytes` at the end.
  virtual Result<void> append(ByteView bytes) = 0;
  /// Fills `into` from `offset` on; fewer bytes only where the file ends. Returns their number.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) = 0;
  /// Returns once contents and size are on the disk. After an error nobody knows what is.
  virtual Result<void> sync() = 0;
};

/// The part of a file system that the disk store needs for its blobs: files are made, written once and removed; never
/// renamed, never overwritten. Injected, so that tests can fill or break the disk. Calls block; thread-safe.
///
/// Errors of every call: kNotFound; kNoSpace (also a quota); kUnavailable: everything else the system may answer.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// Makes a new file for writing. Errors: kAlreadyExists.
  virtual Result<std::unique_ptr<File>> create(const std::string& path) = 0;
  virtual Result<std::unique_ptr<File>> open(const std::string& path) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  /// Success too when the folder is there.
  virtual Result<void> make_folder(const std::string& path) = 0;
  /// Names in a folder, in no order, without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  /// Returns once the folder's names are on the disk.
  virtual Result<void> sync_folder(const std::string& path) = 0;
  /// What an ordinary user may still fill.
  virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;
};

/// The operating system's.
class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> create(const std::string& path) override;
  Result<std::unique_ptr<File>> open(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  Result<void> make_folder(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<void> sync_folder(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;
};

/// What `error_number` (errno) means for `doing` something with `path`.
std::unexpected<Error> system_failure(int error_number, std::string_view doing, const std::string& path);

}  // namespace tarn::store
