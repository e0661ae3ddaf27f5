#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"

namespace tarn {

/// A UUID as 16 bytes in network order (RFC 9562).
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// Lower-case, hyphenated: "971cb334-1da5-51fb-8a59-a3e5fec8e01c".
  std::string to_string() const;
  /// Reads exactly that form, either case.
  static std::optional<Uuid> parse(std::string_view text);

  auto operator<=>(const Uuid&) const = default;
};

/// Version 5 (RFC 9562 section 5.5): SHA-1 of namespace and name. The same on every machine, for ever.
Uuid uuid_v5(const Uuid& name_space, std::string_view name);

/// Makes version 7 (RFC 9562 section 5.7) ids that ascend within one generator, even if the clock steps back.
/// Thread-safe.
class UuidV7Generator {
 public:
  /// Both must outlive the generator.
  UuidV7Generator(const Clock& clock, Random& random);

  Uuid next();

 private:
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::int64_t last_milliseconds_ = 0;
  std::uint16_t sequence_ = 0;  // 12 bits: rand_a counts within a millisecond (section 6.2, method 1)
  // Randomness for many ids at a time: a call of the system's generator costs more than the rest of an id.
  std::array<unsigned char, 512> random_bytes_{};
  std::span<const unsigned char> unused_random_;
};

}  // namespace tarn
