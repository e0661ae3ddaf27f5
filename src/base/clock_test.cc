#include "base/clock.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace tarn {
namespace {

using std::chrono::microseconds;
using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr Timestamp kMoment = sys_days(2026y / 11 / 23) + 32min + 6s + 42us;

TEST(Rfc3339, WritesSixDigitsAlways) {
  EXPECT_EQ(to_rfc3339(kMoment), "2026-11-23T00:32:06.000042Z");
  EXPECT_EQ(to_rfc3339(Timestamp{}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(Timestamp(-1us)), "1969-12-31T23:59:59.999999Z");
}

TEST(Rfc3339, WritesTheNearestFourDigitYearForTimesBeyond) {
  EXPECT_EQ(to_rfc3339(Timestamp::max()), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339(Timestamp::min()), "0000-01-01T00:00:00.000000Z");
}

TEST(Rfc3339, ReadsWhatItWrites) {
  for (const Timestamp time : {kMoment, Timestamp{}, Timestamp(-1us), Timestamp(sys_days(2024y / 2 / 29)),
                               Timestamp(sys_days(9999y / 12 / 31)), Timestamp(sys_days(0y / 1 / 1))}) {
    EXPECT_EQ(parse_rfc3339(to_rfc3339(time)), time) << to_rfc3339(time);
  }
}

TEST(Rfc3339, ReadsOffsetsAndFractions) {
  const Timestamp second = sys_days(2026y / 11 / 23) + 32min + 6s;
  EXPECT_EQ(parse_rfc3339("2026-11-23T00:32:06Z"), second);
  EXPECT_EQ(parse_rfc3339("2026-11-23t00:32:06z"), second);
  EXPECT_EQ(parse_rfc3339("2026-11-23T00:32:06.5Z"), second + 500ms);
  EXPECT_EQ(parse_rfc3339("2026-11-23T00:32:06.123456789Z"), second + 123456us);
  EXPECT_EQ(parse_rfc3339("2026-11-23T02:02:06+01:30"), second);
  EXPECT_EQ(parse_rfc3339("2026-11-22T23:32:06-01:00"), second);
  EXPECT_EQ(parse_rfc3339("2026-11-23T00:32:06-00:00"), second);
}

TEST(Rfc3339, ReadsALeapSecondAtTheEndOfADayOnly) {
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), Timestamp(sys_days(2017y / 1 / 1)));
  EXPECT_EQ(parse_rfc3339("2016-12-31T15:59:60-08:00"), Timestamp(sys_days(2017y / 1 / 1)));
  EXPECT_FALSE(parse_rfc3339("2016-12-31T12:59:60Z"));
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const auto* text : {"",
                           "2026-11-23",
                           "2026-11-23T00:32:06",
                           "2026-11-23 00:32:06Z",
                           "2026-11-23T00:32Z",
                           "2026-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-11-00T00:00:00Z",
                           "2026-11-31T00:00:00Z",
                           "2026-11-23T24:00:00Z",
                           "2026-11-23T00:60:00Z",
                           "2026-11-23T00:00:61Z",
                           "2026-11-23T00:32:06.Z",
                           "2026-11-23T00:32:06.1234567890Z",
                           "2026-11-23T00:32:06,5Z",
                           "2026-11-23T00:32:06+0100",
                           "2026-11-23T00:32:06+24:00",
                           "2026-11-23T00:32:06+01:60",
                           "2026-11-23T00:32:06ZZ",
                           " 2026-11-23T00:32:06Z",
                           "+2026-11-23T00:32:06Z",
                           "26-11-23T00:32:06Z",
                           "2026-11-23T-1:32:06Z",
                           "2026-11-23T00:32:06.-5Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(HttpDate, WritesAndReadsTheExampleOfRfc9110) {
  const Timestamp time = sys_days(1994y / 11 / 6) + 8h + 49min + 37s;

  EXPECT_EQ(to_http_date(time + 999ms), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), time);
}

TEST(HttpDate, RefusesEverythingElse) {
  for (const auto* text :
       {"", "Mon, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37", "sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Thu, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Now 1994 08:49:37 GMT"}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

TEST(IsoBasic, WritesAndReadsSigV4sForm) {
  EXPECT_EQ(to_iso_basic(kMoment), "20261123T003206Z");
  EXPECT_EQ(parse_iso_basic("20261123T003206Z"), kMoment - 42us);
}

TEST(IsoBasic, RefusesEverythingElse) {
  for (const auto* text : {"", "20261123T003206", "2026-11-23T00:32:06Z", "20261123T003206z", "20261131T003206Z",
                           "20261123T253206Z", "20261123T006006Z", "20261123T003260Z", "20261123T003206Z0"}) {
    EXPECT_FALSE(parse_iso_basic(text)) << text;
  }
}

TEST(SystemClock, IsInThisCentury) {
  const Timestamp now = SystemClock().now();

  EXPECT_GT(now, Timestamp(sys_days(2020y / 1 / 1)));
  EXPECT_LT(now, Timestamp(sys_days(2100y / 1 / 1)));
}

TEST(ManualClock, StandsStillUntilMoved) {
  ManualClock clock(kMoment);
  EXPECT_EQ(clock.now(), kMoment);
  EXPECT_EQ(clock.now(), kMoment);

  clock.advance(-3s);
  EXPECT_EQ(clock.now(), kMoment - 3s);

  clock.set(Timestamp{});
  EXPECT_EQ(clock.now(), Timestamp{});
}

}  // namespace
}  // namespace tarn
