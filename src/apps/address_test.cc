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

TEST(Address, KnowsTheLoopback) {
  for (const auto* host : {"127.0.0.1", "127.8.9.10", "::1", "localhost"}) {
    EXPECT_TRUE((Address{host, 1}.is_loopback())) << host;
  }
  for (const auto* host : {"0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "127.0.0.1.example", "localhost.example"}) {
    EXPECT_FALSE((Address{host, 1}.is_loopback())) << host;
  }
}

}  // namespace
}  // namespace tarn::apps
