#include "apps/catalogd/token_setting.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/config.h"
#include "base/digest.h"
#include "base/encoding.h"

namespace tarn::apps {
namespace {

using testing::HasSubstr;

std::string hash_of(const std::string& token) {
  return hex_encode(sha256(token));
}

TEST(TokenSetting, ReadsNameRoleAndHash) {
  const auto token = parse_token("ci:write:" + hash_of("secret"));

  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->name, "ci");
  EXPECT_EQ(token->role, catalog_api::Role::kWrite);
  EXPECT_EQ(token->sha256, sha256("secret"));
  EXPECT_EQ(render_token(*token), "ci:write:" + hash_of("secret"));
}

TEST(TokenSetting, RefusesEverythingElse) {
  const std::string hash = hash_of("secret");
  for (const std::string& text : std::vector<std::string>{"", "ci", "ci:write", ":write:" + hash, "ci:owner:" + hash,
                                                          "ci:write:", "ci:write:" + hash.substr(2),
                                                          "ci:write:" + hash + "00", "ci:write:secret"}) {
    EXPECT_FALSE(parse_token(text)) << text;
  }
}

TEST(TokenSetting, AWrongOneIsNamedWithItsLine) {
  std::vector<catalog_api::TokenHash> tokens;
  std::vector<Setting> settings;
  settings.push_back(setting("tokens", tokens, "NAME:ROLE:HASH", ""));

  const auto wrong = apply_toml(settings, "\ntokens = [\"ci:write:abc\"]", "tarn.toml");
  const auto twice =
      apply_toml(settings, "tokens = [\"a:read:" + hash_of("x") + "\", \"a:read:" + hash_of("y") + "\"]", "tarn.toml");

  EXPECT_THAT(wrong.error().message, HasSubstr("tarn.toml:2:10: tokens: expected NAME:ROLE:HASH"));
  EXPECT_THAT(twice.error().message, HasSubstr("a is there twice"));
  EXPECT_TRUE(tokens.empty());
}

}  // namespace
}  // namespace tarn::apps
