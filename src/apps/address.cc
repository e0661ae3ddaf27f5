#include "apps/address.h"

#include <charconv>

namespace tarn::apps {
namespace {

std::unexpected<Error> expected_address() {
  return failure(ErrorCode::kInvalidArgument, "expected HOST:PORT, as in 127.0.0.1:9000 or [::1]:9000");
}

}  // namespace

Result<Address> Address::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return expected_address();
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of(" /[]") != std::string_view::npos) return expected_address();
  // "::1" alone could be read as host ":" and port 1.
  if (!is_bracketed && host.find(':') != std::string_view::npos) return expected_address();

  Address address{.host = std::string(host)};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size() || port.empty()) return expected_address();
  return address;
}

std::string Address::to_string() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Url> Url::parse(std::string_view text) {
  const auto expected =
      failure(ErrorCode::kInvalidArgument, "expected http://HOST:PORT or https://HOST, without a path");
  std::string_view rest = text;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) rest = text.substr(scheme.size());
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.size() == text.size() || rest.empty() || rest.find_first_of("/?#@ ") != std::string_view::npos) {
    return expected;
  }
  return Url{std::string(text.substr(0, static_cast<std::size_t>(rest.data() + rest.size() - text.data())))};
}

}  // namespace tarn::apps
