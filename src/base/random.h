#pragma once

#include <cstddef>
#include <span>

namespace tarn {

/// Where randomness comes from. Injected, so a test runs from one seed. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> bytes) = 0;
};

/// The operating system's cryptographic generator (OpenSSL's RAND_bytes).
class SystemRandom final : public Random {
 public:
  void fill(std::span<unsigned char> bytes) override;
};

}  // namespace tarn
