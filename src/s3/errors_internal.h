#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::s3 {

/// S3's error codes, those that we answer and those that our client tells apart (Amazon S3 API reference, "Error
/// responses"). The enumerator's name is the code's own.
enum class S3Code : std::uint8_t {
  kAccessControlListNotSupported,
  kAccessDenied,
  kAuthorizationHeaderMalformed,
  kAuthorizationQueryParametersError,
  kBadDigest,
  kBadRequest,
  kBucketAlreadyExists,
  kBucketAlreadyOwnedByYou,
  kBucketNotEmpty,
  kConditionalRequestConflict,
  kEntityTooLarge,
  kEntityTooSmall,
  kExpiredToken,
  kHttpVersionNotSupported,
  kIncompleteBody,
  kInsufficientStorage,
  kInternalError,
  kInvalidAccessKeyId,
  kInvalidArgument,
  kInvalidBucketName,
  kInvalidDigest,
  kInvalidPart,
  kInvalidPartOrder,
  kInvalidRange,
  kInvalidRequest,
  kInvalidTag,
  kInvalidToken,
  kInvalidUri,
  kKeyTooLongError,
  kMalformedTrailerError,
  kMalformedXml,
  kMaxMessageLengthExceeded,
  kMetadataTooLarge,
  kMethodNotAllowed,
  kMissingContentLength,
  kNoSuchBucket,
  kNoSuchBucketPolicy,
  kNoSuchCorsConfiguration,
  kNoSuchKey,
  kNoSuchLifecycleConfiguration,
  kNoSuchObjectLockConfiguration,
  kNoSuchPublicAccessBlockConfiguration,
  kNoSuchTagSet,
  kNoSuchUpload,
  kNoSuchVersion,
  kNoSuchWebsiteConfiguration,
  kNotImplemented,
  kObjectLockConfigurationNotFoundError,
  kOperationAborted,
  kOwnershipControlsNotFoundError,
  kPermanentRedirect,
  kPreconditionFailed,
  kReplicationConfigurationNotFoundError,
  kRequestHeaderSectionTooLarge,
  kRequestTimeout,
  kRequestTimeTooSkewed,
  kServerSideEncryptionConfigurationNotFoundError,
  kServiceUnavailable,
  kSignatureDoesNotMatch,
  kSlowDown,
  kTemporaryRedirect,
  kXAmzContentSha256Mismatch,
};

/// One line of the table that joins S3's dialect to ours.
struct S3CodeEntry {
  S3Code code;
  std::string_view name;  ///< as on the wire
  int http_status;
  ErrorCode category;
  std::string_view store_reason;  ///< Error::reason of a store's error that means this; empty where stores have none
  std::string_view message;       ///< said where an error brings none of its own
};

const S3CodeEntry& entry_of(S3Code code);

/// A failed Result that the server answers with exactly this code: its reason is the store's own word, else the code's
/// name. An empty `message` takes the code's own.
std::unexpected<Error> failure(S3Code code, std::string message = {});

/// What the server answers to an error of its own or of a store: by its reason, else by its category.
const S3CodeEntry& answer_to(const Error& error);

/// The body of an error answer, S3's XML. `message` is the error's own or the code's.
std::string error_document(const S3CodeEntry& entry, std::string_view message, std::string_view resource,
                           std::string_view request_id);

/// Whether a request that failed may have changed something.
enum class Effect : std::uint8_t { kReads, kWrites };

/// What an answer that is no success means to a store's caller. A write answered by 4xx is certainly not applied; by
/// 5xx it may have been (kOutcomeUnknown), but for two codes that are only given before anything is written:
/// InsufficientStorage (kNoSpace) and NotImplemented. `code` may be unknown to us or empty (HEAD has no body); then the
/// status decides. The error's reason is the stores' own or empty, as BucketStore promises; the code is in its message.
Error error_from_answer(int http_status, std::string_view code, std::string_view message, Effect effect);

}  // namespace tarn::s3
