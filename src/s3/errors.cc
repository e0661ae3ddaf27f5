#include <algorithm>
#include <array>
#include <utility>

#include "s3/errors_internal.h"
#include "s3/xml_internal.h"
#include "store/object_store.h"

namespace tarn::s3 {
namespace {

using enum ErrorCode;

constexpr S3CodeEntry line(S3Code code, std::string_view name, int http_status, ErrorCode category,
                           std::string_view message, std::string_view store_reason = {}) {
  return {code, name, http_status, category, store_reason, message};
}

constexpr std::string_view reason_of(const S3CodeEntry& entry) {
  return entry.store_reason.empty() ? entry.name : entry.store_reason;
}

/// In the order of S3Code.
constexpr std::array kTable = {
    line(S3Code::kAccessControlListNotSupported, "AccessControlListNotSupported", 400, kUnsupported,
         "The bucket does not allow ACLs."),
    line(S3Code::kAccessDenied, "AccessDenied", 403, kPermissionDenied, "Access Denied."),
    line(S3Code::kAuthorizationHeaderMalformed, "AuthorizationHeaderMalformed", 400, kUnauthenticated,
         "The authorization header that you provided is not valid."),
    line(S3Code::kAuthorizationQueryParametersError, "AuthorizationQueryParametersError", 400, kUnauthenticated,
         "The authorization query parameters that you provided are not valid."),
    line(S3Code::kBadDigest, "BadDigest", 400, kInvalidArgument,
         "The Content-MD5 or checksum value that you specified did not match what the server received."),
    line(S3Code::kBadRequest, "BadRequest", 400, kInvalidArgument, "Bad Request."),
    line(S3Code::kBucketAlreadyExists, "BucketAlreadyExists", 409, kAlreadyExists,
         "The requested bucket name is not available."),
    line(S3Code::kBucketAlreadyOwnedByYou, "BucketAlreadyOwnedByYou", 409, kAlreadyExists,
         "The bucket that you tried to create already exists, and you own it."),
    line(S3Code::kBucketNotEmpty, "BucketNotEmpty", 409, kConflict, "The bucket that you tried to delete is not empty.",
         store::kBucketNotEmpty),
    line(S3Code::kConditionalRequestConflict, "ConditionalRequestConflict", 409, kUnavailable,
         "A conflicting operation occurred. Fetch the object again and retry the request."),
    line(S3Code::kEntityTooLarge, "EntityTooLarge", 400, kTooLarge,
         "Your proposed upload exceeds the maximum allowed object size."),
    line(S3Code::kEntityTooSmall, "EntityTooSmall", 400, kInvalidArgument,
         "Your proposed upload is smaller than the minimum allowed object size.", store::kPartTooSmall),
    line(S3Code::kExpiredToken, "ExpiredToken", 400, kUnauthenticated, "The provided token has expired."),
    line(S3Code::kHttpVersionNotSupported, "HttpVersionNotSupported", 505, kUnsupported,
         "The HTTP version specified is not supported."),
    line(S3Code::kIncompleteBody, "IncompleteBody", 400, kInvalidArgument,
         "The request body is not as long as the request says."),
    line(S3Code::kInsufficientStorage, "InsufficientStorage", 507, kNoSpace, "The disk is full. Nothing was written."),
    line(S3Code::kInternalError, "InternalError", 500, kInternal, "An internal error occurred. Try again."),
    line(S3Code::kInvalidAccessKeyId, "InvalidAccessKeyId", 403, kUnauthenticated,
         "The access key ID that you provided does not exist in our records."),
    line(S3Code::kInvalidArgument, "InvalidArgument", 400, kInvalidArgument, "Invalid Argument."),
    line(S3Code::kInvalidBucketName, "InvalidBucketName", 400, kInvalidArgument, "The specified bucket is not valid."),
    line(S3Code::kInvalidDigest, "InvalidDigest", 400, kInvalidArgument,
         "The Content-MD5 that you specified is not valid."),
    line(S3Code::kInvalidPart, "InvalidPart", 400, kInvalidArgument,
         "One or more of the specified parts could not be found. The part might not have been uploaded, or the "
         "specified entity tag might not match the part's entity tag.",
         store::kInvalidPart),
    line(S3Code::kInvalidPartOrder, "InvalidPartOrder", 400, kInvalidArgument,
         "The list of parts was not in ascending order. Parts must be ordered by part number.",
         store::kInvalidPartOrder),
    line(S3Code::kInvalidRange, "InvalidRange", 416, kInvalidArgument, "The requested range is not satisfiable.",
         store::kInvalidRange),
    line(S3Code::kInvalidRequest, "InvalidRequest", 400, kInvalidArgument, "Invalid Request."),
    line(S3Code::kInvalidTag, "InvalidTag", 400, kInvalidArgument, "The tag provided was not a valid tag."),
    line(S3Code::kInvalidToken, "InvalidToken", 400, kUnauthenticated,
         "The provided token is malformed or otherwise not valid."),
    line(S3Code::kInvalidUri, "InvalidURI", 400, kInvalidArgument, "Couldn't parse the specified URI."),
    line(S3Code::kKeyTooLongError, "KeyTooLongError", 400, kInvalidArgument, "Your key is too long."),
    line(S3Code::kMalformedTrailerError, "MalformedTrailerError", 400, kInvalidArgument,
         "The request contained trailing data that was not well-formed."),
    line(S3Code::kMalformedXml, "MalformedXML", 400, kInvalidArgument,
         "The XML that you provided was not well formed or did not validate against our published schema."),
    line(S3Code::kMaxMessageLengthExceeded, "MaxMessageLengthExceeded", 400, kTooLarge, "Your request was too large."),
    line(S3Code::kMetadataTooLarge, "MetadataTooLarge", 400, kTooLarge,
         "Your metadata headers exceed the maximum allowed metadata size."),
    line(S3Code::kMethodNotAllowed, "MethodNotAllowed", 405, kUnsupported,
         "The specified method is not allowed against this resource."),
    line(S3Code::kMissingContentLength, "MissingContentLength", 411, kInvalidArgument,
         "You must provide the Content-Length HTTP header."),
    line(S3Code::kNoSuchBucket, "NoSuchBucket", 404, kNotFound, "The specified bucket does not exist.",
         store::kNoSuchBucket),
    line(S3Code::kNoSuchBucketPolicy, "NoSuchBucketPolicy", 404, kNotFound, "The bucket policy does not exist."),
    line(S3Code::kNoSuchCorsConfiguration, "NoSuchCORSConfiguration", 404, kNotFound,
         "The CORS configuration does not exist."),
    line(S3Code::kNoSuchKey, "NoSuchKey", 404, kNotFound, "The specified key does not exist.", store::kNoSuchKey),
    line(S3Code::kNoSuchLifecycleConfiguration, "NoSuchLifecycleConfiguration", 404, kNotFound,
         "The lifecycle configuration does not exist."),
    line(S3Code::kNoSuchObjectLockConfiguration, "NoSuchObjectLockConfiguration", 404, kNotFound,
         "The specified object does not have an object lock configuration."),
    line(S3Code::kNoSuchPublicAccessBlockConfiguration, "NoSuchPublicAccessBlockConfiguration", 404, kNotFound,
         "The public access block configuration was not found."),
    line(S3Code::kNoSuchTagSet, "NoSuchTagSet", 404, kNotFound, "The tag set does not exist."),
    line(S3Code::kNoSuchUpload, "NoSuchUpload", 404, kNotFound,
         "The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might "
         "have been aborted or completed.",
         store::kNoSuchUpload),
    line(S3Code::kNoSuchVersion, "NoSuchVersion", 404, kNotFound, "The specified version does not exist."),
    line(S3Code::kNoSuchWebsiteConfiguration, "NoSuchWebsiteConfiguration", 404, kNotFound,
         "The specified bucket does not have a website configuration."),
    line(S3Code::kNotImplemented, "NotImplemented", 501, kUnsupported,
         "A header or parameter that you provided implies functionality that is not implemented."),
    line(S3Code::kObjectLockConfigurationNotFoundError, "ObjectLockConfigurationNotFoundError", 404, kNotFound,
         "Object Lock configuration does not exist for this bucket."),
    line(S3Code::kOperationAborted, "OperationAborted", 409, kUnavailable,
         "A conflicting conditional operation is in progress against this resource. Try again."),
    line(S3Code::kOwnershipControlsNotFoundError, "OwnershipControlsNotFoundError", 404, kNotFound,
         "The bucket ownership controls were not found."),
    line(S3Code::kPermanentRedirect, "PermanentRedirect", 301, kInvalidArgument,
         "The bucket must be addressed using another endpoint or region."),
    line(S3Code::kPreconditionFailed, "PreconditionFailed", 412, kPreconditionFailed,
         "At least one of the preconditions that you specified did not hold."),
    line(S3Code::kReplicationConfigurationNotFoundError, "ReplicationConfigurationNotFoundError", 404, kNotFound,
         "The replication configuration was not found."),
    line(S3Code::kRequestHeaderSectionTooLarge, "RequestHeaderSectionTooLarge", 400, kTooLarge,
         "Your request header section exceeds the maximum allowed size."),
    line(S3Code::kRequestTimeout, "RequestTimeout", 400, kUnavailable,
         "Your socket connection to the server was not read from or written to within the timeout period."),
    line(S3Code::kRequestTimeTooSkewed, "RequestTimeTooSkewed", 403, kUnauthenticated,
         "The difference between the request time and the server's time is too large."),
    line(S3Code::kServerSideEncryptionConfigurationNotFoundError, "ServerSideEncryptionConfigurationNotFoundError", 404,
         kNotFound, "The server-side encryption configuration was not found."),
    line(S3Code::kServiceUnavailable, "ServiceUnavailable", 503, kUnavailable, "Service is unable to handle request."),
    line(S3Code::kSignatureDoesNotMatch, "SignatureDoesNotMatch", 403, kUnauthenticated,
         "The request signature that the server calculated does not match the signature that you provided. Check your "
         "secret access key and signing method."),
    line(S3Code::kSlowDown, "SlowDown", 503, kUnavailable, "Please reduce your request rate."),
    line(S3Code::kTemporaryRedirect, "TemporaryRedirect", 307, kUnavailable,
         "You are being redirected to the bucket while the Domain Name System (DNS) server is being updated."),
    line(S3Code::kXAmzContentSha256Mismatch, "XAmzContentSHA256Mismatch", 400, kInvalidArgument,
         "The provided 'x-amz-content-sha256' header does not match what was computed."),
};

consteval bool is_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].code != static_cast<S3Code>(i)) return false;
  }
  return kTable.size() == static_cast<std::size_t>(S3Code::kXAmzContentSha256Mismatch) + 1;
}
static_assert(is_in_order(), "entry_of() indexes the table by S3Code");

/// For errors whose reason says nothing to S3.
S3Code code_for(ErrorCode category) {
  switch (category) {
    case kInvalidArgument:
      return S3Code::kInvalidArgument;
    case kNotFound:
      return S3Code::kNoSuchKey;
    case kAlreadyExists:
      return S3Code::kBucketAlreadyOwnedByYou;
    case kPreconditionFailed:
      return S3Code::kPreconditionFailed;
    case kConflict:
      return S3Code::kOperationAborted;
    case kUnauthenticated:
    case kPermissionDenied:
      return S3Code::kAccessDenied;
    case kTooLarge:
      return S3Code::kEntityTooLarge;
    case kUnsupported:
      return S3Code::kNotImplemented;
    case kNoSpace:
      return S3Code::kInsufficientStorage;
    case kUnavailable:
      return S3Code::kServiceUnavailable;
    case kDeadlineExceeded:
      return S3Code::kSlowDown;
    case kOutcomeUnknown:
    case kCorrupt:
    case kInternal:
      return S3Code::kInternalError;
  }
  return S3Code::kInternalError;
}

/// For answers without a code that we know.
S3Code code_for_status(int http_status) {
  switch (http_status) {
    case 301:
      return S3Code::kPermanentRedirect;
    case 307:
      return S3Code::kTemporaryRedirect;
    case 401:
    case 403:
      return S3Code::kAccessDenied;
    case 404:
      return S3Code::kNoSuchKey;
    case 405:
      return S3Code::kMethodNotAllowed;
    case 408:
      return S3Code::kRequestTimeout;
    case 409:
      return S3Code::kOperationAborted;
    case 411:
      return S3Code::kMissingContentLength;
    case 412:
      return S3Code::kPreconditionFailed;
    case 413:
      return S3Code::kEntityTooLarge;
    case 416:
      return S3Code::kInvalidRange;
    case 429:
      return S3Code::kSlowDown;
    case 502:
    case 503:
    case 504:
      return S3Code::kServiceUnavailable;
    default:
      return http_status < 500 ? S3Code::kBadRequest : S3Code::kInternalError;
  }
}

const S3CodeEntry* find_by_name(std::string_view name) {
  const auto* const found = std::ranges::find(kTable, name, &S3CodeEntry::name);
  return found == kTable.end() ? nullptr : found;
}

}  // namespace

const S3CodeEntry& entry_of(S3Code code) {
  return kTable[static_cast<std::size_t>(code)];
}

std::unexpected<Error> failure(S3Code code, std::string message) {
  const S3CodeEntry& entry = entry_of(code);
  return tarn::failure(entry.category, message.empty() ? std::string(entry.message) : std::move(message),
                       reason_of(entry));
}

const S3CodeEntry& answer_to(const Error& error) {
  if (!error.reason.empty()) {
    const auto* const found = std::ranges::find(kTable, error.reason, reason_of);
    if (found != kTable.end()) return *found;
  }
  return entry_of(code_for(error.code));
}

std::string error_document(const S3CodeEntry& entry, std::string_view message, std::string_view resource,
                           std::string_view request_id) {
  XmlWriter xml("Error", XmlWriter::Namespace::kNone);
  xml.text("Code", entry.name);
  xml.text("Message", message.empty() ? entry.message : message);
  xml.text("Resource", resource);
  xml.text("RequestId", request_id);
  return std::move(xml).finish();
}

Error error_from_answer(int http_status, std::string_view code, std::string_view message, Effect effect) {
  const S3CodeEntry* const named = find_by_name(code);
  const S3CodeEntry& entry = named != nullptr ? *named : entry_of(code_for_status(http_status));
  std::string said(message.empty() ? entry.message : message);
  said += " (HTTP " + std::to_string(http_status);
  if (!code.empty()) said.append(" ").append(code);
  said += ")";

  const bool is_refused_unwritten =
      named != nullptr && (entry.code == S3Code::kInsufficientStorage || entry.code == S3Code::kNotImplemented);
  if (effect == Effect::kWrites && http_status >= 500 && !is_refused_unwritten) {
    return Error{kOutcomeUnknown, std::move(said), {}};
  }
  return Error{entry.category, std::move(said), entry.store_reason};
}

}  // namespace tarn::s3
