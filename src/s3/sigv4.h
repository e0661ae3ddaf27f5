#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"

// AWS Signature Version 4 for S3 (Amazon S3 API reference, "Authenticating Requests"): what a client signs and a server
// verifies. Paths are encoded once, not twice as other AWS services do.
namespace tarn::s3 {

struct AccessKey {
  std::string id;
  std::string secret;
};

/// How a request vouches for its body: x-amz-content-sha256.
enum class PayloadForm : std::uint8_t {
  kUnsigned,                  ///< UNSIGNED-PAYLOAD, and every presigned request that says nothing else
  kSha256,                    ///< the body's digest in hex
  kStreamingSigned,           ///< STREAMING-AWS4-HMAC-SHA256-PAYLOAD: aws-chunked, each chunk signed
  kStreamingSignedTrailer,    ///< STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER: the trailer too
  kStreamingUnsignedTrailer,  ///< STREAMING-UNSIGNED-PAYLOAD-TRAILER: aws-chunked with a checksum in the trailer
};

inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
/// The SHA-256 of nothing, in hex.
inline constexpr std::string_view kEmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A key derived from a secret for one date, region and service.
using SigningKey = std::array<char, 32>;
SigningKey derive_signing_key(std::string_view secret, std::string_view date, std::string_view region,
                              std::string_view service = "s3");

/// What signs the chunks of a streaming body, each over the signature before it.
struct ChunkSigner {
  SigningKey key{};
  std::string timestamp;           ///< "20130524T000000Z"
  std::string scope;               ///< "20130524/us-east-1/s3/aws4_request"
  std::string previous_signature;  ///< the request's own, before the first chunk

  /// The chunk's signature, which becomes the previous one.
  std::string sign_chunk(std::string_view sha256_hex);
  /// The signature of a trailer, from the SHA-256 of its "name:value\n" lines.
  std::string sign_trailer(std::string_view sha256_hex);
};

/// What "Authorization: AWS4-HMAC-SHA256 ..." claims; views into that header's value.
struct SignatureClaims {
  std::string_view credential;     ///< "AKID/20130524/us-east-1/s3/aws4_request"
  std::string_view access_key_id;  ///< these five are parts of it
  std::string_view date;
  std::string_view region;
  std::string_view service;
  std::string_view scope;           ///< from the date on
  std::string_view signed_headers;  ///< "host;range;x-amz-date"
  std::string_view signature;       ///< 64 hex digits
};
/// Errors: AuthorizationHeaderMalformed, InvalidRequest for a scheme other than AWS4-HMAC-SHA256.
Result<SignatureClaims> parse_authorization(std::string_view header);

/// The text whose digest is signed. `host` stands for the Host header where it is not among `headers` (a client's
/// request); `left_out` is a query parameter that is not signed (X-Amz-Signature).
std::string canonical_request(const http::Request& request, std::string_view host, std::string_view signed_headers,
                              std::string_view payload_hash, std::string_view left_out = {});
std::string string_to_sign(std::string_view timestamp, std::string_view scope, std::string_view canonical_request);
std::string signature_of(const SigningKey& key, std::string_view string_to_sign);

/// A request whose signature was right.
struct Authentication {
  std::string access_key_id;
  PayloadForm payload = PayloadForm::kUnsigned;
  std::string payload_sha256;  ///< hex, with kSha256
  ChunkSigner chunk_signer;    ///< with the two signed streaming forms
};

/// Checks requests against a set of keys. Thread-safe.
class SignatureVerifier {
 public:
  /// `clock` outlives the verifier.
  SignatureVerifier(std::vector<AccessKey> keys, const Clock& clock);

  /// Checks the header form or the presigned form; the body is not looked at. The region is whatever the client says.
  /// Errors, each with S3's code: AccessDenied (no signature; expired; unsigned host or x-amz-* headers),
  /// AuthorizationHeaderMalformed, AuthorizationQueryParametersError, InvalidAccessKeyId, InvalidArgument (two
  /// mechanisms, a bad x-amz-content-sha256), InvalidRequest (Signature Version 2), RequestTimeTooSkewed (15 minutes
  /// either way), SignatureDoesNotMatch.
  /// `query` is the request's own, parsed.
  Result<Authentication> verify(const http::Request& request, const http::QueryParameters& query) const;

 private:
  struct Claim;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  Result<Claim> claim_of(const http::Request& request, const http::QueryParameters& query) const;
  const AccessKey* find_key(std::string_view id) const;
  SigningKey signing_key(const AccessKey& key, const SignatureClaims& claims) const;
  void remember(const SignatureClaims& claims, const SigningKey& key) const;

  const std::vector<AccessKey> keys_;
  const Clock& clock_;
  // Deriving a key costs four HMACs, and it is the same all day. Filled by verified requests only; kMaxCachedKeys.
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, SigningKey, TextHash, std::equal_to<>> cached_keys_;
};

/// What a client signs with.
struct ClientCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  ///< empty: none
};

/// Signs a client's requests. Thread-safe.
class RequestSigner {
 public:
  /// `clock` outlives the signer.
  RequestSigner(ClientCredentials credentials, std::string region, const Clock& clock);

  /// Adds x-amz-date, x-amz-content-sha256 (`payload_hash`), x-amz-security-token where there is one, and
  /// Authorization. Signs `host` and every header already there but those that proxies change (User-Agent, Expect,
  /// Connection).
  void sign(http::Request& request, std::string_view host, std::string_view payload_hash) const;
  /// The request's target with its signature in the query, for anyone to use within `lifetime` (1 s to 7 days). Signs
  /// `host` alone.
  std::string presign(const http::Request& request, std::string_view host, std::chrono::seconds lifetime) const;

 private:
  SigningKey key_for(std::string_view date) const;

  const ClientCredentials credentials_;
  const std::string region_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::string cached_date_;
  mutable SigningKey cached_key_{};
};

}  // namespace tarn::s3
