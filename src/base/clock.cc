#include "base/clock.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace tarn {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<const char*, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// The years that four digits can write.
constexpr Timestamp kFirst = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr Timestamp kLast = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - microseconds(1);

/// A moment taken apart; all ranges as a calendar has them.
struct Civil {
  int year;
  unsigned month, day, weekday;
  int hour, minute, second, microsecond;
};

Civil to_civil(Timestamp time) {
  time = std::clamp(time, kFirst, kLast);
  const auto midnight = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss<microseconds> clock(time - midnight);
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<unsigned>(date.month()),
          .day = static_cast<unsigned>(date.day()),
          .weekday = std::chrono::weekday(midnight).c_encoding(),
          .hour = static_cast<int>(clock.hours().count()),
          .minute = static_cast<int>(clock.minutes().count()),
          .second = static_cast<int>(clock.seconds().count()),
          .microsecond = static_cast<int>(clock.subseconds().count())};
}

/// Midnight of a date, if the calendar has it.
std::optional<std::chrono::sys_days> to_day(int year, int month, int day) {
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// Reads a text from left to right; after a mismatch, `failed` stays.
struct Scanner {
  std::string_view rest;
  bool failed = false;

  /// Exactly `digits` decimal digits.
  int number(std::size_t digits) {
    if (rest.size() < digits) return fail();
    int value = 0;
    for (const char c : rest.substr(0, digits)) {
      if (c < '0' || c > '9') return fail();
      value = value * 10 + (c - '0');
    }
    rest.remove_prefix(digits);
    return value;
  }

  /// One character out of `choices`.
  char one_of(std::string_view choices) {
    if (rest.empty() || choices.find(rest.front()) == std::string_view::npos) return static_cast<char>(fail());
    const char c = rest.front();
    rest.remove_prefix(1);
    return c;
  }

  void skip(std::size_t characters) {
    if (rest.size() < characters) {
      fail();
    } else {
      rest.remove_prefix(characters);
    }
  }

  bool is_done() const { return !failed && rest.empty(); }

  int fail() {
    failed = true;
    return 0;
  }
};

}  // namespace

Timestamp SystemClock::now() const {
  return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

std::string to_rfc3339(Timestamp time) {
  const Civil civil = to_civil(time);
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", civil.year,
                                 civil.month, civil.day, civil.hour, civil.minute, civil.second, civil.microsecond);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  Scanner scan{text};
  const int year = scan.number(4);
  scan.one_of("-");
  const int month = scan.number(2);
  scan.one_of("-");
  const int day = scan.number(2);
  scan.one_of("Tt");
  const int hour = scan.number(2);
  scan.one_of(":");
  const int minute = scan.number(2);
  scan.one_of(":");
  const int second = scan.number(2);
  microseconds fraction(0);
  if (scan.rest.starts_with('.')) {
    scan.skip(1);
    const std::size_t digits = std::min(scan.rest.find_first_not_of("0123456789"), scan.rest.size());
    if (digits == 0 || digits > 9) return std::nullopt;
    int unit = 100'000;
    for (const char c : scan.rest.substr(0, digits)) {
      fraction += microseconds((c - '0') * unit);
      unit /= 10;
    }
    scan.skip(digits);
  }
  minutes offset(0);
  if (const char sign = scan.one_of("Zz+-"); sign == '+' || sign == '-') {
    const int offset_hour = scan.number(2);
    scan.one_of(":");
    const int offset_minute = scan.number(2);
    if (offset_hour > 23 || offset_minute > 59) return std::nullopt;
    offset = (hours(offset_hour) + minutes(offset_minute)) * (sign == '+' ? 1 : -1);
  }
  const auto date = to_day(year, month, day);
  if (!scan.is_done() || !date || hour > 23 || minute > 59 || second > 60) return std::nullopt;

  const std::chrono::sys_time<minutes> to_the_minute = *date + hours(hour) + minutes(minute) - offset;
  // A leap second ends a day of UTC; POSIX time, which has none, gives it the following second's number.
  const bool is_last_minute_of_day = to_the_minute + minutes(1) == std::chrono::ceil<days>(to_the_minute + minutes(1));
  if (second == 60 && !is_last_minute_of_day) return std::nullopt;
  return to_the_minute + seconds(second) + fraction;
}

std::string to_http_date(Timestamp time) {
  const Civil civil = to_civil(time);
  std::array<char, 40> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", kWeekdays[civil.weekday],
                    civil.day, kMonths[civil.month - 1], civil.year, civil.hour, civil.minute, civil.second);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<Timestamp> parse_http_date(std::string_view text) {
  Scanner scan{text};
  scan.skip(std::string_view("Mon, ").size());
  const int day = scan.number(2);
  scan.skip(1);
  const auto* const month = std::find(kMonths.begin(), kMonths.end(), scan.rest.substr(0, 3));
  scan.skip(std::string_view("Nov ").size());
  const int year = scan.number(4);
  scan.skip(1);
  const int hour = scan.number(2);
  scan.skip(1);
  const int minute = scan.number(2);
  scan.skip(1);
  const int second = scan.number(2);
  if (scan.failed || month == kMonths.end()) return std::nullopt;
  const auto date = to_day(year, static_cast<int>(month - kMonths.begin()) + 1, day);
  if (!date) return std::nullopt;
  const Timestamp time = *date + hours(hour) + minutes(minute) + seconds(second);
  // Writing it again checks all that was skipped: punctuation, the weekday, the ranges.
  if (to_http_date(time) != text) return std::nullopt;
  return time;
}

std::string to_iso_basic(Timestamp time) {
  const Civil civil = to_civil(time);
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", civil.year, civil.month,
                                 civil.day, civil.hour, civil.minute, civil.second);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<Timestamp> parse_iso_basic(std::string_view text) {
  Scanner scan{text};
  const int year = scan.number(4);
  const int month = scan.number(2);
  const int day = scan.number(2);
  scan.one_of("T");
  const int hour = scan.number(2);
  const int minute = scan.number(2);
  const int second = scan.number(2);
  scan.one_of("Z");
  const auto date = to_day(year, month, day);
  if (!scan.is_done() || !date || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return *date + hours(hour) + minutes(minute) + seconds(second);
}

}  // namespace tarn
