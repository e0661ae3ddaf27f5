#include "apps/tarn/output.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::apps {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kMoment = std::chrono::sys_days(2026y / 11 / 23) + 32min + 6s + 42us;

Table example() {
  return {.columns = {"name", "row_count", "size", "updated_at", "is_live"},
          .rows = {{std::string("airports"), std::uint64_t{3376}, ByteCount{210'365}, kMoment, true},
                   {std::string("donn\u00e9es"), std::monostate{}, ByteCount{12}, kMoment, false}}};
}

TEST(Render, TableAlignsForPeople) {
  EXPECT_EQ(render(example(), OutputFormat::kTable),
            "NAME      ROW COUNT     SIZE  UPDATED AT           IS LIVE\n"
            "airports       3376  205 KiB  2026-11-23 00:32:06  yes\n"
            "donn\u00e9es           -     12 B  2026-11-23 00:32:06  no\n");
}

TEST(Render, CsvIsRaw) {
  EXPECT_EQ(render(example(), OutputFormat::kCsv),
            "name,row_count,size,updated_at,is_live\r\n"
            "airports,3376,210365,2026-11-23T00:32:06.000042Z,true\r\n"
            "donn\u00e9es,,12,2026-11-23T00:32:06.000042Z,false\r\n");
}

TEST(Render, JsonIsAnArrayOfObjects) {
  EXPECT_EQ(render(example(), OutputFormat::kJson),
            "[{\"name\":\"airports\",\"row_count\":3376,\"size\":210365,\"updated_at\":\"2026-11-23T00:32:06.000042Z\","
            "\"is_live\":true},\n"
            " {\"name\":\"donn\u00e9es\",\"row_count\":null,\"size\":12,\"updated_at\":\"2026-11-23T00:32:06.000042Z\","
            "\"is_live\":false}]\n");
}

TEST(Render, WithoutRowsIsStillWellFormed) {
  const Table empty{.columns = {"name", "size"}, .rows = {}};

  EXPECT_EQ(render(empty, OutputFormat::kTable), "NAME  SIZE\n");
  EXPECT_EQ(render(empty, OutputFormat::kCsv), "name,size\r\n");
  EXPECT_EQ(render(empty, OutputFormat::kJson), "[]\n");
}

TEST(Render, KeepsKeysFromBreakingLinesOrMovingTheCursor) {
  const Table table{.columns = {"key", "note"}, .rows = {{std::string("a\nb"), std::string("say \"hi\", \x1b[2J")}}};

  EXPECT_EQ(render(table, OutputFormat::kTable),
            "KEY     NOTE\n"
            "\"a\\nb\"  \"say \\\"hi\\\", \\u001b[2J\"\n");
  EXPECT_EQ(render(table, OutputFormat::kCsv), "key,note\r\n\"a\nb\",\"say \"\"hi\"\", \x1b[2J\"\r\n");
}

TEST(RenderRecord, IsALineAColumnAndOneObject) {
  const Table table{.columns = {"name", "revision", "objects"},
                    .rows = {{std::string("flights"), std::uint64_t{2}, RawJson{"[{\"key\":\"k\"}]"}}}};

  EXPECT_EQ(render_record(table, OutputFormat::kTable),
            "name      flights\n"
            "revision  2\n"
            "objects   [{\"key\":\"k\"}]\n");
  EXPECT_EQ(render_record(table, OutputFormat::kJson),
            "{\"name\":\"flights\",\"revision\":2,\"objects\":[{\"key\":\"k\"}]}\n");
  EXPECT_EQ(render_record(table, OutputFormat::kCsv),
            "name,revision,objects\r\nflights,2,\"[{\"\"key\"\":\"\"k\"\"}]\"\r\n");
}

TEST(Render, ArrowIsAStreamOfTheSameColumns) {
  const auto stream = render(example(), OutputFormat::kArrow);

  ASSERT_TRUE(stream) << stream.error().message;
  EXPECT_THAT(*stream, testing::HasSubstr("updated_at"));
  EXPECT_FALSE(render({.columns = {"key"}, .rows = {{std::string("\xff")}}}, OutputFormat::kArrow));
}

TEST(HumanBytes, HasThreeDigitsAtMost) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1024), "1.0 KiB");
  EXPECT_EQ(human_bytes(10'188), "9.9 KiB");
  EXPECT_EQ(human_bytes(10'189), "10 KiB");
  EXPECT_EQ(human_bytes((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(human_bytes(12ULL << 20), "12 MiB");
  EXPECT_EQ(human_bytes(5ULL << 30), "5.0 GiB");
  EXPECT_EQ(human_bytes(~0ULL), "16 EiB");
}

}  // namespace
}  // namespace tarn::apps
