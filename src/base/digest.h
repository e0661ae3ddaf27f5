#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace tarn {

enum class DigestAlgorithm : std::uint8_t { kMd5, kSha1, kSha256 };

/// An incremental cryptographic digest. Movable; not thread-safe; done after finish().
class Digest {
 public:
  explicit Digest(DigestAlgorithm algorithm);
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  ~Digest();

  void update(ByteView bytes);
  /// The raw digest: 16, 20 or 32 bytes.
  Bytes finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// One-shot forms, raw bytes.
Bytes md5(ByteView bytes);
Bytes sha256(ByteView bytes);
/// HMAC-SHA-256 (RFC 2104), raw bytes.
Bytes hmac_sha256(ByteView key, ByteView message);

/// Compares in time that depends on the lengths only: for signatures, tokens and hashes of secrets.
bool equal_constant_time(ByteView a, ByteView b);

}  // namespace tarn
