#include "catalog_api/errors.h"

#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "catalog/manifest.h"

namespace tarn::catalog_api {
namespace {

struct Row {
  ErrorCode error;
  std::string_view reason;
  int http_status;
  std::string_view code;
  GrpcCode grpc;
  ErrorCode back_from_http;
  ErrorCode back_from_grpc;
};

// Written out again on purpose: this is what clients rely on.
const Row kExpected[] = {
    {ErrorCode::kInvalidArgument, "", 400, "invalid_argument", GrpcCode::kInvalidArgument, ErrorCode::kInvalidArgument,
     ErrorCode::kInvalidArgument},
    {ErrorCode::kInvalidArgument, catalog::kEmptyName, 400, "empty_name", GrpcCode::kInvalidArgument,
     ErrorCode::kInvalidArgument, ErrorCode::kInvalidArgument},
    {ErrorCode::kInvalidArgument, catalog::kInvalidName, 400, "invalid_name", GrpcCode::kInvalidArgument,
     ErrorCode::kInvalidArgument, ErrorCode::kInvalidArgument},
    {ErrorCode::kInvalidArgument, catalog::kEmptyFingerprint, 400, "empty_fingerprint", GrpcCode::kInvalidArgument,
     ErrorCode::kInvalidArgument, ErrorCode::kInvalidArgument},
    {ErrorCode::kInvalidArgument, catalog::kReservedKey, 400, "reserved_key", GrpcCode::kInvalidArgument,
     ErrorCode::kInvalidArgument, ErrorCode::kInvalidArgument},
    {ErrorCode::kUnsupported, kMethodNotAllowed, 405, "invalid_argument", GrpcCode::kUnimplemented,
     ErrorCode::kUnsupported, ErrorCode::kUnsupported},
    {ErrorCode::kUnsupported, kUnsupportedMediaType, 415, "invalid_argument", GrpcCode::kInvalidArgument,
     ErrorCode::kUnsupported, ErrorCode::kInvalidArgument},
    {ErrorCode::kUnauthenticated, "", 401, "unauthenticated", GrpcCode::kUnauthenticated, ErrorCode::kUnauthenticated,
     ErrorCode::kUnauthenticated},
    {ErrorCode::kPermissionDenied, "", 403, "permission_denied", GrpcCode::kPermissionDenied,
     ErrorCode::kPermissionDenied, ErrorCode::kPermissionDenied},
    {ErrorCode::kNotFound, "", 404, "not_found", GrpcCode::kNotFound, ErrorCode::kNotFound, ErrorCode::kNotFound},
    {ErrorCode::kConflict, catalog::kFingerprintConflict, 409, "fingerprint_conflict", GrpcCode::kFailedPrecondition,
     ErrorCode::kConflict, ErrorCode::kConflict},
    {ErrorCode::kTooLarge, "", 413, "too_large", GrpcCode::kResourceExhausted, ErrorCode::kTooLarge,
     ErrorCode::kTooLarge},
    {ErrorCode::kUnavailable, "", 503, "store_unavailable", GrpcCode::kUnavailable, ErrorCode::kUnavailable,
     ErrorCode::kUnavailable},
    {ErrorCode::kNoSpace, "", 507, "store_unavailable", GrpcCode::kResourceExhausted, ErrorCode::kNoSpace,
     ErrorCode::kNoSpace},
    {ErrorCode::kOutcomeUnknown, "", 503, "commit_state_unknown", GrpcCode::kUnknown, ErrorCode::kOutcomeUnknown,
     ErrorCode::kOutcomeUnknown},
    {ErrorCode::kDeadlineExceeded, "", 504, "deadline_exceeded", GrpcCode::kDeadlineExceeded,
     ErrorCode::kDeadlineExceeded, ErrorCode::kDeadlineExceeded},
    {ErrorCode::kInternal, "", 500, "internal", GrpcCode::kInternal, ErrorCode::kInternal, ErrorCode::kInternal},
    {ErrorCode::kCorrupt, "", 500, "internal", GrpcCode::kDataLoss, ErrorCode::kInternal, ErrorCode::kCorrupt},
    {ErrorCode::kAlreadyExists, "", 500, "internal", GrpcCode::kInternal, ErrorCode::kInternal, ErrorCode::kInternal},
    {ErrorCode::kPreconditionFailed, "", 500, "internal", GrpcCode::kInternal, ErrorCode::kInternal,
     ErrorCode::kInternal},
    {ErrorCode::kConflict, "", 500, "internal", GrpcCode::kInternal, ErrorCode::kInternal, ErrorCode::kInternal},
    {ErrorCode::kUnsupported, "", 500, "internal", GrpcCode::kInternal, ErrorCode::kInternal, ErrorCode::kInternal},
};

class ErrorTable : public testing::TestWithParam<Row> {};

TEST_P(ErrorTable, RowIsAsPromised) {
  const Row& row = GetParam();

  const ErrorMapping& mapping = mapping_of(Error{row.error, "why", row.reason});

  EXPECT_EQ(mapping.http_status, row.http_status);
  EXPECT_EQ(mapping.code, row.code);
  EXPECT_EQ(mapping.grpc, row.grpc);
}

TEST_P(ErrorTable, RowComesBackOnTheClientsSide) {
  const Row& row = GetParam();

  const Error from_http = error_of_http(row.http_status, row.code, "why");
  const Error from_grpc = error_of_grpc(std::to_underlying(row.grpc), row.code, "why");

  EXPECT_EQ(from_http.code, row.back_from_http);
  EXPECT_EQ(from_grpc.code, row.back_from_grpc);
  EXPECT_EQ(from_http.message, "why");
  EXPECT_EQ(from_grpc.message, "why");
  if (row.back_from_http == row.error) EXPECT_EQ(from_http.reason, row.reason);
  if (row.back_from_grpc == row.error) EXPECT_EQ(from_grpc.reason, row.reason);
}

INSTANTIATE_TEST_SUITE_P(EveryRow, ErrorTable, testing::ValuesIn(kExpected));

TEST(Errors, TableHasTheRowsExpectedAndNoMore) {
  std::set<std::pair<ErrorCode, std::string_view>> expected, actual;
  for (const Row& row : kExpected) expected.emplace(row.error, row.reason);

  for (const ErrorMapping& row : error_table()) actual.emplace(row.error, row.reason);

  EXPECT_EQ(actual, expected);
  EXPECT_EQ(error_table().size(), std::size(kExpected)) << "a row twice";
}

TEST(Errors, EveryCodeHasARow) {
  // In the order of base/result.h, to its last.
  for (int code = 0; code <= std::to_underlying(ErrorCode::kInternal); ++code) {
    EXPECT_EQ(mapping_of(Error{static_cast<ErrorCode>(code), "", ""}).error, static_cast<ErrorCode>(code));
  }
}

TEST(Errors, AReasonWithoutARowGoesByItsCode) {
  EXPECT_EQ(mapping_of(Error{ErrorCode::kNotFound, "", "no_such_bucket"}).code, "not_found");
}

TEST(Errors, ACodeOfANewerServerGoesByTheStatus) {
  EXPECT_EQ(error_of_http(403, "quota_exceeded", "").code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(error_of_http(422, "strange", "").code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_of_http(599, "strange", "").code, ErrorCode::kInternal);
  EXPECT_EQ(error_of_grpc(5, "strange", "").code, ErrorCode::kNotFound);
  EXPECT_EQ(error_of_grpc(999, "strange", "").code, ErrorCode::kInternal);
}

TEST(Errors, AnAnswerOfAProxyLeavesAWriteInDoubt) {
  for (const int status : {408, 500, 502, 503, 504, 302}) {
    EXPECT_EQ(error_of_foreign_http(status, Effect::kWrite).code, ErrorCode::kOutcomeUnknown) << status;
    EXPECT_EQ(error_of_foreign_http(status, Effect::kRead).code, ErrorCode::kUnavailable) << status;
  }
}

TEST(Errors, AProxysRefusalIsARefusal) {
  EXPECT_EQ(error_of_foreign_http(401, Effect::kWrite).code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(error_of_foreign_http(403, Effect::kWrite).code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(error_of_foreign_http(413, Effect::kWrite).code, ErrorCode::kTooLarge);
  EXPECT_EQ(error_of_foreign_http(400, Effect::kWrite).code, ErrorCode::kInvalidArgument);
}

TEST(Errors, AGrpcStatusWithoutReasonLeavesAWriteInDoubt) {
  for (const int status : {1, 2, 4, 8, 10, 13, 14, 15}) {
    EXPECT_EQ(error_of_foreign_grpc(status, Effect::kWrite, "").code, ErrorCode::kOutcomeUnknown) << status;
  }
  EXPECT_EQ(error_of_foreign_grpc(14, Effect::kRead, "").code, ErrorCode::kUnavailable);
  EXPECT_EQ(error_of_foreign_grpc(4, Effect::kRead, "").code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(error_of_foreign_grpc(16, Effect::kWrite, "").code, ErrorCode::kUnauthenticated);
}

}  // namespace
}  // namespace tarn::catalog_api
