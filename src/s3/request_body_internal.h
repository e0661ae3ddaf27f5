#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "async/byte_source.h"
#include "base/result.h"
#include "http/message.h"
#include "s3/sigv4.h"
#include "store/bucket_store.h"

namespace tarn::s3 {

/// What a request's body is, which decides what its headers say of it.
enum class BodyKind : std::uint8_t {
  kObject,            ///< the bytes of an object or part: needs a length or a chunked encoding, at most 5 GiB
  kDocument,          ///< XML
  kUploadCompletion,  ///< XML whose x-amz-checksum-* headers speak of the finished object, not of the document
};

/// A request's body that checks itself.
struct CheckedBody {
  /// The payload, freed of aws-chunked. In place of the end it reports what does not hold: IncompleteBody (declared
  /// length), XAmzContentSHA256Mismatch, BadDigest (Content-MD5, x-amz-checksum-*), SignatureDoesNotMatch (a chunk's or
  /// the trailer's), MalformedTrailerError, RequestTimeout (a silent client).
  std::unique_ptr<async::ByteSource> payload;
  /// Empty until `payload` has ended well; then the checksums that were verified. Shared with `payload`, which the
  /// store may free first. Null where the request carries none.
  std::shared_ptr<const std::vector<store::ObjectChecksum>> checksums;
};

/// Wraps `body` by what the headers and the authentication promise of it. Nothing is read yet. Errors: BadDigest,
/// EntityTooLarge, InvalidDigest, InvalidRequest, MissingContentLength.
Result<CheckedBody> checked_body(std::unique_ptr<async::ByteSource> body, const http::Headers& headers,
                                 const Authentication& authentication, BodyKind kind);

}  // namespace tarn::s3
