#include "catalog_api/access.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "base/digest.h"

namespace tarn::catalog_api {
namespace {

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// The token of "Bearer <token>"; the scheme's case does not matter.
std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!equal_without_case(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const auto begin = authorization.find_first_not_of(' ', kScheme.size());
  if (begin == std::string_view::npos) return std::nullopt;
  return authorization.substr(begin);
}

/// True for four decimal numbers of a byte, the first being 127.
bool is_loopback_ipv4(std::string_view host) {
  for (int part = 0; part < 4; ++part) {
    unsigned number = 256;
    const auto [end, error] = std::from_chars(host.data(), host.data() + host.size(), number);
    if (error != std::errc() || number > 255 || (part == 0 && number != 127)) return false;
    host.remove_prefix(static_cast<std::size_t>(end - host.data()));
    if (part == 3) return host.empty();
    if (!host.starts_with('.')) return false;
    host.remove_prefix(1);
  }
  return false;
}

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// "host", "host:port", "[::1]", "[::1]:port".
bool is_loopback_authority(std::string_view authority) {
  const auto colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && !authority.ends_with(']');
  if (has_port && !is_digits(authority.substr(colon + 1))) return false;
  std::string_view host = has_port ? authority.substr(0, colon) : authority;
  if (host.starts_with('[') != host.ends_with(']')) return false;
  if (host.starts_with('[')) return host == "[::1]";
  return is_loopback(host) && host != "::1";
}

}  // namespace

Access::Access(std::vector<TokenHash> tokens) : tokens_(std::move(tokens)) {
  constexpr std::size_t kSha256Bytes = 32;
  for (const TokenHash& token : tokens_) TARN_ASSERT(token.sha256.size() == kSha256Bytes);
}

Result<Principal> Access::admit(std::optional<std::string_view> authorization, Role role) const {
  if (!needs_tokens()) return Principal{};
  if (!authorization) return failure(ErrorCode::kUnauthenticated, "a bearer token is needed");
  const auto token = bearer_token(*authorization);
  if (!token) return failure(ErrorCode::kUnauthenticated, "expected the authorization 'Bearer <token>'");
  const Bytes hash = sha256(*token);
  const TokenHash* found = nullptr;
  for (const TokenHash& candidate : tokens_) {
    if (equal_constant_time(candidate.sha256, hash)) found = &candidate;
  }
  if (found == nullptr) return failure(ErrorCode::kUnauthenticated, "the bearer token is not known");
  if (found->role < role) {
    return failure(ErrorCode::kPermissionDenied, "the token '" + found->name + "' does not allow this");
  }
  return Principal{.name = found->name, .role = found->role};
}

Result<void> loopback_only(std::optional<std::string_view> host, std::optional<std::string_view> origin) {
  if (!host || !is_loopback_authority(*host)) {
    return failure(ErrorCode::kPermissionDenied,
                   "without tokens this server answers on loopback only: the Host header must be localhost, 127.x.x.x "
                   "or [::1]");
  }
  if (!origin) return {};
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin->starts_with(scheme) && is_loopback_authority(origin->substr(scheme.size()))) return {};
  }
  return failure(ErrorCode::kPermissionDenied, "without tokens this server answers pages of loopback only, by Origin");
}

bool is_loopback(std::string_view host) {
  return equal_without_case(host, "localhost") || host == "::1" || is_loopback_ipv4(host);
}

}  // namespace tarn::catalog_api
