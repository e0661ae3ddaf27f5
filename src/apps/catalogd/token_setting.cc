#include "apps/catalogd/token_setting.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"

namespace tarn::apps {
namespace {

constexpr std::size_t kSha256Bytes = 32;

constexpr std::array<std::pair<catalog_api::Role, std::string_view>, 3> kRoles = {
    {{catalog_api::Role::kRead, "read"}, {catalog_api::Role::kWrite, "write"}, {catalog_api::Role::kAdmin, "admin"}}};

std::string_view name_of(catalog_api::Role role) {
  const auto* const found = std::ranges::find_if(kRoles, [&](const auto& known) { return known.first == role; });
  TARN_ASSERT(found != kRoles.end());
  return found->second;
}

}  // namespace

Result<catalog_api::TokenHash> parse_token(std::string_view text) {
  const auto wrong = failure(ErrorCode::kInvalidArgument,
                             "expected NAME:ROLE:HASH with a role of read, write or admin and the token's SHA-256 in "
                             "hex (`tarn token` makes one)");
  const std::size_t first = text.find(':');
  const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
  if (second == std::string_view::npos || first == 0) return wrong;
  const auto role = SettingValue<catalog_api::Role>::parse(text.substr(first + 1, second - first - 1));
  const auto hash = hex_decode(text.substr(second + 1));
  if (!role || !hash || hash->size() != kSha256Bytes) return wrong;
  return catalog_api::TokenHash{.name = std::string(text.substr(0, first)), .sha256 = *hash, .role = *role};
}

std::string render_token(const catalog_api::TokenHash& token) {
  return token.name + ":" + std::string(name_of(token.role)) + ":" + hex_encode(token.sha256);
}

Result<catalog_api::Role> SettingValue<catalog_api::Role>::parse(std::string_view text) {
  const auto* const found = std::ranges::find_if(kRoles, [&](const auto& known) { return known.second == text; });
  if (found == kRoles.end()) return failure(ErrorCode::kInvalidArgument, "expected read, write or admin");
  return found->first;
}

std::string SettingValue<catalog_api::Role>::to_toml(catalog_api::Role value) {
  return json_quote(name_of(value));
}

Result<std::vector<catalog_api::TokenHash>> SettingValue<std::vector<catalog_api::TokenHash>>::parse(
    const std::vector<std::string>& texts) {
  std::vector<catalog_api::TokenHash> tokens;
  for (const std::string& text : texts) {
    TARN_TRY(catalog_api::TokenHash token, parse_token(text));
    if (std::ranges::any_of(tokens, [&](const auto& other) { return other.name == token.name; })) {
      return failure(ErrorCode::kInvalidArgument,
                     "expected each token to have a name of its own, " + token.name + " is there twice");
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::string SettingValue<std::vector<catalog_api::TokenHash>>::to_toml(
    const std::vector<catalog_api::TokenHash>& value) {
  std::vector<std::string> texts;
  std::ranges::transform(value, std::back_inserter(texts), render_token);
  return SettingValue<std::vector<std::string>>::to_toml(texts);
}

}  // namespace tarn::apps
