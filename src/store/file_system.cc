#include <cerrno>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/file_system_internal.h"

namespace tarn::store {
namespace {

/// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

class PosixFile final : public File {
 public:
  PosixFile(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<void> reserve(std::uint64_t bytes) override {
    if (bytes == 0) return {};
    while (::fallocate(descriptor_.number(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) != 0) {
      if (errno == EINTR) continue;
      // Only a hint where the file system has no such call.
      if (errno == EOPNOTSUPP || errno == ENOSYS) return {};
      return system_failure(errno, "reserve room for", path_);
    }
    return {};
  }

  Result<void> append(ByteView bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_.number(), bytes.data(), bytes.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        return system_failure(errno, "write", path_);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    std::size_t filled = 0;
    while (filled < into.size()) {
      const ssize_t got = ::pread(descriptor_.number(), into.data() + filled, into.size() - filled,
                                  static_cast<off_t>(offset + filled));
      if (got < 0) {
        if (errno == EINTR) continue;
        return system_failure(errno, "read", path_);
      }
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    return filled;
  }

  Result<void> sync() override {
    if (::fdatasync(descriptor_.number()) != 0) return system_failure(errno, "sync", path_);
    return {};
  }

 private:
  Descriptor descriptor_;
  std::string path_;
};

Result<std::unique_ptr<File>> open_file(const std::string& path, int flags, std::string_view doing) {
  const int number = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (number < 0) return system_failure(errno, doing, path);
  return std::make_unique<PosixFile>(Descriptor(number), path);
}

}  // namespace

std::unexpected<Error> system_failure(int error_number, std::string_view doing, const std::string& path) {
  std::string message =
      std::string(doing) + " " + path + ": " + std::error_code(error_number, std::system_category()).message();
  switch (error_number) {
    case ENOENT:
      return failure(ErrorCode::kNotFound, std::move(message));
    case EEXIST:
      return failure(ErrorCode::kAlreadyExists, std::move(message));
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return failure(ErrorCode::kNoSpace, std::move(message));
    default:
      return failure(ErrorCode::kUnavailable, std::move(message));
  }
}

Result<std::unique_ptr<File>> PosixFileSystem::create(const std::string& path) {
  return open_file(path, O_CREAT | O_EXCL | O_RDWR, "create");
}

Result<std::unique_ptr<File>> PosixFileSystem::open(const std::string& path) {
  return open_file(path, O_RDONLY, "open");
}

Result<void> PosixFileSystem::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return system_failure(errno, "remove", path);
  return {};
}

Result<void> PosixFileSystem::make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0) return {};
  const int error_number = errno;
  struct stat status{};
  if (error_number == EEXIST && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
  return system_failure(error_number, "make folder", path);
}

Result<std::vector<std::string>> PosixFileSystem::list(const std::string& path) {
  DIR* const folder = ::opendir(path.c_str());
  if (folder == nullptr) return system_failure(errno, "list", path);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* const entry = ::readdir(folder)) {  // NOLINT(concurrency-mt-unsafe): the stream is ours alone
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  const int error_number = errno;
  ::closedir(folder);
  if (error_number != 0) return system_failure(error_number, "list", path);
  return names;
}

Result<void> PosixFileSystem::sync_folder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number() < 0) return system_failure(errno, "open", path);
  if (::fsync(folder.number()) != 0) return system_failure(errno, "sync", path);
  return {};
}

Result<std::uint64_t> PosixFileSystem::free_bytes(const std::string& path) {
  struct statvfs status{};
  if (::statvfs(path.c_str(), &status) != 0) return system_failure(errno, "measure", path);
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace tarn::store
