#include "catalog_api/access.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace tarn::catalog_api {
namespace {

Access reader_and_writer() {
  return Access({{.name = "grafana", .sha256 = sha256("r-secret"), .role = Role::kRead},
                 {.name = "loader", .sha256 = sha256("w-secret"), .role = Role::kWrite},
                 {.name = "root", .sha256 = sha256("a-secret"), .role = Role::kAdmin}});
}

TEST(Access, WithoutTokensEveryoneMayDoEverything) {
  const Access access({});

  EXPECT_FALSE(access.needs_tokens());
  EXPECT_TRUE(access.admit(std::nullopt, Role::kAdmin));
  EXPECT_TRUE(access.admit("Bearer whatever", Role::kAdmin));
}

TEST(Access, AKnownTokenIsAdmittedAndNamed) {
  const Access access = reader_and_writer();

  const auto principal = access.admit("Bearer w-secret", Role::kWrite);

  ASSERT_TRUE(principal) << principal.error().message;
  EXPECT_EQ(principal->name, "loader");
  EXPECT_EQ(principal->role, Role::kWrite);
}

TEST(Access, TheSchemesCaseDoesNotMatter) {
  const Access access = reader_and_writer();

  EXPECT_TRUE(access.admit("bearer r-secret", Role::kRead));
  EXPECT_TRUE(access.admit("BEARER  r-secret", Role::kRead));
}

TEST(Access, ARoleIncludesThoseBeforeIt) {
  const Access access = reader_and_writer();

  EXPECT_TRUE(access.admit("Bearer a-secret", Role::kRead));
  EXPECT_TRUE(access.admit("Bearer a-secret", Role::kWrite));
  EXPECT_TRUE(access.admit("Bearer w-secret", Role::kRead));
}

TEST(Access, ATokenOfALesserRoleIsDeniedByName) {
  const Access access = reader_and_writer();

  const auto principal = access.admit("Bearer r-secret", Role::kWrite);

  ASSERT_FALSE(principal);
  EXPECT_EQ(principal.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(principal.error().message, "the token 'grafana' does not allow this");
}

TEST(Access, WhoHasNoKnownTokenIsNotKnown) {
  const Access access = reader_and_writer();

  for (const auto authorization : {std::optional<std::string_view>(),
                                   std::optional<std::string_view>(""),
                                   {"Bearer"},
                                   {"Bearer "},
                                   {"Bearer x"},
                                   {"Bearer r-secret "},
                                   {"Bearer r-secre"},
                                   {"Basic r-secret"},
                                   {"r-secret"},
                                   {"Bearerr-secret"}}) {
    const auto principal = access.admit(authorization, Role::kRead);

    ASSERT_FALSE(principal) << authorization.value_or("none");
    EXPECT_EQ(principal.error().code, ErrorCode::kUnauthenticated);
    EXPECT_FALSE(principal.error().message.contains("secre")) << "an error must not tell the token";
  }
}

TEST(LoopbackOnly, LoopbacksOwnNamesPass) {
  for (const auto* host : {"localhost", "localhost:8181", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8181",
                           "127.255.255.254:80", "[::1]", "[::1]:8181"}) {
    EXPECT_TRUE(loopback_only(host, std::nullopt)) << host;
    EXPECT_TRUE(loopback_only(host, "http://" + std::string(host))) << host;
  }
}

TEST(LoopbackOnly, OtherHostsAreDenied) {
  for (const auto* host :
       {"", "evil.example", "evil.example:8181", "localhost.evil.example", "127.0.0.1.evil.example", "128.0.0.1",
        "127.0.0", "127.0.0.1.", "127.0.0.256", "127.0.0.1:80:80", "127.0.0.1:x", "[::2]", "::1", "[::1", "::1]",
        "0.0.0.0", "localhost@evil.example", "evil.example/localhost", "10.127.0.0.1"}) {
    const auto admitted = loopback_only(host, std::nullopt);

    ASSERT_FALSE(admitted) << host;
    EXPECT_EQ(admitted.error().code, ErrorCode::kPermissionDenied);
  }
  EXPECT_FALSE(loopback_only(std::nullopt, std::nullopt));
}

TEST(LoopbackOnly, PagesOfOtherSitesAreDenied) {
  for (const auto* origin : {"", "null", "http://evil.example", "https://localhost.evil.example", "localhost",
                             "file://localhost", "http://localhost/", "http://"}) {
    EXPECT_FALSE(loopback_only("localhost:8181", origin)) << origin;
  }
  EXPECT_TRUE(loopback_only("localhost:8181", "https://localhost:3000"));
}

}  // namespace
}  // namespace tarn::catalog_api
