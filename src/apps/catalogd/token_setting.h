#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/setting.h"
#include "catalog_api/access.h"

namespace tarn::apps {

/// "NAME:ROLE:HASH": a name for logs, read | write | admin, and the SHA-256 of the token in hex. So a configuration
/// holds no token. `tarn token` makes one.
Result<catalog_api::TokenHash> parse_token(std::string_view text);
std::string render_token(const catalog_api::TokenHash& token);

template <>
struct SettingValue<catalog_api::Role> {
  static constexpr SettingKind kKind = SettingKind::kText;
  static Result<catalog_api::Role> parse(std::string_view text);
  static std::string to_toml(catalog_api::Role value);
};

template <>
struct SettingValue<std::vector<catalog_api::TokenHash>> {
  static constexpr SettingKind kKind = SettingKind::kList;
  /// Errors also for two tokens of one name.
  static Result<std::vector<catalog_api::TokenHash>> parse(const std::vector<std::string>& texts);
  static std::string to_toml(const std::vector<catalog_api::TokenHash>& value);
};

}  // namespace tarn::apps
