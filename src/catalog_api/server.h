#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "async/thread_pool.h"
#include "base/log.h"
#include "base/metrics.h"
#include "catalog/catalog.h"
#include "catalog_api/access.h"
#include "http/server.h"

namespace tarn::catalog_api {

/// How long a request may take when it does not say, and at most; on both wires.
inline constexpr std::chrono::milliseconds kDefaultTimeout{30'000};
inline constexpr std::chrono::milliseconds kMaxTimeout{600'000};

struct ServerOptions {
  /// False answers /readyz with 503. Called on I/O threads.
  std::function<bool()> is_ready = [] { return true; };
  /// Rendered datasets kept in memory, of kMaxCachedBodyBytes each at most: 64 MiB in all.
  std::size_t cached_bodies = 1024;
  /// Requests with a body over 1 MiB that are read and decoded at once; more wait for their turn until their deadline.
  std::size_t large_requests_at_once = 4;
  /// False: only what failed by our fault or the store's is logged.
  bool has_access_log = true;
};
inline constexpr std::size_t kMaxCachedBodyBytes = 64 * 1024;

/// A catalog over HTTP/JSON (design section 5, /openapi.json), for http::Server. Errors become the bodies of
/// errors.h. One log line (see has_access_log) and one observation of the metrics
/// `tarn_catalog_api_requests_total` and `tarn_catalog_api_request_seconds` a request. Thread-safe.
class Server final : public http::Handler {
 public:
  /// What the server stands on; all outlive it. Large bodies are decoded on `pool`. `/metrics` answers all of
  /// `metrics`.
  struct Dependencies {
    catalog::Catalog& catalog;
    const Access& access;
    async::ThreadPool& pool;
    Logger& logger;
    Metrics& metrics;
  };

  Server(Dependencies dependencies, ServerOptions options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() override;

  Task<http::Response> handle(http::Request& request) override;
  http::Response refuse(int status, std::string_view code, std::string_view message,
                        std::string_view request_id) override;

  /// What is served: the paths, methods and operationIds of /openapi.json.
  struct Operation {
    std::string_view method;
    std::string_view pattern;
    std::string_view name;
  };
  static std::vector<Operation> operations();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The OpenAPI 3.1 description of it, a JSON text.
std::string_view openapi_json();

}  // namespace tarn::catalog_api
