#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "catalog_api/errors.h"

namespace tarn::catalog_api {

/// The counters of one operation on one wire.
class OperationMetrics {
 public:
  OperationMetrics(Metrics& metrics, std::string_view wire, std::string_view operation)
      : ok_(requests(metrics, wire, operation, "ok")),
        client_error_(requests(metrics, wire, operation, "client_error")),
        server_error_(requests(metrics, wire, operation, "server_error")),
        seconds_(metrics.histogram("tarn_catalog_api_request_seconds", "Time from a request's head to its answer.",
                                   latency_bounds_seconds(),
                                   {{"wire", std::string(wire)}, {"operation", std::string(operation)}})) {}

  /// `http_status` is what the answer has, or would have over HTTP.
  void observe(int http_status, std::chrono::nanoseconds duration) {
    (http_status >= 500 ? server_error_ : http_status >= 400 ? client_error_ : ok_).add();
    seconds_.observe(std::chrono::duration<double>(duration).count());
  }

 private:
  static Counter& requests(Metrics& metrics, std::string_view wire, std::string_view operation,
                           std::string_view result) {
    return metrics.counter(
        "tarn_catalog_api_requests_total", "Requests answered.",
        {{"wire", std::string(wire)}, {"operation", std::string(operation)}, {"result", std::string(result)}});
  }

  Counter& ok_;
  Counter& client_error_;
  Counter& server_error_;
  Histogram& seconds_;
};

}  // namespace tarn::catalog_api
