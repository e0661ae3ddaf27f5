#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"

namespace tarn::catalog_api {

/// The counters of one operation on one wire.
class OperationMetrics {
 public:
  OperationMetrics(Metrics& metrics, std::string_view wire, std::string_view operation);

  /// `http_status` is what the answer has, or would have over HTTP.
  void observe(int http_status, std::chrono::nanoseconds duration);

 private:
  Counter& ok_;
  Counter& client_error_;
  Counter& server_error_;
  Histogram& seconds_;
};

/// The one log line of a request. Empty views and nothing are left out.
struct RequestRecord {
  std::string_view wire;  ///< "http" or "grpc"
  std::string_view operation;
  LogField code;  ///< "code": the status on the wire
  std::chrono::nanoseconds duration{};
  std::string_view request_id;
  std::string_view peer;
  std::string_view dataset;
  std::string_view principal;
  std::optional<std::string_view> traceparent;  ///< as the client sent it: left out when malformed
  const Error* error = nullptr;
};
void log_request(Logger& logger, LogLevel level, const RequestRecord& record);

/// Failures of ours and of the store are warnings, logged even without an access log; what clients do wrong is
/// everyday.
inline LogLevel level_of(int http_status) {
  return http_status >= 500 ? LogLevel::kWarning : LogLevel::kInfo;
}

inline bool is_logged(const Logger& logger, LogLevel level, bool has_access_log) {
  return (has_access_log || level > LogLevel::kInfo) && logger.is_enabled(level);
}

}  // namespace tarn::catalog_api
