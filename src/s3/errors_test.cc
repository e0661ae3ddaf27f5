#include <gtest/gtest.h>

#include "s3/answers_xml_internal.h"
#include "s3/errors_internal.h"
#include "s3/test_support_internal.h"
#include "s3/xml_internal.h"
#include "store/object_store.h"

namespace tarn::s3 {
namespace {

TEST(Errors, EveryCodeAnswersItselfAndHasAMessage) {
  for (int i = 0; i <= static_cast<int>(S3Code::kXAmzContentSha256Mismatch); ++i) {
    const auto code = static_cast<S3Code>(i);
    const Result<void> failed = failure(code);

    ASSERT_FALSE(failed);
    EXPECT_EQ(answer_to(failed.error()).code, code);
    EXPECT_EQ(failed.error().code, entry_of(code).category);
    EXPECT_FALSE(failed.error().message.empty());
  }
}

TEST(Errors, StoreReasonsHaveTheirS3Codes) {
  const std::tuple<ErrorCode, std::string_view, std::string_view, int> cases[] = {
      {ErrorCode::kNotFound, store::kNoSuchKey, "NoSuchKey", 404},
      {ErrorCode::kNotFound, store::kNoSuchBucket, "NoSuchBucket", 404},
      {ErrorCode::kNotFound, store::kNoSuchUpload, "NoSuchUpload", 404},
      {ErrorCode::kConflict, store::kBucketNotEmpty, "BucketNotEmpty", 409},
      {ErrorCode::kInvalidArgument, store::kInvalidRange, "InvalidRange", 416},
      {ErrorCode::kInvalidArgument, store::kInvalidPart, "InvalidPart", 400},
      {ErrorCode::kInvalidArgument, store::kInvalidPartOrder, "InvalidPartOrder", 400},
      {ErrorCode::kInvalidArgument, store::kPartTooSmall, "EntityTooSmall", 400},
      {ErrorCode::kUnavailable, store::kReadOnly, "ServiceUnavailable", 503},
      {ErrorCode::kInvalidArgument, "", "InvalidArgument", 400},
      {ErrorCode::kPreconditionFailed, "", "PreconditionFailed", 412},
      {ErrorCode::kAlreadyExists, "", "BucketAlreadyOwnedByYou", 409},
      {ErrorCode::kPermissionDenied, "", "AccessDenied", 403},
      {ErrorCode::kTooLarge, "", "EntityTooLarge", 400},
      {ErrorCode::kUnsupported, "", "NotImplemented", 501},
      {ErrorCode::kNoSpace, "", "InsufficientStorage", 507},
      {ErrorCode::kUnavailable, "", "ServiceUnavailable", 503},
      {ErrorCode::kDeadlineExceeded, "", "SlowDown", 503},
      {ErrorCode::kOutcomeUnknown, "", "InternalError", 500},
      {ErrorCode::kCorrupt, "", "InternalError", 500},
      {ErrorCode::kInternal, "", "InternalError", 500},
  };

  for (const auto& [code, reason, name, http_status] : cases) {
    const S3CodeEntry& entry = answer_to({code, "said", reason});
    EXPECT_EQ(entry.name, name);
    EXPECT_EQ(entry.http_status, http_status) << name;
  }
}

TEST(Errors, TheDocumentEscapesWhatItNames) {
  const auto document =
      error_document(entry_of(S3Code::kNoSuchKey), "object lake/<a>&\"b\"", "/lake/<a>&\"b\"", "id-1");

  EXPECT_EQ(parse_error(document).code, "NoSuchKey");
  EXPECT_EQ(parse_error(document).message, "object lake/<a>&\"b\"");
  const auto parsed = XmlDocument::parse(document, 1 << 20);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->root().child_text("Resource"), "/lake/<a>&\"b\"");
  EXPECT_EQ(parsed->root().child_text("RequestId"), "id-1");
}

struct AnswerCase {
  int http_status;
  std::string_view code;
  ErrorCode read;
  ErrorCode write;
  std::string_view reason;
};

TEST(Errors, AnswersMeanToReadersAndWritersWhatTheyMay) {
  using enum ErrorCode;
  const AnswerCase cases[] = {
      {404, "NoSuchKey", kNotFound, kNotFound, store::kNoSuchKey},
      {404, "NoSuchBucket", kNotFound, kNotFound, store::kNoSuchBucket},
      {404, "", kNotFound, kNotFound, store::kNoSuchKey},
      {409, "BucketNotEmpty", kConflict, kConflict, store::kBucketNotEmpty},
      {409, "BucketAlreadyOwnedByYou", kAlreadyExists, kAlreadyExists, ""},
      // Not applied, and not the refusal either: fetch again and decide anew.
      {409, "ConditionalRequestConflict", kUnavailable, kUnavailable, ""},
      {409, "OperationAborted", kUnavailable, kUnavailable, ""},
      {412, "PreconditionFailed", kPreconditionFailed, kPreconditionFailed, ""},
      {412, "", kPreconditionFailed, kPreconditionFailed, ""},
      {403, "AccessDenied", kPermissionDenied, kPermissionDenied, ""},
      {403, "InvalidAccessKeyId", kUnauthenticated, kUnauthenticated, ""},
      {403, "SignatureDoesNotMatch", kUnauthenticated, kUnauthenticated, ""},
      {416, "", kInvalidArgument, kInvalidArgument, store::kInvalidRange},
      {418, "Teapot", kInvalidArgument, kInvalidArgument, ""},
      {429, "", kUnavailable, kUnavailable, ""},
      {301, "PermanentRedirect", kInvalidArgument, kInvalidArgument, ""},
      {500, "InternalError", kInternal, kOutcomeUnknown, ""},
      {502, "", kUnavailable, kOutcomeUnknown, ""},
      {503, "SlowDown", kUnavailable, kOutcomeUnknown, ""},
      {503, "ServiceUnavailable", kUnavailable, kOutcomeUnknown, ""},
      {504, "", kUnavailable, kOutcomeUnknown, ""},
      {507, "InsufficientStorage", kNoSpace, kNoSpace, ""},
      // Another server's 507 promises nothing about what was written.
      {507, "XMinioStorageFull", kInternal, kOutcomeUnknown, ""},
      {501, "NotImplemented", kUnsupported, kUnsupported, ""},
      {501, "", kInternal, kOutcomeUnknown, ""},
  };

  for (const AnswerCase& c : cases) {
    const Error read = error_from_answer(c.http_status, c.code, "said", Effect::kReads);
    const Error write = error_from_answer(c.http_status, c.code, "said", Effect::kWrites);
    EXPECT_EQ(to_string(read.code), to_string(c.read)) << c.http_status << " " << c.code;
    EXPECT_EQ(to_string(write.code), to_string(c.write)) << c.http_status << " " << c.code;
    EXPECT_EQ(read.reason, c.reason) << c.http_status << " " << c.code;
    EXPECT_NE(read.message.find(std::to_string(c.http_status)), std::string::npos);
    EXPECT_NE(read.message.find(c.code), std::string::npos);
  }
}

}  // namespace
}  // namespace tarn::s3
