#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/file_system_internal.h"
#include "store/store_folder_internal.h"

namespace tarn::store {
namespace {

constexpr int kFormatMajor = 1;
constexpr std::string_view kFormatText = "tarn-store 1.0\n";
constexpr std::string_view kFormatName = "tarn-store ";

/// Makes a folder and those above it, each with its name on the disk.
Result<void> make_folders(FileSystem& file_system, const std::filesystem::path& path) {
  std::error_code error;
  if (path.empty() || std::filesystem::exists(path, error)) return {};
  TARN_TRY_VOID(make_folders(file_system, path.parent_path()));
  TARN_TRY_VOID(file_system.make_folder(path.string()));
  return file_system.sync_folder(path.has_parent_path() ? path.parent_path().string() : ".");
}

/// Takes the lock of the folder. Returns its descriptor.
Result<int> take_lock(const std::string& path) {
  const std::string lock_path = path + "/LOCK";
  const int lock = ::open(lock_path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (lock < 0) return system_failure(errno, "open", lock_path);
  if (::flock(lock, LOCK_EX | LOCK_NB) == 0) {
    // For people and messages only.
    const std::string owner = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock, 0) == 0) std::ignore = ::write(lock, owner.data(), owner.size());
    return lock;
  }
  const int error_number = errno;
  std::array<char, 32> owner{};
  const ssize_t got = ::pread(lock, owner.data(), owner.size(), 0);
  ::close(lock);
  if (error_number != EWOULDBLOCK) return system_failure(error_number, "lock", lock_path);
  std::string process(owner.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  while (!process.empty() && process.back() == '\n') process.pop_back();
  return failure(ErrorCode::kConflict, path + " is in use by process " + (process.empty() ? "(unknown)" : process) +
                                           ": a store's folder belongs to one process at a time");
}

Result<void> write_format(FileSystem& file_system, const std::string& path, const std::string& format_path) {
  TARN_TRY(auto file, file_system.create(format_path));
  TARN_TRY_VOID(file->append(kFormatText));
  TARN_TRY_VOID(file->sync());
  return file_system.sync_folder(path);
}

Result<void> check_format(std::string_view text, const std::string& format_path) {
  int major = 0;
  if (text.starts_with(kFormatName)) {
    const std::string_view version = text.substr(kFormatName.size());
    std::from_chars(version.data(), version.data() + version.size(), major);
  }
  if (major < 1) return failure(ErrorCode::kCorrupt, format_path + " names no format of a store");
  if (major > kFormatMajor) {
    return failure(ErrorCode::kUnsupported, format_path + " says format " + std::to_string(major) +
                                                ", which a newer program wrote; this one knows " +
                                                std::to_string(kFormatMajor));
  }
  return {};
}

/// The FORMAT is on the disk before anything that it describes.
Result<void> settle_format(FileSystem& file_system, const std::string& path) {
  const std::string format_path = path + "/FORMAT";
  auto file = file_system.open(format_path);
  if (file) {
    std::array<char, 64> text{};
    TARN_TRY(const std::size_t size, (*file)->read_at(0, text));
    if (size > 0) return check_format({text.data(), size}, format_path);
    // A crash between making and writing it: then there is nothing else yet.
    TARN_TRY_VOID(file_system.remove(format_path));
  } else if (file.error().code != ErrorCode::kNotFound) {
    return std::unexpected(std::move(file).error());
  }
  std::error_code ignored;
  if (std::filesystem::exists(path + "/index", ignored)) {
    return failure(ErrorCode::kCorrupt, path + " holds an index, and no FORMAT that says how to read it");
  }
  return write_format(file_system, path, format_path);
}

}  // namespace

Result<StoreFolder> StoreFolder::open(const std::string& path) {
  PosixFileSystem file_system;
  TARN_TRY_VOID(make_folders(file_system, path));
  TARN_TRY(const int lock, take_lock(path));
  StoreFolder folder(path, lock);
  TARN_TRY_VOID(settle_format(file_system, path));
  return folder;
}

StoreFolder::StoreFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

StoreFolder::StoreFolder(StoreFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

StoreFolder::~StoreFolder() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace tarn::store
