#include <algorithm>
#include <array>

#include "base/crc.h"
#include "base/encoding.h"
#include "s3/checksum_internal.h"

namespace tarn::s3 {
namespace {

struct Entry {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::string_view header;
  std::size_t size_bytes;
};

/// In the order of ChecksumAlgorithm.
constexpr std::array<Entry, 5> kEntries = {{
    {ChecksumAlgorithm::kCrc32, "CRC32", "x-amz-checksum-crc32", 4},
    {ChecksumAlgorithm::kCrc32c, "CRC32C", "x-amz-checksum-crc32c", 4},
    {ChecksumAlgorithm::kCrc64Nvme, "CRC64NVME", "x-amz-checksum-crc64nvme", 8},
    {ChecksumAlgorithm::kSha1, "SHA1", "x-amz-checksum-sha1", 20},
    {ChecksumAlgorithm::kSha256, "SHA256", "x-amz-checksum-sha256", 32},
}};

const Entry& entry_of(ChecksumAlgorithm algorithm) {
  return kEntries[static_cast<std::size_t>(algorithm)];
}

std::optional<Digest> digest_for(ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::kCrc32:
    case ChecksumAlgorithm::kCrc32c:
    case ChecksumAlgorithm::kCrc64Nvme:
      return std::nullopt;
    case ChecksumAlgorithm::kSha1:
      return Digest(DigestAlgorithm::kSha1);
    case ChecksumAlgorithm::kSha256:
      return Digest(DigestAlgorithm::kSha256);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(ChecksumAlgorithm algorithm) {
  return entry_of(algorithm).name;
}

std::string_view header_of(ChecksumAlgorithm algorithm) {
  return entry_of(algorithm).header;
}

std::size_t size_of(ChecksumAlgorithm algorithm) {
  return entry_of(algorithm).size_bytes;
}

std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view name) {
  const auto to_lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (const Entry& entry : kEntries) {
    if (std::ranges::equal(name, entry.header, {}, to_lower)) return entry.algorithm;
  }
  return std::nullopt;
}

Checksum::Checksum(ChecksumAlgorithm algorithm) : algorithm_(algorithm), digest_(digest_for(algorithm)) {}

void Checksum::update(ByteView bytes) {
  switch (algorithm_) {
    case ChecksumAlgorithm::kCrc32:
      crc_ = extend_crc32(static_cast<std::uint32_t>(crc_), bytes);
      break;
    case ChecksumAlgorithm::kCrc32c:
      crc_ = extend_crc32c(static_cast<std::uint32_t>(crc_), bytes);
      break;
    case ChecksumAlgorithm::kCrc64Nvme:
      crc_ = extend_crc64nvme(crc_, bytes);
      break;
    case ChecksumAlgorithm::kSha1:
    case ChecksumAlgorithm::kSha256:
      digest_->update(bytes);
      break;
  }
}

std::string Checksum::finish() {
  if (digest_) return base64_encode(digest_->finish());
  Bytes big_endian;
  for (std::size_t i = size_of(algorithm_); i > 0; --i) {
    big_endian.push_back(static_cast<char>(crc_ >> ((i - 1) * 8) & 0xff));
  }
  return base64_encode(big_endian);
}

}  // namespace tarn::s3
