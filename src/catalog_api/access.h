#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tarn::catalog_api {

/// What a token allows; each role includes those before it.
enum class Role : std::uint8_t {
  kRead,   ///< get, list, metrics
  kWrite,  ///< register, drop, undrop
  kAdmin,
};

/// A bearer token as the configuration has it: never the token itself.
struct TokenHash {
  std::string name;  ///< for logs
  Bytes sha256;      ///< of the token's bytes, raw: 32 bytes
  Role role = Role::kRead;
};

/// Who asks.
struct Principal {
  std::string_view name;  ///< the token's, owned by the Access; empty where no token is needed
  Role role = Role::kAdmin;
};

/// Decides who may do what, for HTTP and gRPC alike. Without tokens everyone may do everything; such a server listens
/// on loopback only (whoever starts it sees to that), and its HTTP side holds requests to loopback_only(). Immutable,
/// thread-safe.
class Access {
 public:
  explicit Access(std::vector<TokenHash> tokens);

  bool needs_tokens() const { return !tokens_.empty(); }

  /// Admits the bearer of an Authorization value, "Bearer <token>" (RFC 6750 section 2.1), to what needs `role`. Takes
  /// the same time whichever token, if any, it is. Errors: kUnauthenticated for no token or an unknown one;
  /// kPermissionDenied when its role is less than `role`.
  Result<Principal> admit(std::optional<std::string_view> authorization, Role role) const;

 private:
  std::vector<TokenHash> tokens_;
};

/// Against DNS rebinding: a page of another site can make a browser send requests to loopback, under that site's name.
/// Errors: kPermissionDenied when the Host header (or, where a browser sends one, Origin) is not loopback's own:
/// localhost, 127.0.0.0/8 or [::1], with any port.
Result<void> loopback_only(std::optional<std::string_view> host, std::optional<std::string_view> origin);

/// True for "127.0.0.1", "localhost", "::1" and the like: where a server may listen without tokens.
bool is_loopback(std::string_view host);

}  // namespace tarn::catalog_api
