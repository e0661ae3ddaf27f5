#include "apps/address.h"

#include <gtest/gtest.h>

namespace tarn::apps {
namespace {

TEST(Address, ReadsHostsAndPorts) {
  EXPECT_EQ(Address::parse("127.0.0.1:9000"), (Address{"127.0.0.1", 9000}));
  EXPECT_EQ(Address::parse("localhost:0"), (Address{"localhost", 0}));
  EXPECT_EQ(Address::parse("[::1]:65535"), (Address{"::1", 65535}));
}

TEST(Address, WritesWhatItReads) {
  for (const auto* text : {"127.0.0.1:9000", "[::1]:9000", "store.example:443"}) {
    EXPECT_EQ(Address::parse(text)->to_string(), text);
  }
}

TEST(Address, RefusesEverythingElse) {
  for (const auto* text :
       {"", ":", "9000", "127.0.0.1", "127.0.0.1:", ":9000", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:90x",
        "127.0.0.1: 90", "::1:9000", "[::1]", "[]:9000", "http://127.0.0.1:9000", "a b:9000"}) {
    EXPECT_FALSE(Address::parse(text)) << text;
  }
}

TEST(Url, ReadsOriginsAndCutsTheirSlash) {
  EXPECT_EQ(Url::parse("http://127.0.0.1:9000")->text, "http://127.0.0.1:9000");
  EXPECT_EQ(Url::parse("https://s3.example/")->text, "https://s3.example");
  EXPECT_EQ(Url::parse("http://[::1]:9000")->text, "http://[::1]:9000");
}

TEST(Url, RefusesEverythingElse) {
  for (const auto* text : {"", "http://", "http:///", "https://", "127.0.0.1:9000", "ftp://127.0.0.1", "HTTP://h",
                           "http://h/path", "http://h?q", "http://user@h", "http://a b", "s3://bucket"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
}

}  // namespace
}  // namespace tarn::apps
