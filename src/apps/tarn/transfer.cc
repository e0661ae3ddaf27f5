#include "apps/tarn/transfer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tarn::apps {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr std::uint64_t kLeastPartBytes = 64ULL << 20;

std::unexpected<Error> cannot(const char* what, const std::filesystem::path& file, int cause) {
  const ErrorCode code = cause == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
  return failure(code, fmt::format("cannot {} {}: {}", what, file.string(), std::strerror(cause)));
}

/// An open file and its name, for messages.
class File {
 public:
  static Result<std::shared_ptr<File>> open(std::filesystem::path path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    if (descriptor < 0) return cannot("open", path, errno);
    return std::make_shared<File>(std::move(path), descriptor);
  }
  File(std::filesystem::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(descriptor_); }

  /// Errors: kInvalidArgument when it is no regular file.
  Result<std::uint64_t> size() const {
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0) return cannot("read", path_, errno);
    if (!S_ISREG(status.st_mode)) {
      return failure(ErrorCode::kInvalidArgument, path_.string() + " is not a regular file");
    }
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<std::size_t> read_at(char* into, std::size_t size, std::uint64_t offset) const {
    while (true) {
      const ssize_t got = ::pread(descriptor_, into, size, static_cast<off_t>(offset));
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return cannot("read", path_, errno);
    }
  }

  Result<void> write(ByteView bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return cannot("write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
  const int descriptor_;
};

/// A section of a file as a stream.
class FileSource final : public async::ByteSource {
 public:
  /// `file` is shared by the sources of all its parts.
  FileSource(std::shared_ptr<const File> file, async::ThreadPool& files, ProgressBar& progress, std::uint64_t offset,
             std::uint64_t size)
      : file_(std::move(file)), files_(files), progress_(progress), offset_(offset), size_(size), left_(size) {}

  Task<ByteView> next() override {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kPieceBytes));
    if (wanted == 0) co_return ByteView();
    piece_.resize(kPieceBytes);
    TARN_CO_TRY(const std::size_t got, co_await async::offload(files_, [this, wanted] {
                  return file_->read_at(piece_.data(), wanted, offset_);
                }));
    if (got == 0) {
      co_return failure(ErrorCode::kUnavailable, file_->path().string() + " became shorter while it was read");
    }
    offset_ += got;
    left_ -= got;
    progress_.advance(got);
    co_return ByteView(piece_).substr(0, got);
  }

  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  std::shared_ptr<const File> file_;
  async::ThreadPool& files_;
  ProgressBar& progress_;
  std::uint64_t offset_;
  const std::uint64_t size_;
  std::uint64_t left_;
  Bytes piece_;
};

std::string content_type_of(const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  if (extension == ".parquet") return "application/vnd.apache.parquet";
  if (extension == ".csv") return "text/csv";
  if (extension == ".json") return "application/json";
  return "application/octet-stream";
}

/// What an upload reads from.
struct Input {
  std::shared_ptr<const File> file;
  std::uint64_t size;
  async::ThreadPool& files;
  ProgressBar& progress;

  std::unique_ptr<FileSource> section(std::uint64_t offset, std::uint64_t length) const {
    return std::make_unique<FileSource>(file, files, progress, offset, length);
  }
};

Task<std::vector<store::CompletedPart>> upload_parts(store::BucketStore& store, store::ObjectKey key,
                                                     std::string upload_id, Input input, std::uint64_t part_bytes) {
  std::vector<store::CompletedPart> parts;
  for (std::uint64_t offset = 0; offset < input.size; offset += part_bytes) {
    const int number = static_cast<int>(parts.size()) + 1;
    auto body = input.section(offset, std::min(part_bytes, input.size - offset));
    TARN_CO_TRY(const store::PartSummary part,
                co_await store.upload_part(key, upload_id, number, std::move(body), Deadline::never()));
    parts.push_back({.number = number, .etag = part.etag});
  }
  co_return parts;
}

Task<store::ObjectSummary> upload_multipart(store::BucketStore& store, store::ObjectKey key, Input input,
                                            store::PutOptions options, std::uint64_t part_bytes) {
  TARN_CO_TRY(const std::string upload_id, co_await store.create_upload(key, std::move(options), Deadline::never()));
  auto parts = co_await upload_parts(store, key, upload_id, std::move(input), part_bytes);
  if (!parts) {
    // What went wrong matters more than whether its parts could be given back.
    [[maybe_unused]] const auto aborted = co_await store.abort_upload(key, upload_id, Deadline::never());
    co_return std::unexpected(std::move(parts).error());
  }
  co_return co_await store.complete_upload(key, upload_id, *std::move(parts), store::PutCondition::none(),
                                           Deadline::never());
}

Task<store::ObjectSummary> upload_once(store::BucketStore& store, store::ObjectKey key, Input input,
                                       std::uint64_t single_put_bytes) {
  store::PutOptions options;
  options.headers.content_type = content_type_of(input.file->path());
  if (input.size <= single_put_bytes) {
    auto body = input.section(0, input.size);
    co_return co_await store.put_object(std::move(key), std::move(body), std::move(options), Deadline::never());
  }
  const std::uint64_t fewest_bytes = (input.size + store::kMaxPartNumber - 1) / store::kMaxPartNumber;
  const std::uint64_t part_bytes = std::max(std::min(kLeastPartBytes, single_put_bytes), fewest_bytes);
  co_return co_await upload_multipart(store, std::move(key), std::move(input), std::move(options), part_bytes);
}

}  // namespace

Task<store::ObjectSummary> upload_file(store::BucketStore& store, async::ThreadPool& files, store::ObjectKey key,
                                       std::filesystem::path path, ProgressBar& progress,
                                       std::uint64_t single_put_bytes) {
  TARN_CO_TRY(const std::shared_ptr<const File> file, File::open(std::move(path), O_RDONLY));
  TARN_CO_TRY(const std::uint64_t size, file->size());
  const Input input{file, size, files, progress};
  auto stored = co_await upload_once(store, key, input, single_put_bytes);
  const bool is_bucket_missing = !stored && stored.error().reason == store::kNoSuchBucket;
  if (!is_bucket_missing) co_return stored;

  const auto made = co_await store.create_bucket(key.bucket, Deadline::never());
  if (!made && made.error().code != ErrorCode::kAlreadyExists) co_return std::unexpected(made.error());
  co_return co_await upload_once(store, key, input, single_put_bytes);
}

Task<std::uint64_t> download_file(store::BucketStore& store, async::ThreadPool& files, store::ObjectKey key,
                                  std::filesystem::path path, ProgressBar& progress, Deadline deadline) {
  TARN_CO_TRY(const store::ObjectReader reader, co_await store.get(std::move(key), store::ByteRange::all(), deadline));
  const std::filesystem::path aside = path.string() + ".part";
  TARN_CO_TRY(const std::shared_ptr<const File> file, File::open(aside, O_WRONLY | O_CREAT | O_TRUNC));
  Result<void> written;
  while (written) {
    const Result<ByteView> piece = co_await reader.body->next();
    if (!piece) written = std::unexpected(piece.error());
    if (!piece || piece->empty()) break;
    const ByteView bytes = *piece;
    written = co_await async::offload(files, [&file, bytes] { return file->write(bytes); });
    progress.advance(bytes.size());
  }
  if (written && std::rename(aside.c_str(), path.c_str()) != 0) written = cannot("write", path, errno);
  if (!written) {
    std::remove(aside.c_str());
    co_return std::unexpected(std::move(written).error());
  }
  co_return reader.range.length;
}

Task<std::uint64_t> download_to(store::BucketStore& store, store::ObjectKey key, std::ostream& out, Deadline deadline) {
  TARN_CO_TRY(const store::ObjectReader reader, co_await store.get(std::move(key), store::ByteRange::all(), deadline));
  while (true) {
    TARN_CO_TRY(const ByteView piece, co_await reader.body->next());
    if (piece.empty()) break;
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (!out) co_return failure(ErrorCode::kUnavailable, "cannot write to standard output");
  }
  co_return reader.range.length;
}

}  // namespace tarn::apps
