#include "catalog_api/errors.h"

#include <algorithm>
#include <array>
#include <utility>

#include "catalog/manifest.h"

namespace tarn::catalog_api {
namespace {

// Looked up from both ends: of rows that look the same on a wire, the first is what a client makes of it.
constexpr std::array kTable = std::to_array<ErrorMapping>({
    {ErrorCode::kInvalidArgument, "", 400, "invalid_argument", GrpcCode::kInvalidArgument},
    {ErrorCode::kInvalidArgument, catalog::kEmptyName, 400, "empty_name", GrpcCode::kInvalidArgument},
    {ErrorCode::kInvalidArgument, catalog::kInvalidName, 400, "invalid_name", GrpcCode::kInvalidArgument},
    {ErrorCode::kInvalidArgument, catalog::kEmptyFingerprint, 400, "empty_fingerprint", GrpcCode::kInvalidArgument},
    {ErrorCode::kInvalidArgument, catalog::kReservedKey, 400, "reserved_key", GrpcCode::kInvalidArgument},
    {ErrorCode::kUnsupported, kMethodNotAllowed, 405, "invalid_argument", GrpcCode::kUnimplemented},
    {ErrorCode::kUnsupported, kUnsupportedMediaType, 415, "invalid_argument", GrpcCode::kInvalidArgument},
    {ErrorCode::kUnauthenticated, "", 401, "unauthenticated", GrpcCode::kUnauthenticated},
    {ErrorCode::kPermissionDenied, "", 403, "permission_denied", GrpcCode::kPermissionDenied},
    {ErrorCode::kNotFound, "", 404, "not_found", GrpcCode::kNotFound},
    {ErrorCode::kConflict, catalog::kFingerprintConflict, 409, "fingerprint_conflict", GrpcCode::kFailedPrecondition},
    {ErrorCode::kTooLarge, "", 413, "too_large", GrpcCode::kResourceExhausted},
    {ErrorCode::kUnavailable, "", 503, "store_unavailable", GrpcCode::kUnavailable},
    {ErrorCode::kNoSpace, "", 507, "store_unavailable", GrpcCode::kResourceExhausted},
    {ErrorCode::kOutcomeUnknown, "", 503, "commit_state_unknown", GrpcCode::kUnknown},
    {ErrorCode::kDeadlineExceeded, "", 504, "deadline_exceeded", GrpcCode::kDeadlineExceeded},
    {ErrorCode::kInternal, "", 500, "internal", GrpcCode::kInternal},
    {ErrorCode::kCorrupt, "", 500, "internal", GrpcCode::kDataLoss},
    // A Catalog promises never to answer these, so one that does is broken.
    {ErrorCode::kAlreadyExists, "", 500, "internal", GrpcCode::kInternal},
    {ErrorCode::kPreconditionFailed, "", 500, "internal", GrpcCode::kInternal},
    {ErrorCode::kConflict, "", 500, "internal", GrpcCode::kInternal},
    {ErrorCode::kUnsupported, "", 500, "internal", GrpcCode::kInternal},
});

const ErrorMapping* row_of(ErrorCode error, std::string_view reason) {
  const auto* row = std::ranges::find_if(
      kTable, [&](const ErrorMapping& candidate) { return candidate.error == error && candidate.reason == reason; });
  return row == kTable.end() ? nullptr : row;
}

template <class Matches>
Error first_matching(Matches matches, Error otherwise) {
  const auto* row = std::ranges::find_if(kTable, matches);
  if (row == kTable.end()) return otherwise;
  return Error{row->error, std::move(otherwise.message), row->reason};
}

ErrorCode code_of_http_status(int status) {
  if (status == 401) return ErrorCode::kUnauthenticated;
  if (status == 403) return ErrorCode::kPermissionDenied;
  if (status == 404) return ErrorCode::kNotFound;
  if (status == 413) return ErrorCode::kTooLarge;
  if (status == 503) return ErrorCode::kUnavailable;
  if (status >= 400 && status < 500) return ErrorCode::kInvalidArgument;
  return ErrorCode::kInternal;
}

}  // namespace

std::span<const ErrorMapping> error_table() {
  return kTable;
}

const ErrorMapping& mapping_of(const Error& error) {
  if (const ErrorMapping* exact = row_of(error.code, error.reason)) return *exact;
  const ErrorMapping* general = row_of(error.code, "");
  TARN_ASSERT(general != nullptr);
  return *general;
}

Error error_of_http(int status, std::string_view code, std::string message) {
  return first_matching([&](const ErrorMapping& row) { return row.http_status == status && row.code == code; },
                        Error{code_of_http_status(status), std::move(message)});
}

Error error_of_grpc(int status, std::string_view code, std::string message) {
  Error by_status = first_matching([&](const ErrorMapping& row) { return std::to_underlying(row.grpc) == status; },
                                   Error{ErrorCode::kInternal, std::move(message)});
  by_status.reason = {};
  return first_matching(
      [&](const ErrorMapping& row) { return std::to_underlying(row.grpc) == status && row.code == code; },
      std::move(by_status));
}

Error error_of_foreign_http(int status, Effect effect) {
  std::string message = "HTTP status " + std::to_string(status) + " without an error of the catalog";
  const bool is_refused = status >= 400 && status < 500 && status != 408;
  if (is_refused) return Error{code_of_http_status(status), std::move(message)};
  if (effect == Effect::kWrite) {
    return Error{ErrorCode::kOutcomeUnknown, message + ": it may or may not have been applied; repeating it is safe"};
  }
  return Error{ErrorCode::kUnavailable, std::move(message)};
}

Error error_of_foreign_grpc(int status, Effect effect, std::string message) {
  switch (static_cast<GrpcCode>(status)) {
    case GrpcCode::kInvalidArgument:
    case GrpcCode::kNotFound:
    case GrpcCode::kPermissionDenied:
    case GrpcCode::kFailedPrecondition:
    case GrpcCode::kUnimplemented:
    case GrpcCode::kUnauthenticated:
      return error_of_grpc(status, "", std::move(message));
    case GrpcCode::kUnknown:
    case GrpcCode::kDeadlineExceeded:
    case GrpcCode::kResourceExhausted:
    case GrpcCode::kInternal:
    case GrpcCode::kUnavailable:
    case GrpcCode::kDataLoss:
      break;
  }
  if (effect == Effect::kWrite) {
    return Error{ErrorCode::kOutcomeUnknown, message + ": it may or may not have been applied; repeating it is safe"};
  }
  if (status == std::to_underlying(GrpcCode::kDeadlineExceeded)) {
    return Error{ErrorCode::kDeadlineExceeded, std::move(message)};
  }
  return Error{ErrorCode::kUnavailable, std::move(message)};
}

}  // namespace tarn::catalog_api
