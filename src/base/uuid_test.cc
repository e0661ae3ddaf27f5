#include "base/uuid.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "base/random.h"

namespace tarn {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kDatasetNamespace = "a8f3c1d2-4e5b-5a6c-9d8e-7f0a1b2c3d4e";

/// Always the same byte.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(unsigned char byte) : byte_(byte) {}
  void fill(std::span<unsigned char> bytes) override { std::fill(bytes.begin(), bytes.end(), byte_); }

 private:
  unsigned char byte_;
};

TEST(UuidV5, MatchesTheVectorsOfTheDesign) {
  const Uuid name_space = *Uuid::parse(kDatasetNamespace);

  EXPECT_EQ(uuid_v5(name_space, "airports").to_string(), "971cb334-1da5-51fb-8a59-a3e5fec8e01c");
  EXPECT_EQ(uuid_v5(name_space, "flights").to_string(), "cb97953f-0ea6-5b7e-8831-060b9f9a8ed6");
  EXPECT_EQ(uuid_v5(name_space, "nyc.flights").to_string(), "3b58f3db-f6e8-5177-b48c-8afb40e2cfdc");
  EXPECT_EQ(uuid_v5(name_space,
                    "donn\xc3\xa9"
                    "es")
                .to_string(),
            "c59e4f1f-2a7f-59ff-9f26-5d39e0c11955");
}

TEST(UuidV5, MatchesRfc9562AppendixA4) {
  const Uuid dns = *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");

  EXPECT_EQ(uuid_v5(dns, "www.example.com").to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(UuidParse, ReadsEitherCase) {
  EXPECT_EQ(Uuid::parse("971CB334-1DA5-51FB-8A59-A3E5FEC8E01C")->to_string(), "971cb334-1da5-51fb-8a59-a3e5fec8e01c");
}

TEST(UuidParse, RefusesEverythingElse) {
  for (const auto* text : {"", "971cb334-1da5-51fb-8a59-a3e5fec8e01", "971cb334-1da5-51fb-8a59-a3e5fec8e01cc",
                           "971cb3341da5-51fb-8a59-a3e5fec8e01c0", "971cb334-1da5-51fb-8a59-a3e5fec8e01g",
                           "971cb33-41da5-51fb-8a59-a3e5fec8e01c", "{971cb334-1da5-51fb-8a59-a3e5fec8e01}",
                           "971cb334-1da5-51fb-8a59-a3e5fec8-01c"}) {
    EXPECT_FALSE(Uuid::parse(text)) << text;
  }
}

TEST(UuidV7, CarriesTheTimeVersionAndVariant) {
  const ManualClock clock{Timestamp(milliseconds(0x0123456789ab))};
  FixedRandom random(0xff);
  UuidV7Generator generator(clock, random);

  EXPECT_EQ(generator.next().to_string(), "01234567-89ab-7000-bfff-ffffffffffff");
  EXPECT_EQ(generator.next().to_string(), "01234567-89ab-7001-bfff-ffffffffffff");
}

TEST(UuidV7, AscendsWhenTheClockStepsBack) {
  ManualClock clock{Timestamp(milliseconds(1'000'000))};
  SystemRandom random;
  UuidV7Generator generator(clock, random);
  const Uuid before = generator.next();

  clock.advance(-milliseconds(500'000));
  const Uuid after = generator.next();

  EXPECT_LT(before, after);
}

TEST(UuidV7, AscendsBeyondFourThousandInAMillisecond) {
  const ManualClock clock{Timestamp(milliseconds(1'000'000))};
  SystemRandom random;
  UuidV7Generator generator(clock, random);

  Uuid last = generator.next();
  for (int i = 0; i < 10'000; ++i) {
    const Uuid next = generator.next();
    ASSERT_LT(last, next) << i;
    last = next;
  }
}

TEST(UuidV7, IsUniqueAcrossThreads) {
  const SystemClock clock;
  SystemRandom random;
  UuidV7Generator generator(clock, random);
  std::vector<std::vector<Uuid>> made(4);

  {
    std::vector<std::jthread> threads;
    for (auto& mine : made) {
      threads.emplace_back([&] {
        for (int i = 0; i < 2'000; ++i) mine.push_back(generator.next());
      });
    }
  }

  std::set<Uuid> all;
  for (const auto& mine : made) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 8'000U);
}

}  // namespace
}  // namespace tarn
