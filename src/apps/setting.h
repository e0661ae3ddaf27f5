#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/address.h"
#include "base/log.h"
#include "base/result.h"

namespace tarn::apps {

/// What a TOML file writes for a setting, and what its flag takes.
enum class SettingKind : std::uint8_t {
  kText,    ///< a string; one argument
  kNumber,  ///< an integer; one argument
  kSwitch,  ///< true or false; no argument
  kList,    ///< an array of strings; the flag repeated; the variable separated by commas
};

/// How a type is read from text (kList: from texts) and written as TOML. parse() says "expected ..." in its error.
template <class T>
struct SettingValue;

template <>
struct SettingValue<std::string> {
  static constexpr SettingKind kKind = SettingKind::kText;
  static Result<std::string> parse(std::string_view text);
  static std::string to_toml(const std::string& value);
};

template <>
struct SettingValue<std::filesystem::path> {
  static constexpr SettingKind kKind = SettingKind::kText;
  static Result<std::filesystem::path> parse(std::string_view text);
  static std::string to_toml(const std::filesystem::path& value);
};

template <>
struct SettingValue<Address> {
  static constexpr SettingKind kKind = SettingKind::kText;
  static Result<Address> parse(std::string_view text) { return Address::parse(text); }
  static std::string to_toml(const Address& value);
};

template <>
struct SettingValue<Url> {
  static constexpr SettingKind kKind = SettingKind::kText;
  static Result<Url> parse(std::string_view text) { return Url::parse(text); }
  static std::string to_toml(const Url& value);
};

template <>
struct SettingValue<bool> {
  static constexpr SettingKind kKind = SettingKind::kSwitch;
  static Result<bool> parse(std::string_view text);
  static std::string to_toml(bool value);
};

template <>
struct SettingValue<std::uint64_t> {
  static constexpr SettingKind kKind = SettingKind::kNumber;
  static Result<std::uint64_t> parse(std::string_view text);
  static std::string to_toml(std::uint64_t value);
};

/// "250ms", "30s", "5m", "12h", "7d".
template <>
struct SettingValue<std::chrono::milliseconds> {
  static constexpr SettingKind kKind = SettingKind::kText;
  static Result<std::chrono::milliseconds> parse(std::string_view text);
  static std::string to_toml(std::chrono::milliseconds value);
};

template <>
struct SettingValue<LogLevel> {
  static constexpr SettingKind kKind = SettingKind::kText;
  static Result<LogLevel> parse(std::string_view text);
  static std::string to_toml(LogLevel value);
};

template <>
struct SettingValue<LogFormat> {
  static constexpr SettingKind kKind = SettingKind::kText;
  static Result<LogFormat> parse(std::string_view text);
  static std::string to_toml(LogFormat value);
};

template <>
struct SettingValue<std::vector<std::string>> {
  static constexpr SettingKind kKind = SettingKind::kList;
  static Result<std::vector<std::string>> parse(const std::vector<std::string>& texts) { return texts; }
  static std::string to_toml(const std::vector<std::string>& value);
};

/// One setting, under one name wherever it stands: `grpc_listen` in a TOML file, `TARN_GRPC_LISTEN` in the environment,
/// `--grpc-listen` among the flags. Writes into an options struct, whose initial value is the default.
struct Setting {
  std::string name;
  std::string placeholder;  ///< for help: "HOST:PORT"; empty for a switch
  std::string help;
  SettingKind kind = SettingKind::kText;
  bool is_secret = false;     ///< no flag (other users see command lines), masked when shown
  bool is_flag_only = false;  ///< belongs to one call: neither in files nor in the environment
  /// Where the value came from: "default", "tarn.toml:3", "TARN_BUCKET", "--bucket".
  std::string source = "default";
  /// Sets it from text; one text for all kinds but kList.
  std::function<Result<void>(const std::vector<std::string>&)> assign;
  /// The value as TOML writes it; nothing when it is not set.
  std::function<std::optional<std::string>()> to_toml;

  std::string flag() const;
  std::string variable() const;

  Setting secret() && {
    is_secret = true;
    return std::move(*this);
  }
  Setting flag_only() && {
    is_flag_only = true;
    return std::move(*this);
  }
};

/// A setting that is stored in `target`, which must outlive it.
template <class T>
Setting setting(std::string name, T& target, std::string placeholder, std::string help) {
  Setting made;
  made.name = std::move(name);
  made.placeholder = std::move(placeholder);
  made.help = std::move(help);
  made.kind = SettingValue<T>::kKind;
  made.assign = [&target](const std::vector<std::string>& texts) -> Result<void> {
    if constexpr (SettingValue<T>::kKind == SettingKind::kList) {
      TARN_TRY(target, SettingValue<T>::parse(texts));
    } else {
      TARN_TRY(target, SettingValue<T>::parse(texts.front()));
    }
    return {};
  };
  made.to_toml = [&target] { return std::optional(SettingValue<T>::to_toml(target)); };
  return made;
}

/// One that may be left out; there is no way to unset it again.
template <class T>
Setting setting(std::string name, std::optional<T>& target, std::string placeholder, std::string help) {
  Setting made;
  made.name = std::move(name);
  made.placeholder = std::move(placeholder);
  made.help = std::move(help);
  made.kind = SettingValue<T>::kKind;
  made.assign = [&target](const std::vector<std::string>& texts) -> Result<void> {
    TARN_TRY(target, SettingValue<T>::parse(texts.front()));
    return {};
  };
  made.to_toml = [&target] { return target ? std::optional(SettingValue<T>::to_toml(*target)) : std::nullopt; };
  return made;
}

}  // namespace tarn::apps
