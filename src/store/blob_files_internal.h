#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/uuid.h"
#include "store/file_system_internal.h"

namespace tarn::store {

/// A blob's bytes are checked in blocks of this size; the last may be shorter.
inline constexpr std::size_t kBlockBytes = 64 * 1024;
/// What one read or write moves at most: some whole blocks.
inline constexpr std::size_t kTransferBytes = 4 * kBlockBytes;

/// The folders of blob files: DIR/blobs/0 … f, each file named by its id, in the folder named by its last digit. What a
/// file holds, docs/formats/store.md says. Thread-safe; calls block.
class BlobFolders {
 public:
  /// `file_system` must outlive this.
  BlobFolders(FileSystem& file_system, std::string root);

  /// Makes the folders, durably.
  Result<void> create();
  /// The ids of every blob file there is, shard by shard; names that are none are left alone. Errors: those of
  /// FileSystem, and of `visit`.
  template <class Visit>
  Result<void> for_each_blob(Visit visit) {
    for (int shard = 0; shard < kShards; ++shard) {
      TARN_TRY(const std::vector<Uuid> ids, list_shard(shard));
      for (const Uuid& id : ids) TARN_TRY_VOID(visit(id));
    }
    return {};
  }

  Result<std::unique_ptr<File>> create_blob(const Uuid& id);
  Result<std::unique_ptr<File>> open_blob(const Uuid& id);
  /// Makes the blob's name durable.
  Result<void> sync_folder_of(const Uuid& id);
  Result<void> remove_blob(const Uuid& id);

  std::string path_of(const Uuid& id) const;

 private:
  static constexpr int kShards = 16;  // few, since a start makes them all; a folder of 100,000 files is no burden
  static int shard_of(const Uuid& id);
  std::string shard_path(int shard) const;
  Result<std::vector<Uuid>> list_shard(int shard);

  FileSystem& file_system_;
  std::string root_;
};

/// Writes one blob file. Calls block; one caller at a time.
class BlobWriter {
 public:
  /// Makes the file. `expected_bytes`: room to ask for, 0 when the size is not known.
  static Result<BlobWriter> create(BlobFolders& folders, const Uuid& id, std::uint64_t expected_bytes);

  /// Writes what follows: kTransferBytes, or fewer the last time.
  Result<void> append(ByteView bytes);
  /// Writes the checksums, and returns when file and name are on the disk.
  Result<void> finish();

 private:
  BlobWriter(BlobFolders& folders, const Uuid& id, std::unique_ptr<File> file);

  BlobFolders* folders_;
  Uuid id_;
  std::unique_ptr<File> file_;
  std::uint64_t size_ = 0;
  std::vector<std::uint32_t> block_crcs_;  // 4 bytes for each 64 KiB: 320 KiB for the largest blob there may be
};

/// Reads one blob file. Calls block; one caller at a time.
class BlobReader {
 public:
  /// Errors: kCorrupt when the file is missing or is not of a blob of `size` bytes.
  static Result<BlobReader> open(BlobFolders& folders, const Uuid& id, std::uint64_t size);

  /// Reads whole blocks from number `first_block` on into `into`, as many as fit and are there, and verifies them.
  /// `into` has room for at least one. Returns how many bytes. Errors: kCorrupt; none of `into` may be used then.
  Result<std::size_t> read_blocks(std::uint64_t first_block, std::span<char> into);

 private:
  BlobReader(std::unique_ptr<File> file, std::string path, std::uint64_t size);
  Result<std::uint32_t> stored_crc(std::uint64_t block);

  std::unique_ptr<File> file_;
  std::string path_;
  std::uint64_t size_;
  // A window of the file's table of checksums, as it is there.
  std::uint64_t window_first_block_ = 0;
  std::vector<char> window_;
};

}  // namespace tarn::store
