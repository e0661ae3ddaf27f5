#include "apps/catalogd/catalog_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"

namespace tarn::apps {
namespace {

using testing::HasSubstr;

TEST(CheckExposure, LoopbackNeedsNoTokens) {
  EXPECT_TRUE(check_exposure({}));
  CatalogSettings settings;
  settings.listen.host = "localhost";
  settings.grpc_listen.host = "::1";
  EXPECT_TRUE(check_exposure(settings));
}

TEST(CheckExposure, OtherAddressesNeedTokens) {
  CatalogSettings http;
  http.listen.host = "0.0.0.0";
  CatalogSettings grpc;
  grpc.grpc_listen.host = "10.0.0.1";

  EXPECT_THAT(check_exposure(http).error().message, HasSubstr("0.0.0.0:8181"));
  EXPECT_THAT(check_exposure(grpc).error().message, HasSubstr("10.0.0.1:8182"));

  http.tokens.push_back({.name = "ci", .sha256 = sha256("x"), .role = catalog_api::Role::kAdmin});
  EXPECT_TRUE(check_exposure(http));
}

}  // namespace
}  // namespace tarn::apps
