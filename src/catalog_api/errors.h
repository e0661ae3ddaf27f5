#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::catalog_api {

/// The status codes of gRPC that the catalog answers with; the numbers are the wire's (google.rpc.Code).
enum class GrpcCode : std::uint8_t {
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

/// Error::reason of what only a wire can refuse; the bodies say `invalid_argument`.
inline constexpr std::string_view kMethodNotAllowed = "method_not_allowed";
inline constexpr std::string_view kUnsupportedMediaType = "unsupported_media_type";

/// How one kind of error looks on both wires. `code` is `error.code` of the HTTP bodies and the reason of gRPC's rich
/// status: one of the codes /openapi.json lists.
struct ErrorMapping {
  ErrorCode error;
  std::string_view reason;  ///< Error::reason; empty: any that has no row of its own
  int http_status;
  std::string_view code;
  GrpcCode grpc;
};

/// The one table of this: docs, servers and clients follow it. Every ErrorCode has a row with an empty reason.
std::span<const ErrorMapping> error_table();

const ErrorMapping& mapping_of(const Error& error);

/// The error that a server of ours answered, `code` being the string of the body (HTTP) or the reason (gRPC). kCorrupt
/// comes back as kInternal over HTTP, which tells them apart only in the message. A code this program does not know
/// (a newer server's) goes by the status alone.
Error error_of_http(int status, std::string_view code, std::string message);
Error error_of_grpc(int status, std::string_view code, std::string message);

enum class Effect : std::uint8_t { kRead, kWrite };

/// The error for an answer without our code: a proxy's, or one that the client's library made up. A write may have been
/// applied then (kOutcomeUnknown), unless a 4xx says that the request was refused.
Error error_of_foreign_http(int status, Effect effect);
Error error_of_foreign_grpc(int status, Effect effect, std::string message);

}  // namespace tarn::catalog_api
