#include <algorithm>
#include <array>
#include <utility>

#include "base/crc.h"
#include "base/encoding.h"
#include "store/blob_files_internal.h"

namespace tarn::store {
namespace {

constexpr std::size_t kCrcBytes = 4;
/// How much of the table of checksums a reader holds: that of 64 MiB.
constexpr std::uint64_t kWindowBlocks = 1024;

// The footer: the table's CRC32C, the format's version, the size of the blob, and the magic.
constexpr std::size_t kFooterBytes = 24;
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::string_view kMagic = "TARNBLOB";

void append_little_endian(Bytes& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

std::uint64_t read_little_endian(const char* at, int bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  return value;
}

std::uint64_t block_count_of(std::uint64_t size) {
  return (size + kBlockBytes - 1) / kBlockBytes;
}

std::string name_of(const Uuid& id) {
  return hex_encode({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
}

}  // namespace

BlobFolders::BlobFolders(FileSystem& file_system, std::string root)
    : file_system_(file_system), root_(std::move(root)) {}

int BlobFolders::shard_of(const Uuid& id) {
  return id.bytes.back() % kShards;  // of a version 7 UUID the first bytes are time, the last are random
}

std::string BlobFolders::shard_path(int shard) const {
  return root_ + "/" + "0123456789abcdef"[shard];
}

std::string BlobFolders::path_of(const Uuid& id) const {
  return shard_path(shard_of(id)) + "/" + name_of(id);
}

Result<void> BlobFolders::create() {
  TARN_TRY_VOID(file_system_.make_folder(root_));
  for (int shard = 0; shard < kShards; ++shard) TARN_TRY_VOID(file_system_.make_folder(shard_path(shard)));
  return file_system_.sync_folder(root_);
}

Result<std::vector<Uuid>> BlobFolders::list_shard(int shard) {
  TARN_TRY(const std::vector<std::string> names, file_system_.list(shard_path(shard)));
  std::vector<Uuid> ids;
  for (const std::string& name : names) {
    const auto raw = hex_decode(name);
    Uuid id;
    if (!raw || raw->size() != id.bytes.size()) continue;
    std::copy_n(raw->begin(), raw->size(), reinterpret_cast<char*>(id.bytes.data()));
    if (shard_of(id) == shard && name_of(id) == name) ids.push_back(id);
  }
  return ids;
}

Result<std::unique_ptr<File>> BlobFolders::create_blob(const Uuid& id) {
  return file_system_.create(path_of(id));
}

Result<std::unique_ptr<File>> BlobFolders::open_blob(const Uuid& id) {
  return file_system_.open(path_of(id));
}

Result<void> BlobFolders::sync_folder_of(const Uuid& id) {
  return file_system_.sync_folder(shard_path(shard_of(id)));
}

Result<void> BlobFolders::remove_blob(const Uuid& id) {
  return file_system_.remove(path_of(id));
}

BlobWriter::BlobWriter(BlobFolders& folders, const Uuid& id, std::unique_ptr<File> file)
    : folders_(&folders), id_(id), file_(std::move(file)) {}

Result<BlobWriter> BlobWriter::create(BlobFolders& folders, const Uuid& id, std::uint64_t expected_bytes) {
  TARN_TRY(auto file, folders.create_blob(id));
  if (expected_bytes > 0) {
    TARN_TRY_VOID(file->reserve(expected_bytes + block_count_of(expected_bytes) * kCrcBytes + kFooterBytes));
  }
  return BlobWriter(folders, id, std::move(file));
}

Result<void> BlobWriter::append(ByteView bytes) {
  TARN_ASSERT(size_ % kTransferBytes == 0 && bytes.size() <= kTransferBytes);
  for (std::size_t at = 0; at < bytes.size(); at += kBlockBytes) {
    block_crcs_.push_back(extend_crc32c(0, bytes.substr(at, kBlockBytes)));
  }
  size_ += bytes.size();
  return file_->append(bytes);
}

Result<void> BlobWriter::finish() {
  Bytes tail;
  tail.reserve(block_crcs_.size() * kCrcBytes + kFooterBytes);
  for (const std::uint32_t crc : block_crcs_) append_little_endian(tail, crc, kCrcBytes);
  const std::uint32_t crc_of_table = extend_crc32c(0, tail);
  append_little_endian(tail, crc_of_table, 4);
  append_little_endian(tail, kFormatVersion, 4);
  append_little_endian(tail, size_, 8);
  tail.append(kMagic);
  TARN_TRY_VOID(file_->append(tail));
  TARN_TRY_VOID(file_->sync());
  file_.reset();
  return folders_->sync_folder_of(id_);
}

BlobReader::BlobReader(std::unique_ptr<File> file, std::string path, std::uint64_t size)
    : file_(std::move(file)), path_(std::move(path)), size_(size) {}

Result<BlobReader> BlobReader::open(BlobFolders& folders, const Uuid& id, std::uint64_t size) {
  const std::string path = folders.path_of(id);
  auto file = folders.open_blob(id);
  if (!file) {
    if (file.error().code != ErrorCode::kNotFound) return std::unexpected(std::move(file).error());
    return failure(ErrorCode::kCorrupt, "the index refers to " + path + ", which is missing");
  }
  std::array<char, kFooterBytes> footer{};
  TARN_TRY(const std::size_t got, (*file)->read_at(size + block_count_of(size) * kCrcBytes, footer));
  const bool is_blob = got == footer.size() &&
                       std::string_view(footer.data() + footer.size() - kMagic.size(), kMagic.size()) == kMagic &&
                       read_little_endian(footer.data() + 8, 8) == size;
  if (!is_blob) {
    return failure(ErrorCode::kCorrupt, path + " is not a blob of " + std::to_string(size) + " bytes");
  }
  if (const auto version = read_little_endian(footer.data() + 4, 4); version != kFormatVersion) {
    return failure(ErrorCode::kUnsupported, path + " has version " + std::to_string(version) + "; this program knows " +
                                                std::to_string(kFormatVersion));
  }
  return BlobReader(*std::move(file), path, size);
}

Result<std::uint32_t> BlobReader::stored_crc(std::uint64_t block) {
  const bool is_in_window =
      block >= window_first_block_ && (block - window_first_block_ + 1) * kCrcBytes <= window_.size();
  if (!is_in_window) {
    const std::uint64_t count = std::min(kWindowBlocks, block_count_of(size_) - block);
    window_.resize(static_cast<std::size_t>(count) * kCrcBytes);
    window_first_block_ = block;
    auto got = file_->read_at(size_ + block * kCrcBytes, window_);
    if (!got || *got != window_.size()) window_.clear();
    if (!got) return std::unexpected(std::move(got).error());
    if (window_.empty()) return failure(ErrorCode::kCorrupt, path_ + " ends within its checksums");
  }
  const std::size_t at = static_cast<std::size_t>(block - window_first_block_) * kCrcBytes;
  return static_cast<std::uint32_t>(read_little_endian(window_.data() + at, kCrcBytes));
}

Result<std::size_t> BlobReader::read_blocks(std::uint64_t first_block, std::span<char> into) {
  TARN_ASSERT(first_block < block_count_of(size_) && into.size() >= std::min<std::uint64_t>(kBlockBytes, size_));
  const std::uint64_t offset = first_block * kBlockBytes;
  const std::uint64_t rest = size_ - offset;
  std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(rest, into.size()));
  if (wanted < rest) wanted -= wanted % kBlockBytes;  // whole blocks, or the end
  TARN_TRY(const std::size_t got, file_->read_at(offset, into.first(wanted)));
  if (got != wanted) return failure(ErrorCode::kCorrupt, path_ + " is shorter than its blob");
  for (std::size_t at = 0; at < wanted; at += kBlockBytes) {
    const std::uint64_t block = first_block + at / kBlockBytes;
    const ByteView bytes(into.data() + at, std::min(kBlockBytes, wanted - at));
    TARN_TRY(const std::uint32_t expected, stored_crc(block));
    if (extend_crc32c(0, bytes) != expected) {
      return failure(ErrorCode::kCorrupt, path_ + " fails its checksum in block " + std::to_string(block));
    }
  }
  return wanted;
}

}  // namespace tarn::store
