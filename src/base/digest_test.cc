#include "base/digest.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/random.h"

namespace tarn {
namespace {

TEST(Digest, MatchesKnownVectors) {
  EXPECT_EQ(hex_encode(md5("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex_encode(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex_encode(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_encode(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Digest sha1(DigestAlgorithm::kSha1);
  sha1.update("abc");
  EXPECT_EQ(hex_encode(sha1.finish()), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Digest, InPiecesIsTheDigestOfTheWhole) {
  Digest digest(DigestAlgorithm::kSha256);
  digest.update("a");
  digest.update("");
  Digest moved = std::move(digest);
  moved.update("bc");

  EXPECT_EQ(moved.finish(), sha256("abc"));
}

TEST(HmacSha256, MatchesRfc4231) {
  const struct {
    std::string key, message, expected;
  } cases[] = {
      {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {*hex_decode("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed "
       "before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const auto& c : cases) EXPECT_EQ(hex_encode(hmac_sha256(c.key, c.message)), c.expected) << c.message;
}

TEST(HmacSha256, TakesAKeyOfExactlyOneBlock) {
  // Computed with Python: hmac.new(b"k" * 64, b"m", "sha256").hexdigest()
  EXPECT_EQ(hex_encode(hmac_sha256(std::string(64, 'k'), "m")),
            "3b7a8d453e76edb519238a515105a57508d0f169f480ebeee120a9e7803289fa");
}

TEST(EqualConstantTime, ComparesBytesAndLengths) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_constant_time("secret", "secret "));
  EXPECT_FALSE(equal_constant_time(std::string(1, '\0'), ""));
}

TEST(SystemRandom, FillsDifferentlyEachTime) {
  SystemRandom random;
  unsigned char a[16] = {};
  unsigned char b[16] = {};

  random.fill(a);
  random.fill(b);

  EXPECT_FALSE(std::equal(std::begin(a), std::end(a), std::begin(b)));
}

}  // namespace
}  // namespace tarn
