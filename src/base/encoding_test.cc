#include "base/encoding.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace tarn {
namespace {

using namespace std::string_literals;

std::string all_bytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST(Hex, RoundTripsEveryByte) {
  EXPECT_EQ(hex_encode("\x00\x7f\xff"s), "007fff");
  EXPECT_EQ(hex_decode(hex_encode(all_bytes())), all_bytes());
  EXPECT_EQ(hex_decode("AbCd"), "\xab\xcd"s);
  EXPECT_EQ(hex_decode(""), ""s);
}

TEST(Hex, RefusesOddLengthsAndOtherCharacters) {
  for (const auto* text : {"a", "abc", "0g", "0x", " 0", "-1"}) EXPECT_FALSE(hex_decode(text)) << text;
}

TEST(Base64, MatchesRfc4648Section10) {
  const struct {
    std::string_view bytes, text;
  } cases[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"}};
  for (const auto& c : cases) {
    EXPECT_EQ(base64_encode(c.bytes), c.text);
    EXPECT_EQ(base64_decode(c.text), c.bytes) << c.text;
  }
}

TEST(Base64, RoundTripsEveryByteAtEveryRemainder) {
  for (std::size_t size = 253; size <= 256; ++size) {
    const std::string bytes = all_bytes().substr(256 - size);
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes) << size;
  }
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const auto* text : {"Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm9v=", "Zg==Zg==", "Z=g=", "Zm 9", "Zm9\n",
                           "Zh==", "Zm9=", "Zm-_", "Zm9v\xc3"}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

TEST(PercentEncode, LeavesUnreservedCharactersAlone) {
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

  EXPECT_EQ(percent_encode(kUnreserved), kUnreserved);
  EXPECT_EQ(percent_encode(" +*/'!()%\x01\xc3\xa9"), "%20%2B%2A%2F%27%21%28%29%25%01%C3%A9");
}

TEST(PercentEncode, OfAPathKeepsItsSlashes) {
  EXPECT_EQ(percent_encode_path("/a b/../c%2Fd//"), "/a%20b/../c%252Fd//");
  EXPECT_EQ(percent_encode_path(""), "");
}

TEST(PercentDecode, InvertsEncoding) {
  EXPECT_EQ(percent_decode(percent_encode(all_bytes())), all_bytes());
  EXPECT_EQ(percent_decode("a+b%20c%2fd%2F"), "a+b c/d/");
}

TEST(PercentDecode, RefusesAnEscapeThatIsCutOrNoHexadecimal) {
  for (const auto* text : {"%", "%2", "a%2", "%%20", "%g0", "%0g", "% 0", "%+1"}) {
    EXPECT_FALSE(percent_decode(text)) << text;
  }
}

TEST(JsonQuote, EscapesWhatJsonMustAndTerminalsShould) {
  EXPECT_EQ(json_quote(""), R"("")");
  EXPECT_EQ(json_quote("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(json_quote("\n\r\t\b\x1b\x7f\0"s), R"("\n\r\t\u0008\u001b\u007f\u0000")");
  EXPECT_EQ(json_quote("donn\u00e9es \U0001f600"), "\"donn\u00e9es \U0001f600\"");
}

TEST(JsonQuote, ReplacesWhatIsNoUtf8ByteByByte) {
  EXPECT_EQ(json_quote("a\xff\xc3z"), R"("a\ufffd\ufffdz")");
  EXPECT_EQ(json_quote("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");
}

TEST(Utf8, AcceptsTheEdgesOfEachLength) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("\0", 1), std::string_view("\x7f"), std::string_view("\xc2\x80"),
        std::string_view("\xdf\xbf"), std::string_view("\xe0\xa0\x80"), std::string_view("\xed\x9f\xbf"),
        std::string_view("\xee\x80\x80"), std::string_view("\xef\xbf\xbf"), std::string_view("\xf0\x90\x80\x80"),
        std::string_view("\xf4\x8f\xbf\xbf")}) {
    EXPECT_TRUE(is_valid_utf8(text)) << hex_encode(text);
  }
}

TEST(Utf8, RefusesOverlongSurrogateCutAndTooHigh) {
  for (const std::string_view text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2 ", "\xe0\x9f\xbf", "\xe1\x80", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf1\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "ok\xfe"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << hex_encode(text);
  }
}

}  // namespace
}  // namespace tarn
