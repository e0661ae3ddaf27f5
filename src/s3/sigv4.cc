#include "s3/sigv4.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "base/digest.h"
#include "base/encoding.h"
#include "s3/errors_internal.h"

namespace tarn::s3 {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";
constexpr minutes kMaxSkew{15};
constexpr seconds kMaxPresignedLifetime{604'800};
constexpr std::size_t kMaxCachedKeys = 256;
constexpr std::size_t kSha256HexDigits = 64;

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_sha256_hex(std::string_view text) {
  return text.size() == kSha256HexDigits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

SigningKey to_key(const Bytes& mac) {
  SigningKey key{};
  TARN_ASSERT(mac.size() == key.size());
  std::memcpy(key.data(), mac.data(), key.size());
  return key;
}

/// What lies between separators, one at a time.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view taken = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return taken;
}

/// Decodes and encodes again, so that clients that leave more (or less) unencoded than SigV4's rule sign the same text.
/// "%2F" stays, since it is not the separator '/'. What is no escape is encoded as the characters it is made of.
void append_normalised(std::string& out, std::string_view encoded, bool keeps_slash) {
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const char c = encoded[i];
    if (c == '/' && keeps_slash) {
      out.push_back('/');
      continue;
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
        c == '_' || c == '~') {
      out.push_back(c);
      continue;
    }
    const auto decoded = c == '%' ? percent_decode(encoded.substr(i, 3)) : std::nullopt;
    if (decoded) {
      out += percent_encode(*decoded);
      i += 2;
    } else {
      out += percent_encode(encoded.substr(i, 1));
    }
  }
}

void append_canonical_query(std::string& out, std::string_view query, std::string_view left_out) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    std::string_view parameter = take_until(query, '&');
    if (parameter.empty()) continue;
    const std::string_view name = take_until(parameter, '=');
    if (!left_out.empty() && name == left_out) continue;
    auto& [canonical_name, canonical_value] = parameters.emplace_back();
    append_normalised(canonical_name, name, false);
    append_normalised(canonical_value, parameter, false);
  }
  std::ranges::sort(parameters);
  bool is_first = true;
  for (const auto& [name, value] : parameters) {
    if (!std::exchange(is_first, false)) out.push_back('&');
    out.append(name).append("=").append(value);
  }
}

/// Surrounding white space cut, each run of it inside one space.
void append_collapsed(std::string& out, std::string_view value) {
  const std::size_t begin = out.size();
  bool is_after_space = true;
  for (const char c : value) {
    const bool is_space = c == ' ' || c == '\t';
    if (!is_space) {
      out.push_back(c);
    } else if (!is_after_space) {
      out.push_back(' ');
    }
    is_after_space = is_space;
  }
  if (out.size() > begin && out.back() == ' ') out.pop_back();
}

bool is_signed(std::string_view signed_headers, std::string_view name) {
  while (!signed_headers.empty()) {
    if (http::names_equal(take_until(signed_headers, ';'), name)) return true;
  }
  return false;
}

/// "AKID/20130524/us-east-1/s3/aws4_request", from the right, since an id may hold a slash. False when it is not that.
bool parse_credential(std::string_view credential, SignatureClaims& claims) {
  claims.credential = credential;
  std::array<std::string_view, 4> parts;  // terminator, service, region, date
  std::string_view rest = credential;
  for (std::string_view& part : parts) {
    const std::size_t slash = rest.rfind('/');
    if (slash == std::string_view::npos) return false;
    part = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
  }
  claims.access_key_id = rest;
  claims.service = parts[1];
  claims.region = parts[2];
  claims.date = parts[3];
  claims.scope = credential.substr(rest.size() + 1);
  return parts[0] == kTerminator && !claims.access_key_id.empty();
}

Result<PayloadForm> payload_form_of(std::string_view content_sha256) {
  if (content_sha256 == kUnsignedPayload) return PayloadForm::kUnsigned;
  if (content_sha256 == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") return PayloadForm::kStreamingSigned;
  if (content_sha256 == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") return PayloadForm::kStreamingSignedTrailer;
  if (content_sha256 == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return PayloadForm::kStreamingUnsignedTrailer;
  if (is_sha256_hex(content_sha256)) return PayloadForm::kSha256;
  if (content_sha256.starts_with("STREAMING-AWS4-ECDSA")) {
    return failure(S3Code::kNotImplemented, "Signature Version 4A is not implemented.");
  }
  return failure(S3Code::kInvalidArgument,
                 "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                 "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid SHA-256 "
                 "value.");
}

/// What a man in the middle could otherwise add or change: the host, and all that S3 acts upon.
Result<void> require_signed_headers(const http::Headers& headers, std::string_view signed_headers, bool is_presigned) {
  constexpr std::string_view kPrefix = "x-amz-";
  if (!is_signed(signed_headers, "host")) return failure(S3Code::kAccessDenied, "The host header must be signed.");
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const std::string_view name = headers[i].name;
    if (name.size() < kPrefix.size() || !http::names_equal(name.substr(0, kPrefix.size()), kPrefix)) continue;
    // A presigned request's own payload hash is part of the signed text anyway.
    if (is_presigned && http::names_equal(name, "x-amz-content-sha256")) continue;
    if (!is_signed(signed_headers, name)) {
      return failure(S3Code::kAccessDenied,
                     "There were headers present in the request which were not signed: " + std::string(name));
    }
  }
  return {};
}

std::unexpected<Error> no_such_key(std::string_view access_key_id) {
  return failure(S3Code::kInvalidAccessKeyId,
                 "The access key ID '" + std::string(access_key_id) + "' does not exist in our records.");
}

std::unexpected<Error> bad_query(std::string_view message) {
  return failure(S3Code::kAuthorizationQueryParametersError, std::string(message));
}

}  // namespace

SigningKey derive_signing_key(std::string_view secret, std::string_view date, std::string_view region,
                              std::string_view service) {
  const Bytes date_key = hmac_sha256(std::string("AWS4").append(secret), date);
  const Bytes region_key = hmac_sha256(date_key, region);
  const Bytes service_key = hmac_sha256(region_key, service);
  return to_key(hmac_sha256(service_key, kTerminator));
}

std::string signature_of(const SigningKey& key, std::string_view text) {
  return hex_encode(hmac_sha256({key.data(), key.size()}, text));
}

std::string ChunkSigner::sign_chunk(std::string_view sha256_hex) {
  std::string text("AWS4-HMAC-SHA256-PAYLOAD\n");
  text.append(timestamp).append("\n").append(scope).append("\n").append(previous_signature).append("\n");
  text.append(kEmptySha256).append("\n").append(sha256_hex);
  previous_signature = signature_of(key, text);
  return previous_signature;
}

std::string ChunkSigner::sign_trailer(std::string_view sha256_hex) {
  std::string text("AWS4-HMAC-SHA256-TRAILER\n");
  text.append(timestamp).append("\n").append(scope).append("\n").append(previous_signature).append("\n");
  text.append(sha256_hex);
  previous_signature = signature_of(key, text);
  return previous_signature;
}

Result<SignatureClaims> parse_authorization(std::string_view header) {
  if (!header.starts_with("AWS")) return failure(S3Code::kInvalidArgument, "Unsupported Authorization Type");
  if (!header.starts_with(kAlgorithm) || (header.size() > kAlgorithm.size() && header[kAlgorithm.size()] != ' ')) {
    return failure(S3Code::kInvalidRequest,
                   "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
  }
  SignatureClaims claims;
  std::string_view rest = header.substr(kAlgorithm.size());
  std::string_view credential;
  while (!rest.empty()) {
    std::string_view value = take_until(rest, ',');
    while (value.starts_with(' ')) value.remove_prefix(1);
    while (value.ends_with(' ')) value.remove_suffix(1);
    const std::string_view name = take_until(value, '=');
    if (name == "Credential") {
      credential = value;
    } else if (name == "SignedHeaders") {
      claims.signed_headers = value;
    } else if (name == "Signature") {
      claims.signature = value;
    } else {
      return failure(
          S3Code::kAuthorizationHeaderMalformed,
          "The authorization header is malformed; only Credential, SignedHeaders and Signature stand in it.");
    }
  }
  if (!parse_credential(credential, claims)) {
    return failure(S3Code::kAuthorizationHeaderMalformed,
                   "The authorization header is malformed; the Credential is mal-formed; expecting "
                   "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
  }
  if (claims.signed_headers.empty()) {
    return failure(S3Code::kAuthorizationHeaderMalformed,
                   "The authorization header is malformed; SignedHeaders is missing.");
  }
  if (!is_sha256_hex(claims.signature)) {
    return failure(S3Code::kAuthorizationHeaderMalformed,
                   "The authorization header is malformed; the Signature is not 64 hexadecimal digits.");
  }
  return claims;
}

std::string canonical_request(const http::Request& request, std::string_view host, std::string_view signed_headers,
                              std::string_view payload_hash, std::string_view left_out) {
  std::string text;
  text.reserve(1024);
  text.append(request.method).append("\n");
  append_normalised(text, request.path(), true);
  text.append("\n");
  append_canonical_query(text, request.query(), left_out);
  text.append("\n");
  for (std::string_view rest = signed_headers; !rest.empty();) {
    const std::string_view name = take_until(rest, ';');
    text.append(name).append(":");
    bool is_first = true;
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
      const http::Headers::Field field = request.headers[i];
      if (!http::names_equal(field.name, name)) continue;
      if (!std::exchange(is_first, false)) text.append(",");
      append_collapsed(text, field.value);
    }
    if (is_first && name == "host") text.append(host);
    text.append("\n");
  }
  text.append("\n").append(signed_headers).append("\n").append(payload_hash);
  return text;
}

std::string string_to_sign(std::string_view timestamp, std::string_view scope, std::string_view canonical) {
  std::string text;
  text.reserve(256);
  text.append(kAlgorithm).append("\n").append(timestamp).append("\n").append(scope).append("\n");
  return text.append(hex_encode(sha256(canonical)));
}

/// A signature to be checked, from either form; views into the request and its parsed query.
struct SignatureVerifier::Claim {
  SignatureClaims claims;
  std::string timestamp;          ///< ISO basic, as it is signed
  std::string_view payload_hash;  ///< as it is signed
  PayloadForm payload = PayloadForm::kUnsigned;
  bool is_presigned = false;
};

SignatureVerifier::SignatureVerifier(std::vector<AccessKey> keys, const Clock& clock)
    : keys_(std::move(keys)), clock_(clock) {}

const AccessKey* SignatureVerifier::find_key(std::string_view id) const {
  const auto found = std::ranges::find(keys_, id, &AccessKey::id);
  return found == keys_.end() ? nullptr : &*found;
}

namespace {

/// botocore writes the zone of a Date as email has it.
std::string with_gmt(std::string_view date) {
  std::string text(date);
  constexpr std::string_view kZone = "-0000";
  if (text.ends_with(kZone)) text.replace(text.size() - kZone.size(), kZone.size(), "GMT");
  return text;
}

/// The header form's time: X-Amz-Date, else Date in either notation.
Result<Timestamp> header_time(const http::Headers& headers) {
  const auto amz_date = headers.get("x-amz-date");
  const auto date = amz_date ? amz_date : headers.get("date");
  std::optional<Timestamp> time;
  if (date) time = parse_iso_basic(*date);
  if (date && !time) time = parse_http_date(with_gmt(*date));
  if (!time) return failure(S3Code::kAccessDenied, "AWS authentication requires a valid Date or x-amz-date header");
  return *time;
}

Result<void> check_header_time(Timestamp signed_at, std::string_view timestamp, const SignatureClaims& claims,
                               Timestamp now) {
  if (signed_at > now + kMaxSkew || signed_at < now - kMaxSkew) {
    return failure(S3Code::kRequestTimeTooSkewed, "The difference between the request time (" + std::string(timestamp) +
                                                      ") and the server's time (" + to_iso_basic(now) +
                                                      ") is more than 15 minutes.");
  }
  if (!timestamp.starts_with(claims.date) || claims.date.size() != 8) {
    return failure(S3Code::kAuthorizationHeaderMalformed,
                   "The authorization header is malformed; the credential's "
                   "date is not the date of x-amz-date.");
  }
  return {};
}

/// The lifetime and date of a presigned request.
Result<void> check_presigned_time(std::string_view timestamp, std::string_view expires, const SignatureClaims& claims,
                                  Timestamp now) {
  const auto signed_at = parse_iso_basic(timestamp);
  if (!signed_at) return bad_query("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (!timestamp.starts_with(claims.date) || claims.date.size() != 8) {
    return bad_query("The credential's date is not the date of X-Amz-Date.");
  }
  std::int64_t lifetime_seconds = 0;
  const auto [end, error] = std::from_chars(expires.data(), expires.data() + expires.size(), lifetime_seconds);
  if (error != std::errc() || end != expires.data() + expires.size()) return bad_query("X-Amz-Expires is no number");
  if (lifetime_seconds < 1) return bad_query("X-Amz-Expires must be positive");
  if (seconds(lifetime_seconds) > kMaxPresignedLifetime) {
    return bad_query(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
        "less than 604800 seconds");
  }
  if (*signed_at > now + kMaxSkew) return failure(S3Code::kAccessDenied, "Request is not yet valid");
  if (now > *signed_at + seconds(lifetime_seconds)) return failure(S3Code::kAccessDenied, "Request has expired");
  return {};
}

/// Which of the two forms a request has. Errors: none, both, or Signature Version 2.
Result<bool> is_presigned_form(const http::Request& request, const http::QueryParameters& query) {
  const bool has_header = request.headers.has("authorization");
  const bool has_query =
      http::find(query, "X-Amz-Algorithm").has_value() || http::find(query, "X-Amz-Signature").has_value();
  const bool has_version_2 =
      http::find(query, "AWSAccessKeyId").has_value() && http::find(query, "Signature").has_value();
  if ((has_header && has_query) || (has_header && has_version_2)) {
    return failure(S3Code::kInvalidArgument,
                   "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
                   "parameter or the Authorization header should be specified");
  }
  if (has_version_2) {
    return failure(S3Code::kInvalidRequest,
                   "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
  }
  if (!has_header && !has_query) return failure(S3Code::kAccessDenied);
  return has_query;
}

}  // namespace

Result<SignatureVerifier::Claim> SignatureVerifier::claim_of(const http::Request& request,
                                                             const http::QueryParameters& query) const {
  TARN_TRY(const bool is_presigned, is_presigned_form(request, query));
  Claim claim;
  claim.is_presigned = is_presigned;
  const auto content_sha256 = request.headers.get("x-amz-content-sha256");
  if (!is_presigned) {
    TARN_TRY(claim.claims, parse_authorization(*request.headers.get("authorization")));
    if (claim.claims.service != "s3") {
      return failure(S3Code::kAuthorizationHeaderMalformed,
                     "The authorization header is malformed; incorrect service. This endpoint belongs to \"s3\".");
    }
    if (find_key(claim.claims.access_key_id) == nullptr) return no_such_key(claim.claims.access_key_id);
    TARN_TRY(const Timestamp signed_at, header_time(request.headers));
    claim.timestamp = to_iso_basic(signed_at);
    TARN_TRY_VOID(check_header_time(signed_at, claim.timestamp, claim.claims, clock_.now()));
    if (!content_sha256) {
      return failure(S3Code::kInvalidRequest, "Missing required header for this request: x-amz-content-sha256");
    }
    claim.payload_hash = *content_sha256;
  } else {
    const auto parameter = [&](std::string_view name) { return http::find(query, name).value_or(std::string_view()); };
    if (parameter("X-Amz-Algorithm") != kAlgorithm) {
      return bad_query("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
    }
    if (!parse_credential(parameter("X-Amz-Credential"), claim.claims) || claim.claims.service != "s3") {
      return bad_query(
          "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
          "\"<YOUR-AKID>/YYYYMMDD/REGION/s3/aws4_request\".");
    }
    if (find_key(claim.claims.access_key_id) == nullptr) return no_such_key(claim.claims.access_key_id);
    claim.claims.signed_headers = parameter("X-Amz-SignedHeaders");
    claim.claims.signature = parameter("X-Amz-Signature");
    if (claim.claims.signed_headers.empty() || !is_sha256_hex(claim.claims.signature)) {
      return bad_query(
          "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
          "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
    }
    claim.timestamp = parameter("X-Amz-Date");
    TARN_TRY_VOID(check_presigned_time(claim.timestamp, parameter("X-Amz-Expires"), claim.claims, clock_.now()));
    claim.payload_hash = content_sha256.value_or(http::find(query, "X-Amz-Content-Sha256").value_or(kUnsignedPayload));
  }
  TARN_TRY(claim.payload, payload_form_of(claim.payload_hash));
  TARN_TRY_VOID(require_signed_headers(request.headers, claim.claims.signed_headers, is_presigned));
  return claim;
}

SigningKey SignatureVerifier::signing_key(const AccessKey& key, const SignatureClaims& claims) const {
  {
    const std::lock_guard lock(mutex_);
    const auto cached = cached_keys_.find(claims.credential);
    if (cached != cached_keys_.end()) return cached->second;
  }
  return derive_signing_key(key.secret, claims.date, claims.region, claims.service);
}

void SignatureVerifier::remember(const SignatureClaims& claims, const SigningKey& key) const {
  const std::lock_guard lock(mutex_);
  if (cached_keys_.contains(claims.credential)) return;
  if (cached_keys_.size() >= kMaxCachedKeys) cached_keys_.clear();
  cached_keys_.emplace(claims.credential, key);
}

Result<Authentication> SignatureVerifier::verify(const http::Request& request,
                                                 const http::QueryParameters& query) const {
  TARN_TRY(Claim claim, claim_of(request, query));

  const SigningKey key = signing_key(*find_key(claim.claims.access_key_id), claim.claims);
  const std::string canonical =
      canonical_request(request, {}, claim.claims.signed_headers, claim.payload_hash,
                        claim.is_presigned ? std::string_view("X-Amz-Signature") : std::string_view());
  const std::string expected = signature_of(key, string_to_sign(claim.timestamp, claim.claims.scope, canonical));
  if (!equal_constant_time(expected, claim.claims.signature)) return failure(S3Code::kSignatureDoesNotMatch);
  remember(claim.claims, key);

  Authentication authentication{.access_key_id = std::string(claim.claims.access_key_id),
                                .payload = claim.payload,
                                .payload_sha256 = {},
                                .chunk_signer = {}};
  switch (claim.payload) {
    case PayloadForm::kUnsigned:
    case PayloadForm::kStreamingUnsignedTrailer:
      break;
    case PayloadForm::kSha256:
      authentication.payload_sha256 = claim.payload_hash;
      std::ranges::transform(authentication.payload_sha256, authentication.payload_sha256.begin(), to_lower);
      break;
    case PayloadForm::kStreamingSigned:
    case PayloadForm::kStreamingSignedTrailer:
      authentication.chunk_signer = {.key = key,
                                     .timestamp = std::move(claim.timestamp),
                                     .scope = std::string(claim.claims.scope),
                                     .previous_signature = expected};
      break;
  }
  return authentication;
}

RequestSigner::RequestSigner(ClientCredentials credentials, std::string region, const Clock& clock)
    : credentials_(std::move(credentials)), region_(std::move(region)), clock_(clock) {}

SigningKey RequestSigner::key_for(std::string_view date) const {
  const std::lock_guard lock(mutex_);
  if (cached_date_ != date) {
    cached_key_ = derive_signing_key(credentials_.secret_access_key, date, region_);
    cached_date_ = date;
  }
  return cached_key_;
}

void RequestSigner::sign(http::Request& request, std::string_view host, std::string_view payload_hash) const {
  constexpr std::array<std::string_view, 6> kUnsignedNames = {"user-agent",    "expect",         "connection",
                                                              "authorization", "content-length", "transfer-encoding"};
  const std::string timestamp = to_iso_basic(clock_.now());
  const std::string_view date = std::string_view(timestamp).substr(0, 8);
  request.headers.set("x-amz-date", timestamp);
  request.headers.set("x-amz-content-sha256", payload_hash);
  if (!credentials_.session_token.empty()) request.headers.set("x-amz-security-token", credentials_.session_token);

  std::vector<std::string> names = {"host"};
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    std::string name(request.headers[i].name);
    std::ranges::transform(name, name.begin(), to_lower);
    if (std::ranges::find(kUnsignedNames, name) == kUnsignedNames.end()) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  std::string signed_headers;
  for (const std::string& name : names) {
    if (!signed_headers.empty()) signed_headers.push_back(';');
    signed_headers += name;
  }

  const std::string scope = std::string(date) + "/" + region_ + "/s3/" + std::string(kTerminator);
  const std::string canonical = canonical_request(request, host, signed_headers, payload_hash);
  std::string authorization(kAlgorithm);
  authorization.append(" Credential=").append(credentials_.access_key_id).append("/").append(scope);
  authorization.append(", SignedHeaders=").append(signed_headers).append(", Signature=");
  authorization.append(signature_of(key_for(date), string_to_sign(timestamp, scope, canonical)));
  request.headers.set("authorization", authorization);
}

std::string RequestSigner::presign(const http::Request& request, std::string_view host, seconds lifetime) const {
  TARN_ASSERT(lifetime >= seconds(1) && lifetime <= kMaxPresignedLifetime);
  const std::string timestamp = to_iso_basic(clock_.now());
  const std::string_view date = std::string_view(timestamp).substr(0, 8);
  const std::string scope = std::string(date) + "/" + region_ + "/s3/" + std::string(kTerminator);

  http::Request presigned;
  presigned.method = request.method;
  presigned.target = request.target;
  presigned.target.append(request.query().empty() ? "?" : "&").append("X-Amz-Algorithm=").append(kAlgorithm);
  presigned.target.append("&X-Amz-Credential=").append(percent_encode(credentials_.access_key_id + "/" + scope));
  presigned.target.append("&X-Amz-Date=").append(timestamp);
  presigned.target.append("&X-Amz-Expires=").append(std::to_string(lifetime.count()));
  presigned.target.append("&X-Amz-SignedHeaders=host");
  if (!credentials_.session_token.empty()) {
    presigned.target.append("&X-Amz-Security-Token=").append(percent_encode(credentials_.session_token));
  }
  const std::string canonical = canonical_request(presigned, host, "host", kUnsignedPayload);
  presigned.target.append("&X-Amz-Signature=")
      .append(signature_of(key_for(date), string_to_sign(timestamp, scope, canonical)));
  return std::move(presigned.target);
}

}  // namespace tarn::s3
