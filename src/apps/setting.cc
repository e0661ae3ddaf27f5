#include "apps/setting.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/encoding.h"

namespace tarn::apps {
namespace {

std::unexpected<Error> expected(std::string what) {
  return failure(ErrorCode::kInvalidArgument, "expected " + std::move(what));
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct TimeUnit {
  std::string_view suffix;
  std::chrono::milliseconds length;
};

constexpr std::array<TimeUnit, 5> kTimeUnits = {{{"d", std::chrono::days(1)},
                                                 {"h", std::chrono::hours(1)},
                                                 {"m", std::chrono::minutes(1)},
                                                 {"s", std::chrono::seconds(1)},
                                                 {"ms", std::chrono::milliseconds(1)}}};
constexpr std::chrono::milliseconds kLongestTime = std::chrono::days(36'500);

constexpr std::array<LogLevel, 4> kLogLevels = {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning,
                                                LogLevel::kError};

}  // namespace

// TOML's basic strings (toml.io/en/v1.0.0#string) take every escape that JSON has.

Result<std::string> SettingValue<std::string>::parse(std::string_view text) {
  if (text.empty()) return expected("a text that is not empty");
  return std::string(text);
}

std::string SettingValue<std::string>::to_toml(const std::string& value) {
  return json_quote(value);
}

Result<std::filesystem::path> SettingValue<std::filesystem::path>::parse(std::string_view text) {
  if (text.empty()) return expected("a path");
  return std::filesystem::path(text);
}

std::string SettingValue<std::filesystem::path>::to_toml(const std::filesystem::path& value) {
  return json_quote(value.native());
}

std::string SettingValue<Address>::to_toml(const Address& value) {
  return json_quote(value.to_string());
}

std::string SettingValue<Url>::to_toml(const Url& value) {
  return json_quote(value.text);
}

Result<bool> SettingValue<bool>::parse(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return expected("true or false");
}

std::string SettingValue<bool>::to_toml(bool value) {
  return value ? "true" : "false";
}

Result<std::uint64_t> SettingValue<std::uint64_t>::parse(std::string_view text) {
  if (const auto value = parse_number(text)) return *value;
  return expected("a number of 0 or more");
}

std::string SettingValue<std::uint64_t>::to_toml(std::uint64_t value) {
  return std::to_string(value);
}

Result<std::chrono::milliseconds> SettingValue<std::chrono::milliseconds>::parse(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto* const unit =
      std::ranges::find_if(kTimeUnits, [&](const TimeUnit& u) { return u.suffix == text.substr(digits); });
  const auto count = parse_number(text.substr(0, digits));
  if (unit == kTimeUnits.end() || !count || *count > static_cast<std::uint64_t>(kLongestTime / unit->length)) {
    return expected("a time such as 250ms, 30s, 5m, 12h or 7d");
  }
  return unit->length * static_cast<std::int64_t>(*count);
}

std::string SettingValue<std::chrono::milliseconds>::to_toml(std::chrono::milliseconds value) {
  // The largest unit that divides it; milliseconds divide everything.
  const auto* const unit =
      std::ranges::find_if(kTimeUnits, [&](const TimeUnit& u) { return value.count() % u.length.count() == 0; });
  const auto& chosen = value.count() == 0 ? kTimeUnits[3] : *unit;
  return json_quote(std::to_string(value / chosen.length) + std::string(chosen.suffix));
}

Result<LogLevel> SettingValue<LogLevel>::parse(std::string_view text) {
  const auto* const level =
      std::ranges::find_if(kLogLevels, [&](LogLevel candidate) { return to_string(candidate) == text; });
  if (level == kLogLevels.end()) return expected("debug, info, warning or error");
  return *level;
}

std::string SettingValue<LogLevel>::to_toml(LogLevel value) {
  return json_quote(to_string(value));
}

Result<LogFormat> SettingValue<LogFormat>::parse(std::string_view text) {
  if (text == "text") return LogFormat::kText;
  if (text == "json") return LogFormat::kJson;
  return expected("text or json");
}

std::string SettingValue<LogFormat>::to_toml(LogFormat value) {
  return value == LogFormat::kText ? "\"text\"" : "\"json\"";
}

std::string SettingValue<std::vector<std::string>>::to_toml(const std::vector<std::string>& value) {
  std::string toml = "[";
  for (const std::string& element : value) {
    if (toml.size() > 1) toml += ", ";
    toml += json_quote(element);
  }
  return toml + "]";
}

std::string Setting::flag() const {
  std::string text = "--" + name;
  std::ranges::replace(text, '_', '-');
  return text;
}

std::string Setting::variable() const {
  std::string text = "TARN_" + name;
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

}  // namespace tarn::apps
