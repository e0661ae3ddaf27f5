#include "base/log.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/manual_clock.h"

namespace tarn {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

constexpr Timestamp kMoment = sys_days(2026y / 11 / 23) + 32min + 6s + 42us;

std::string text_line(std::initializer_list<LogField> fields, std::string_view event = "request") {
  return format_log_line(LogFormat::kText, kMoment, LogLevel::kInfo, event, fields);
}

std::string json_line(std::initializer_list<LogField> fields, std::string_view event = "request") {
  return format_log_line(LogFormat::kJson, kMoment, LogLevel::kInfo, event, fields);
}

/// A stream in memory-backed storage, read back by lines.
class TemporaryStream {
 public:
  TemporaryStream() : file_(std::tmpfile(), &std::fclose) {}

  std::FILE* get() { return file_.get(); }

  std::vector<std::string> lines() {
    std::rewind(file_.get());
    std::string all;
    std::array<char, 4096> chunk{};
    while (const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), file_.get())) {
      all.append(chunk.data(), size);
    }
    std::vector<std::string> lines;
    std::istringstream in(all);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

TEST(LogLine, AsTextReadsLikeASentence) {
  const std::string key = "a/b.parquet";

  EXPECT_EQ(text_line({{"op", "PutObject"}, {"key", key}, {"code", 200}, {"ms", 1.25}, {"retried", false}}),
            "2026-11-23T00:32:06.000042Z info request op=PutObject key=a/b.parquet code=200 ms=1.25 retried=false");
}

TEST(LogLine, AsTextQuotesWhatCouldBeMistaken) {
  EXPECT_THAT(text_line({{"key", ""}}), EndsWith(R"( key="")"));
  EXPECT_THAT(text_line({{"key", "a b"}}), EndsWith(R"( key="a b")"));
  EXPECT_THAT(text_line({{"key", "a=b"}}), EndsWith(R"( key="a=b")"));
  EXPECT_THAT(text_line({{"key", "a\nlevel=error"}}), EndsWith(R"( key="a\nlevel=error")"));
  EXPECT_THAT(text_line({{"key", "\x1b[2J"}}), EndsWith(R"( key="\u001b[2J")"));
  EXPECT_THAT(text_line({{"key", "\xff"}}), EndsWith(R"( key="\ufffd")"));
  EXPECT_THAT(text_line({}, "two\nlines"), EndsWith(R"( two\nlines)"));
}

TEST(LogLine, AsJsonKeepsTypes) {
  EXPECT_EQ(json_line({{"op", "PutObject"}, {"code", 200}, {"ms", 1.25}, {"retried", true}}),
            R"({"time":"2026-11-23T00:32:06.000042Z","level":"info","event":"request",)"
            R"("op":"PutObject","code":200,"ms":1.25,"retried":true})");
}

TEST(LogLine, AsJsonEscapesAndHasNoInfinities) {
  EXPECT_THAT(json_line({{"key", "a\"\n"}}), EndsWith(R"("key":"a\"\n"})"));
  EXPECT_THAT(json_line({{"ms", std::numeric_limits<double>::infinity()}}), EndsWith(R"("ms":null})"));
  EXPECT_THAT(json_line({{"n", std::numeric_limits<std::uint64_t>::max()}}), EndsWith(R"("n":18446744073709551615})"));
  EXPECT_THAT(json_line({{"n", std::numeric_limits<std::int64_t>::min()}}), EndsWith(R"("n":-9223372036854775808})"));
}

TEST(LineLogger, WritesOutWhatIsQueuedBeforeItEnds) {
  TemporaryStream stream;
  const ManualClock clock(kMoment);

  {
    LineLogger log(stream.get(), clock);
    log.info("first");
    log.error("second", {{"code", 500}});
  }

  EXPECT_THAT(stream.lines(), ElementsAre("2026-11-23T00:32:06.000042Z info first",
                                          "2026-11-23T00:32:06.000042Z error second code=500"));
}

TEST(LineLogger, DropsLevelsBelowTheLeast) {
  TemporaryStream stream;
  const ManualClock clock(kMoment);

  {
    LineLogger log(stream.get(), clock, {.min_level = LogLevel::kWarning});
    EXPECT_FALSE(log.is_enabled(LogLevel::kInfo));
    log.debug("debug");
    log.info("info");
    log.warning("warning");
  }

  EXPECT_THAT(stream.lines(), ElementsAre(HasSubstr("warning warning")));
}

TEST(LineLogger, KeepsLinesOfManyThreadsWhole) {
  TemporaryStream stream;
  const ManualClock clock(kMoment);

  {
    LineLogger log(stream.get(), clock, {.format = LogFormat::kJson});
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&log, thread] {
        for (int i = 0; i < 500; ++i) log.info("request", {{"thread", thread}, {"i", i}});
      });
    }
  }

  const auto lines = stream.lines();
  EXPECT_EQ(lines.size(), 2000U);
  for (const std::string& line : lines) {
    ASSERT_TRUE(line.starts_with("{\"time\":") && line.ends_with("}")) << line;
  }
}

TEST(LineLogger, SaysHowManyLinesASlowStreamMadeItDrop) {
  constexpr std::size_t kLines = 30'000;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);  // holds 64 KiB: nobody reads until all is logged
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> writer(fdopen(ends[1], "w"), &std::fclose);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> reader(fdopen(ends[0], "r"), &std::fclose);
  const ManualClock clock(kMoment);
  std::size_t written = 0;
  std::size_t dropped = 0;

  {
    auto log = std::make_unique<LineLogger>(writer.get(), clock);
    for (std::size_t i = 0; i < kLines; ++i) log->info("request", {{"i", i}});
    std::jthread closer([&] {
      log.reset();
      writer.reset();
    });
    std::array<char, 256> line{};
    while (std::fgets(line.data(), line.size(), reader.get()) != nullptr) {
      if (std::size_t count = 0; std::sscanf(line.data(), "%*s warning log lines dropped lines=%zu", &count) == 1) {
        dropped += count;
      } else {
        ++written;
      }
    }
  }

  EXPECT_GT(dropped, 0U);
  EXPECT_EQ(written + dropped, kLines);
}

TEST(NullLogger, IsDisabledAtEveryLevel) {
  NullLogger log;

  log.error("nobody reads this", {{"code", 500}});

  EXPECT_FALSE(log.is_enabled(LogLevel::kError));
}

}  // namespace
}  // namespace tarn
