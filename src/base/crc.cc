#include "base/crc.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace tarn {
namespace {

static_assert(std::endian::native == std::endian::little, "the sliced tables index the low byte first");

// Polynomials bit-reversed: all three algorithms shift to the right.
constexpr std::uint32_t kCrc32cPolynomial = 0x82f63b78;
constexpr std::uint32_t kCrc32Polynomial = 0xedb88320;
constexpr std::uint64_t kCrc64NvmePolynomial = 0x9a6c9329ac4bc9b5;

constexpr std::size_t kSlices = 8;

/// tables[s][b]: what byte b contributes when s further bytes follow it ("slicing by 8", Kounavis and Berry 2005).
template <class Word>
using SlicingTables = std::array<std::array<Word, 256>, kSlices>;

template <class Word>
constexpr SlicingTables<Word> make_tables(Word polynomial) {
  SlicingTables<Word> tables{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    Word crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t slice = 1; slice < kSlices; ++slice) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      const Word shorter = tables[slice - 1][byte];
      tables[slice][byte] = (shorter >> 8) ^ tables[0][shorter & 0xff];
    }
  }
  return tables;
}

constexpr auto kCrc32cTables = make_tables(kCrc32cPolynomial);
constexpr auto kCrc32Tables = make_tables(kCrc32Polynomial);
constexpr auto kCrc64NvmeTables = make_tables(kCrc64NvmePolynomial);

template <class Word>
Word extend_by_tables(const SlicingTables<Word>& tables, Word crc, ByteView bytes) {
  crc = ~crc;
  const char* next = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= kSlices; next += kSlices, left -= kSlices) {
    std::uint64_t word = 0;
    std::memcpy(&word, next, sizeof(word));
    word ^= crc;
    crc = 0;
    for (std::size_t i = 0; i < kSlices; ++i) crc ^= tables[kSlices - 1 - i][word >> (8 * i) & 0xff];
  }
  for (; left > 0; ++next, --left) crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(*next)) & 0xff];
  return ~crc;
}

/// a * b modulo the polynomial; the highest bit stands for x^0.
template <class Word>
constexpr Word multiply(Word a, Word b, Word polynomial) {
  Word product = 0;
  for (Word bit = Word{1} << (sizeof(Word) * 8 - 1); bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = (b >> 1) ^ ((b & 1) != 0 ? polynomial : 0);
  }
  return product;
}

/// crc_of_a * x^(8 size_of_b) + crc_of_b: appending bytes multiplies by x^8 each, and the inversions cancel out.
template <class Word>
constexpr Word combine(Word crc_of_a, Word crc_of_b, std::uint64_t size_of_b_bytes, Word polynomial) {
  Word shift = Word{1} << (sizeof(Word) * 8 - 1);   // x^0
  Word square = Word{1} << (sizeof(Word) * 8 - 9);  // x^8, then x^16, x^32, ...
  for (std::uint64_t left = size_of_b_bytes; left != 0; left >>= 1) {
    if ((left & 1) != 0) shift = multiply(shift, square, polynomial);
    square = multiply(square, square, polynomial);
  }
  return multiply(crc_of_a, shift, polynomial) ^ crc_of_b;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t extend_crc32c_sse42(std::uint32_t crc, ByteView bytes) {
  std::uint64_t wide = ~crc;
  const char* next = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; next += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, next, sizeof(word));
    wide = _mm_crc32_u64(wide, word);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (; left > 0; ++next, --left) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*next));
  return ~narrow;
}
#endif

}  // namespace

std::uint32_t extend_crc32c(std::uint32_t crc, ByteView bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return extend_crc32c_sse42(crc, bytes);
#endif
  return extend_crc32c_portable(crc, bytes);
}

std::uint32_t extend_crc32c_portable(std::uint32_t crc, ByteView bytes) {
  return extend_by_tables(kCrc32cTables, crc, bytes);
}

std::uint32_t extend_crc32(std::uint32_t crc, ByteView bytes) {
  return extend_by_tables(kCrc32Tables, crc, bytes);
}

std::uint64_t extend_crc64nvme(std::uint64_t crc, ByteView bytes) {
  return extend_by_tables(kCrc64NvmeTables, crc, bytes);
}

std::uint32_t combine_crc32c(std::uint32_t crc_of_a, std::uint32_t crc_of_b, std::uint64_t size_of_b_bytes) {
  return combine(crc_of_a, crc_of_b, size_of_b_bytes, kCrc32cPolynomial);
}

std::uint32_t combine_crc32(std::uint32_t crc_of_a, std::uint32_t crc_of_b, std::uint64_t size_of_b_bytes) {
  return combine(crc_of_a, crc_of_b, size_of_b_bytes, kCrc32Polynomial);
}

std::uint64_t combine_crc64nvme(std::uint64_t crc_of_a, std::uint64_t crc_of_b, std::uint64_t size_of_b_bytes) {
  return combine(crc_of_a, crc_of_b, size_of_b_bytes, kCrc64NvmePolynomial);
}

}  // namespace tarn
