#include "base/digest.h"

#include <array>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/random.h"
#include "base/result.h"

namespace tarn {
namespace {

/// Fetching an algorithm by name walks OpenSSL's providers (about 1 µs and a lock): once is enough.
const EVP_MD* algorithm_of(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kMd5: {
      static const EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
      return md5;
    }
    case DigestAlgorithm::kSha1: {
      static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
      return sha1;
    }
    case DigestAlgorithm::kSha256: {
      static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
      return sha256;
    }
  }
  return nullptr;
}

Bytes digest(DigestAlgorithm algorithm, ByteView bytes) {
  Digest digest(algorithm);
  digest.update(bytes);
  return digest.finish();
}

}  // namespace

struct Digest::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(evp); }
};

Digest::Digest(DigestAlgorithm algorithm) : context_(std::make_unique<Context>()) {
  const EVP_MD* const md = algorithm_of(algorithm);
  TARN_ASSERT(md != nullptr && context_->evp != nullptr);
  TARN_ASSERT(EVP_DigestInit_ex2(context_->evp, md, nullptr) == 1);
}

Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::update(ByteView bytes) {
  TARN_ASSERT(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1);
}

Bytes Digest::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  TARN_ASSERT(EVP_DigestFinal_ex(context_->evp, hash.data(), &size) == 1);
  return {reinterpret_cast<const char*>(hash.data()), size};
}

Bytes md5(ByteView bytes) {
  return digest(DigestAlgorithm::kMd5, bytes);
}

Bytes sha256(ByteView bytes) {
  return digest(DigestAlgorithm::kSha256, bytes);
}

Bytes hmac_sha256(ByteView key, ByteView message) {
  // RFC 2104 over our own Digest: OpenSSL 3's HMAC() fetches its algorithm anew at each call, which costs more than the
  // two hashes it computes.
  constexpr std::size_t kBlockBytes = 64;
  std::array<char, kBlockBytes> inner_pad{};
  std::array<char, kBlockBytes> outer_pad{};
  const Bytes hashed_key = key.size() > kBlockBytes ? sha256(key) : Bytes();
  const ByteView effective = hashed_key.empty() ? key : ByteView(hashed_key);
  for (std::size_t i = 0; i < kBlockBytes; ++i) {
    const char byte = i < effective.size() ? effective[i] : '\0';
    inner_pad[i] = static_cast<char>(byte ^ 0x36);
    outer_pad[i] = static_cast<char>(byte ^ 0x5c);
  }
  Digest inner(DigestAlgorithm::kSha256);
  inner.update({inner_pad.data(), inner_pad.size()});
  inner.update(message);
  Digest outer(DigestAlgorithm::kSha256);
  outer.update({outer_pad.data(), outer_pad.size()});
  outer.update(inner.finish());
  return outer.finish();
}

bool equal_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void SystemRandom::fill(std::span<unsigned char> bytes) {
  TARN_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
}

}  // namespace tarn
