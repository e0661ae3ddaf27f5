#include "base/crc.h"

#include <cstddef>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace tarn {
namespace {

std::string bytes_counting(int first, int step, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(first + step * static_cast<int>(i)));
  return bytes;
}

std::string random_bytes(std::mt19937_64& random, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(random()));
  return bytes;
}

TEST(Crc32c, MatchesTheExamplesOfRfc3720) {
  EXPECT_EQ(extend_crc32c(0, std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(extend_crc32c(0, std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(extend_crc32c(0, bytes_counting(0, 1, 32)), 0x46dd794eU);
  EXPECT_EQ(extend_crc32c(0, bytes_counting(31, -1, 32)), 0x113fdb5cU);
  EXPECT_EQ(extend_crc32c(0, "123456789"), 0xe3069283U);
}

TEST(Crc32c, OfNothingIsWhatCameBefore) {
  EXPECT_EQ(extend_crc32c(0, ""), 0U);
  EXPECT_EQ(extend_crc32c(0xe3069283U, ""), 0xe3069283U);
}

TEST(Crc32c, InstructionAndTablesAgreeAtEveryLengthAndAlignment) {
  std::mt19937_64 random(7);
  const std::string bytes = random_bytes(random, 400);
  for (std::size_t start = 0; start < 16; ++start) {
    for (std::size_t size = 0; size < 300; ++size) {
      const ByteView part = ByteView(bytes).substr(start, size);
      ASSERT_EQ(extend_crc32c(0x12345678U, part), extend_crc32c_portable(0x12345678U, part)) << start << "+" << size;
    }
  }
}

TEST(Crc32, MatchesTheCatalogueAndKnownTexts) {
  EXPECT_EQ(extend_crc32(0, "123456789"), 0xcbf43926U);
  EXPECT_EQ(extend_crc32(0, "The quick brown fox jumps over the lazy dog"), 0x414fa339U);
}

TEST(Crc64Nvme, MatchesTheSpecificationsTestCases) {
  EXPECT_EQ(extend_crc64nvme(0, "123456789"), 0xae8b14860a799888U);
  EXPECT_EQ(extend_crc64nvme(0, std::string(4096, '\0')), 0x6482d367eb22b64eU);
  EXPECT_EQ(extend_crc64nvme(0, std::string(4096, '\xff')), 0xc0ddba7302eca3acU);
  EXPECT_EQ(extend_crc64nvme(0, bytes_counting(0, 1, 4096)), 0x3e729f5f6750449cU);
  EXPECT_EQ(extend_crc64nvme(0, bytes_counting(255, -1, 4096)), 0x9a2df64b8e9e517eU);
}

TEST(Crc, ExtendedPieceByPieceIsTheCrcOfTheWhole) {
  std::mt19937_64 random(11);
  const std::string bytes = random_bytes(random, 1000);
  std::uint32_t crc32c = 0;
  std::uint32_t crc32 = 0;
  std::uint64_t crc64 = 0;
  for (std::size_t at = 0, size = 0; at < bytes.size(); at += size, size = size % 23 + 1) {
    const ByteView piece = ByteView(bytes).substr(at, size);
    crc32c = extend_crc32c(crc32c, piece);
    crc32 = extend_crc32(crc32, piece);
    crc64 = extend_crc64nvme(crc64, piece);
  }

  EXPECT_EQ(crc32c, extend_crc32c(0, bytes));
  EXPECT_EQ(crc32, extend_crc32(0, bytes));
  EXPECT_EQ(crc64, extend_crc64nvme(0, bytes));
}

TEST(Crc, CombinedIsTheCrcOfBothJoined) {
  std::mt19937_64 random(13);
  const std::string bytes = random_bytes(random, 70'000);
  for (const std::size_t cut : {0UL, 1UL, 7UL, 4096UL, 65'535UL, 70'000UL}) {
    const ByteView a = ByteView(bytes).substr(0, cut);
    const ByteView b = ByteView(bytes).substr(cut);
    EXPECT_EQ(combine_crc32c(extend_crc32c(0, a), extend_crc32c(0, b), b.size()), extend_crc32c(0, bytes)) << cut;
    EXPECT_EQ(combine_crc32(extend_crc32(0, a), extend_crc32(0, b), b.size()), extend_crc32(0, bytes)) << cut;
    EXPECT_EQ(combine_crc64nvme(extend_crc64nvme(0, a), extend_crc64nvme(0, b), b.size()), extend_crc64nvme(0, bytes))
        << cut;
  }
}

}  // namespace
}  // namespace tarn
