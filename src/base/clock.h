#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tarn {

/// A moment in UTC, to the microsecond, as manifests store it.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Where wall time comes from. Injected, so tests decide what time it is. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
};

/// "2026-11-23T00:32:06.000000Z": RFC 3339, UTC, always six digits of a second.
std::string to_rfc3339(Timestamp time);
/// Reads RFC 3339 with any offset and 0 to 9 digits of a second (cut to microseconds); nothing when it is not that.
std::optional<Timestamp> parse_rfc3339(std::string_view text);
/// "Mon, 23 Nov 2026 00:32:06 GMT": the HTTP date (RFC 9110 section 5.6.7); fractions of a second are cut.
std::string to_http_date(Timestamp time);
/// Reads the HTTP date's preferred form (IMF-fixdate).
std::optional<Timestamp> parse_http_date(std::string_view text);
/// "20261123T003206Z", ISO 8601 basic, as SigV4 writes it.
std::string to_iso_basic(Timestamp time);
std::optional<Timestamp> parse_iso_basic(std::string_view text);

}  // namespace tarn
