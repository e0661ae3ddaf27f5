#include "apps/setting.h"

#include <chrono>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tarn::apps {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

TEST(Setting, HasOneNameInThreeSpellings) {
  std::string value;
  const Setting made = setting("grpc_listen", value, "HOST:PORT", "Where gRPC is served");

  EXPECT_EQ(made.flag(), "--grpc-listen");
  EXPECT_EQ(made.variable(), "TARN_GRPC_LISTEN");
}

TEST(Setting, WritesItsTarget) {
  std::uint64_t number = 1;
  Address address;
  std::vector<std::string> list;
  std::optional<std::filesystem::path> path;

  EXPECT_TRUE(setting("n", number, "N", "").assign({"42"}));
  EXPECT_TRUE(setting("a", address, "HOST:PORT", "").assign({"127.0.0.1:1"}));
  EXPECT_TRUE(setting("l", list, "X", "").assign({"a", "b"}));
  EXPECT_TRUE(setting("p", path, "FILE", "").assign({"/etc/x"}));

  EXPECT_EQ(number, 42U);
  EXPECT_EQ(address.port, 1);
  EXPECT_EQ(list, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(path, "/etc/x");
}

TEST(Setting, KeepsItsTargetWhenTheTextIsWrong) {
  std::uint64_t number = 7;

  const auto assigned = setting("n", number, "N", "").assign({"-1"});

  ASSERT_FALSE(assigned);
  EXPECT_EQ(assigned.error().message, "expected a number of 0 or more");
  EXPECT_EQ(number, 7U);
}

TEST(Setting, ThatIsOptionalShowsNothingUntilSet) {
  std::optional<std::string> value;
  const Setting made = setting("region", value, "NAME", "");
  EXPECT_EQ(made.to_toml(), std::nullopt);

  ASSERT_TRUE(made.assign({"eu-1"}));

  EXPECT_EQ(made.to_toml(), "\"eu-1\"");
}

TEST(SettingValue, ReadsTimesWithUnits) {
  using Value = SettingValue<milliseconds>;
  EXPECT_EQ(Value::parse("250ms"), 250ms);
  EXPECT_EQ(Value::parse("30s"), 30s);
  EXPECT_EQ(Value::parse("5m"), 5min);
  EXPECT_EQ(Value::parse("12h"), 12h);
  EXPECT_EQ(Value::parse("7d"), 168h);
  for (const auto* text : {"", "s", "5", "-5s", "5 s", "5w", "1.5s", "99999999999999999999s", "9223372036854775807d"}) {
    EXPECT_FALSE(Value::parse(text)) << text;
  }
}

TEST(SettingValue, WritesTimesInTheLargestUnitThatFits) {
  using Value = SettingValue<milliseconds>;
  EXPECT_EQ(Value::to_toml(0ms), "\"0s\"");
  EXPECT_EQ(Value::to_toml(1500ms), "\"1500ms\"");
  EXPECT_EQ(Value::to_toml(90s), "\"90s\"");
  EXPECT_EQ(Value::to_toml(168h), "\"7d\"");
}

TEST(SettingValue, ReadsNumbersAndSwitches) {
  EXPECT_EQ(SettingValue<std::uint64_t>::parse("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  for (const auto* text : {"", "+1", "1.5", "0x10", "18446744073709551616", "1 "}) {
    EXPECT_FALSE(SettingValue<std::uint64_t>::parse(text)) << text;
  }
  EXPECT_EQ(SettingValue<bool>::parse("true"), true);
  EXPECT_EQ(SettingValue<bool>::parse("0"), false);
  EXPECT_FALSE(SettingValue<bool>::parse("yes"));
}

TEST(SettingValue, ReadsLogLevels) {
  EXPECT_EQ(SettingValue<LogLevel>::parse("warning"), LogLevel::kWarning);
  EXPECT_EQ(SettingValue<LogLevel>::parse("loud").error().message, "expected debug, info, warning or error");
}

}  // namespace
}  // namespace tarn::apps
