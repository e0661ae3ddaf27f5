#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::apps {

/// Where a server listens. Port 0: the system picks a free one.
struct Address {
  std::string host;  ///< a name or an IP address, IPv6 without its brackets
  std::uint16_t port = 0;

  /// Reads "HOST:PORT", "[IPV6]:PORT". Errors: kInvalidArgument, saying what was expected.
  static Result<Address> parse(std::string_view text);
  /// As parse() reads it.
  std::string to_string() const;

  bool operator==(const Address&) const = default;
};

/// Where a server is: "http://127.0.0.1:9000", "https://s3.eu-central-1.amazonaws.com".
struct Url {
  std::string text;  ///< without a slash at its end

  /// Errors: kInvalidArgument, saying what was expected.
  static Result<Url> parse(std::string_view text);

  bool operator==(const Url&) const = default;
};

}  // namespace tarn::apps
