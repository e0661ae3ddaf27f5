#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"

namespace tarn::s3 {

/// The checksums that clients send along with a body (Amazon S3 user guide, "Checking object integrity").
enum class ChecksumAlgorithm : std::uint8_t { kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256 };

/// "CRC64NVME", as S3's headers and documents name it.
std::string_view name_of(ChecksumAlgorithm algorithm);
/// "x-amz-checksum-crc64nvme".
std::string_view header_of(ChecksumAlgorithm algorithm);
/// The algorithm of a header or trailer of that name, in any case.
std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view name);
/// How many bytes its value has, before base64.
std::size_t size_of(ChecksumAlgorithm algorithm);

/// A checksum computed piece by piece. Not thread-safe.
class Checksum {
 public:
  explicit Checksum(ChecksumAlgorithm algorithm);

  ChecksumAlgorithm algorithm() const { return algorithm_; }
  void update(ByteView bytes);
  /// In base64, as on the wire (CRCs big-endian). Once.
  std::string finish();

 private:
  ChecksumAlgorithm algorithm_;
  std::uint64_t crc_ = 0;
  std::optional<Digest> digest_;
};

}  // namespace tarn::s3
