#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace tarn {

// Cyclic redundancy checks, incremental: begin with 0 and pass each result on with the bytes that follow, so
// extend_crc32c(extend_crc32c(0, a), b) is the CRC of a and b joined. Big-endian on the wire, as S3 sends them.
// Parameters as in Greg Cook's catalogue of parametrised CRC algorithms.

/// CRC-32/ISCSI (Castagnoli; RFC 3720 appendix B.4). By the CPU's instruction where it has SSE 4.2.
std::uint32_t extend_crc32c(std::uint32_t crc, ByteView bytes);
/// CRC-32/ISO-HDLC: zlib's and PNG's.
std::uint32_t extend_crc32(std::uint32_t crc, ByteView bytes);
/// CRC-64/NVME (NVM Command Set Specification 1.0c section 5.2.1.3.4).
std::uint64_t extend_crc64nvme(std::uint64_t crc, ByteView bytes);

/// The CRC of a and b joined from the CRCs of each, in O(log size_of_b): what a multipart upload's checksum needs.
std::uint32_t combine_crc32c(std::uint32_t crc_of_a, std::uint32_t crc_of_b, std::uint64_t size_of_b_bytes);
std::uint32_t combine_crc32(std::uint32_t crc_of_a, std::uint32_t crc_of_b, std::uint64_t size_of_b_bytes);
std::uint64_t combine_crc64nvme(std::uint64_t crc_of_a, std::uint64_t crc_of_b, std::uint64_t size_of_b_bytes);

/// CRC32C without the CPU's instruction, for the test that both agree.
std::uint32_t extend_crc32c_portable(std::uint32_t crc, ByteView bytes);

}  // namespace tarn
