#include <algorithm>
#include <vector>

#include "catalog_api/request_record_internal.h"

namespace tarn::catalog_api {
namespace {

Counter& requests(Metrics& metrics, std::string_view wire, std::string_view operation, std::string_view result) {
  return metrics.counter(
      "tarn_catalog_api_requests_total", "Requests answered.",
      {{"wire", std::string(wire)}, {"operation", std::string(operation)}, {"result", std::string(result)}});
}

/// Version 00 of W3C Trace Context; a malformed one counts as absent, as that asks.
bool is_traceparent(std::string_view value) {
  constexpr std::string_view kForm = "00-00000000000000000000000000000000-0000000000000000-00";
  return std::ranges::equal(value, kForm, [](char c, char form) {
    return form == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

}  // namespace

OperationMetrics::OperationMetrics(Metrics& metrics, std::string_view wire, std::string_view operation)
    : ok_(requests(metrics, wire, operation, "ok")),
      client_error_(requests(metrics, wire, operation, "client_error")),
      server_error_(requests(metrics, wire, operation, "server_error")),
      seconds_(metrics.histogram("tarn_catalog_api_request_seconds", "Time from a request's head to its answer.",
                                 latency_bounds_seconds(),
                                 {{"wire", std::string(wire)}, {"operation", std::string(operation)}})) {}

void OperationMetrics::observe(int http_status, std::chrono::nanoseconds duration) {
  (http_status >= 500 ? server_error_ : http_status >= 400 ? client_error_ : ok_).add();
  seconds_.observe(std::chrono::duration<double>(duration).count());
}

void log_request(Logger& logger, LogLevel level, const RequestRecord& record) {
  std::vector<LogField> fields = {{"wire", record.wire},
                                  {"op", record.operation},
                                  record.code,
                                  {"ms", std::chrono::duration<double, std::milli>(record.duration).count()},
                                  {"request_id", record.request_id},
                                  {"peer", record.peer}};
  if (!record.dataset.empty()) fields.emplace_back("key", record.dataset);
  if (!record.principal.empty()) fields.emplace_back("principal", record.principal);
  if (record.traceparent && is_traceparent(*record.traceparent)) {
    fields.emplace_back("traceparent", *record.traceparent);
  }
  if (record.error != nullptr) fields.emplace_back("error", record.error->message);
  logger.log(level, "request", fields);
}

}  // namespace tarn::catalog_api
