#include <gtest/gtest.h>

#include "base/encoding.h"
#include "s3/checksum_internal.h"

namespace tarn::s3 {
namespace {

constexpr ChecksumAlgorithm kAll[] = {ChecksumAlgorithm::kCrc32, ChecksumAlgorithm::kCrc32c,
                                      ChecksumAlgorithm::kCrc64Nvme, ChecksumAlgorithm::kSha1,
                                      ChecksumAlgorithm::kSha256};

std::string checksum(ChecksumAlgorithm algorithm, std::string_view bytes) {
  Checksum checksum(algorithm);
  checksum.update(bytes.substr(0, bytes.size() / 2));
  checksum.update(bytes.substr(bytes.size() / 2));
  return checksum.finish();
}

TEST(Checksum, KnowsTheCatalogueValuesOfItsAlgorithms) {
  // The check values of Greg Cook's catalogue and RFC 3174/6234, over "123456789".
  EXPECT_EQ(checksum(ChecksumAlgorithm::kCrc32, "123456789"), base64_encode(*hex_decode("cbf43926")));
  EXPECT_EQ(checksum(ChecksumAlgorithm::kCrc32c, "123456789"), base64_encode(*hex_decode("e3069283")));
  EXPECT_EQ(checksum(ChecksumAlgorithm::kCrc64Nvme, "123456789"), base64_encode(*hex_decode("ae8b14860a799888")));
  EXPECT_EQ(checksum(ChecksumAlgorithm::kSha1, "123456789"), "98O8HYCOBHMq32eZZczDTKeuNEE=");
  EXPECT_EQ(checksum(ChecksumAlgorithm::kSha256, "123456789"), "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=");
}

TEST(Checksum, HeadersAndSizesBelongToTheirAlgorithms) {
  for (const ChecksumAlgorithm algorithm : kAll) {
    EXPECT_EQ(checksum_of_header(header_of(algorithm)), algorithm);
    EXPECT_EQ(base64_decode(checksum(algorithm, ""))->size(), size_of(algorithm)) << name_of(algorithm);
  }
  EXPECT_EQ(checksum_of_header("X-Amz-Checksum-CRC32C"), ChecksumAlgorithm::kCrc32c);
  EXPECT_EQ(checksum_of_header("x-amz-checksum-type"), std::nullopt);
}

}  // namespace
}  // namespace tarn::s3
