#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/digest.h"
#include "base/encoding.h"
#include "s3/aws_chunked_internal.h"
#include "s3/checksum_internal.h"
#include "s3/errors_internal.h"
#include "s3/request_body_internal.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t kMd5Bytes = 16;

/// What was said of a body beforehand.
struct Promises {
  std::optional<std::uint64_t> length;
  std::optional<Bytes> md5;  ///< raw
  std::string sha256_hex;    ///< empty: none
  std::optional<ChecksumAlgorithm> checksum;
  std::string checksum_base64;  ///< empty: it comes in the trailer
};

/// A connection's failure while the body arrives, in S3's words. What has them already passes.
Error in_s3_words(Error error) {
  switch (error.code) {
    case ErrorCode::kDeadlineExceeded:
      return failure(S3Code::kRequestTimeout).error();
    case ErrorCode::kUnavailable:
    case ErrorCode::kOutcomeUnknown:
      return failure(S3Code::kIncompleteBody, "The connection ended before the body: " + error.message).error();
    case ErrorCode::kInvalidArgument:
      if (answer_to(error).code != S3Code::kInvalidArgument) return error;
      return failure(S3Code::kIncompleteBody, "The body is malformed: " + error.message).error();
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kPreconditionFailed:
    case ErrorCode::kConflict:
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kTooLarge:
    case ErrorCode::kUnsupported:
    case ErrorCode::kNoSpace:
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      return error;
  }
  return error;
}

/// Passes bytes on and holds them against the promises. An error stays: every later call reports it too.
class CheckingSource final : public async::ByteSource {
 public:
  CheckingSource(std::unique_ptr<async::ByteSource> inner, const std::vector<TrailerField>* trailers, Promises promises,
                 std::shared_ptr<std::vector<store::ObjectChecksum>> verified)
      : inner_(std::move(inner)), trailers_(trailers), promises_(std::move(promises)), verified_(std::move(verified)) {
    if (promises_.md5) md5_.emplace(DigestAlgorithm::kMd5);
    if (!promises_.sha256_hex.empty()) sha256_.emplace(DigestAlgorithm::kSha256);
    if (promises_.checksum) checksum_.emplace(*promises_.checksum);
  }

  Task<ByteView> next() override {
    if (failure_) co_return std::unexpected(*failure_);
    if (is_at_end_) co_return ByteView();
    Result<ByteView> piece = co_await inner_->next();
    if (!piece) co_return fail(in_s3_words(std::move(piece).error()));
    if (piece->empty()) {
      if (auto checked = check_end(); !checked) co_return fail(std::move(checked).error());
      is_at_end_ = true;
      co_return ByteView();
    }
    received_bytes_ += piece->size();
    if (received_bytes_ > promises_.length.value_or(store::kMaxPutBytes)) {
      co_return fail(promises_.length ? failure(S3Code::kIncompleteBody, "The body is longer than declared.").error()
                                      : failure(S3Code::kEntityTooLarge).error());
    }
    if (md5_) md5_->update(*piece);
    if (sha256_) sha256_->update(*piece);
    if (checksum_) checksum_->update(*piece);
    co_return *piece;
  }

  std::optional<std::uint64_t> size() const override { return promises_.length ? promises_.length : inner_->size(); }

 private:
  std::unexpected<Error> fail(Error error) {
    failure_ = std::move(error);
    return std::unexpected(*failure_);
  }

  Result<void> check_end() {
    if (promises_.length && received_bytes_ != *promises_.length) {
      return failure(S3Code::kIncompleteBody, "The body has " + std::to_string(received_bytes_) + " bytes and not " +
                                                  std::to_string(*promises_.length) + " as declared.");
    }
    if (sha256_ && hex_encode(sha256_->finish()) != promises_.sha256_hex) {
      return failure(S3Code::kXAmzContentSha256Mismatch);
    }
    if (md5_ && md5_->finish() != *promises_.md5) {
      return failure(S3Code::kBadDigest, "The Content-MD5 you specified did not match what we received.");
    }
    return checksum_ ? check_checksum() : Result<void>();
  }

  Result<void> check_checksum() {
    const std::string_view header = header_of(checksum_->algorithm());
    std::string_view expected = promises_.checksum_base64;
    if (expected.empty() && trailers_ != nullptr) {
      for (const TrailerField& field : *trailers_) {
        if (field.name == header) expected = field.value;
      }
    }
    if (expected.empty()) {
      return failure(S3Code::kMalformedTrailerError, "The trailer has no " + std::string(header) + ".");
    }
    std::string computed = checksum_->finish();
    if (computed != expected) {
      return failure(S3Code::kBadDigest, "The " + std::string(name_of(checksum_->algorithm())) +
                                             " you specified did not match the calculated checksum.");
    }
    verified_->push_back({std::string(name_of(checksum_->algorithm())), std::move(computed)});
    return {};
  }

  std::unique_ptr<async::ByteSource> inner_;
  const std::vector<TrailerField>* trailers_;  // inner_'s own; null where it has none
  Promises promises_;
  std::shared_ptr<std::vector<store::ObjectChecksum>> verified_;
  std::optional<Digest> md5_;
  std::optional<Digest> sha256_;
  std::optional<Checksum> checksum_;
  std::uint64_t received_bytes_ = 0;
  bool is_at_end_ = false;
  std::optional<Error> failure_;
};

/// The checksum that a header carries or announces for the trailer.
Result<void> read_checksum(const http::Headers& headers, bool has_trailer, Promises& promises) {
  constexpr std::string_view kTrailerHeader = "x-amz-trailer";
  const auto add = [&](ChecksumAlgorithm algorithm, std::string_view base64) -> Result<void> {
    if (promises.checksum) {
      return failure(S3Code::kInvalidRequest,
                     "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    promises.checksum = algorithm;
    promises.checksum_base64 = base64;
    return {};
  };
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto algorithm = checksum_of_header(headers[i].name);
    if (!algorithm) continue;
    const auto raw = base64_decode(headers[i].value);
    if (!raw || raw->size() != size_of(*algorithm)) {
      return failure(S3Code::kBadDigest, "Value for " + std::string(headers[i].name) + " header is invalid.");
    }
    TARN_TRY_VOID(add(*algorithm, headers[i].value));
  }
  if (const auto announced = headers.get(kTrailerHeader); announced && has_trailer) {
    const auto algorithm = checksum_of_header(*announced);
    if (!algorithm)
      return failure(S3Code::kInvalidRequest, "The value specified in the x-amz-trailer header is not supported");
    TARN_TRY_VOID(add(*algorithm, {}));
  }
  return {};
}

Result<std::optional<std::uint64_t>> decoded_length(const http::Headers& headers) {
  const auto text = headers.get("x-amz-decoded-content-length");
  if (!text) return std::nullopt;
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), length);
  if (error != std::errc() || end != text->data() + text->size()) {
    return failure(S3Code::kInvalidArgument, "x-amz-decoded-content-length is no number.");
  }
  return length;
}

}  // namespace

Result<CheckedBody> checked_body(std::unique_ptr<async::ByteSource> body, const http::Headers& headers,
                                 const Authentication& authentication, BodyKind kind) {
  const PayloadForm form = authentication.payload;
  const bool is_aws_chunked = form != PayloadForm::kUnsigned && form != PayloadForm::kSha256;
  const bool has_trailer =
      form == PayloadForm::kStreamingSignedTrailer || form == PayloadForm::kStreamingUnsignedTrailer;
  if (kind == BodyKind::kObject && !headers.has("content-length") && !headers.has("transfer-encoding")) {
    return failure(S3Code::kMissingContentLength);
  }

  Promises promises;
  promises.sha256_hex = authentication.payload_sha256;
  if (is_aws_chunked) {
    TARN_TRY(promises.length, decoded_length(headers));
  } else {
    promises.length = body->size();
  }
  if (promises.length && *promises.length > store::kMaxPutBytes) return failure(S3Code::kEntityTooLarge);
  if (const auto content_md5 = headers.get("content-md5")) {
    promises.md5 = base64_decode(*content_md5);
    if (!promises.md5 || promises.md5->size() != kMd5Bytes) return failure(S3Code::kInvalidDigest);
  }
  if (kind != BodyKind::kUploadCompletion) TARN_TRY_VOID(read_checksum(headers, has_trailer, promises));

  CheckedBody checked;
  const std::vector<TrailerField>* trailers = nullptr;
  if (is_aws_chunked) {
    auto decoded =
        std::make_unique<AwsChunkedSource>(std::move(body), form, authentication.chunk_signer, promises.length);
    trailers = &decoded->trailers();
    body = std::move(decoded);
  }
  std::shared_ptr<std::vector<store::ObjectChecksum>> verified;
  if (promises.checksum) verified = std::make_shared<std::vector<store::ObjectChecksum>>();
  checked.checksums = verified;
  checked.payload =
      std::make_unique<CheckingSource>(std::move(body), trailers, std::move(promises), std::move(verified));
  return checked;
}

}  // namespace tarn::s3
