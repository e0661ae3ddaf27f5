#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "async/deadline.h"
#include "async/runtime.h"
#include "async/thread_pool.h"
#include "base/log.h"
#include "base/metrics.h"
#include "catalog/catalog.h"
#include "catalog_api/access.h"

namespace tarn::catalog_api {

struct GrpcServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;        ///< 0: the system picks a free one
  std::size_t max_calls = 1024;  ///< at once; one more is answered UNAVAILABLE
  bool has_access_log = true;    ///< false: only what failed by our fault or the store's is logged
};

/// A catalog over gRPC, without TLS: proto/tarn/catalog/v1/catalog.proto, with gRPC's health and reflection services.
/// Errors are those of errors.h. A client that cancels or goes away does not cancel the proof of what it had asked for.
/// Thread-safe.
class GrpcServer {
 public:
  /// What the server stands on; all outlive it. Calls run on `runtime`, large answers are made on `pool`.
  struct Dependencies {
    catalog::Catalog& catalog;
    const Access& access;
    async::Runtime& runtime;
    async::ThreadPool& pool;
    Logger& logger;
    Metrics& metrics;
  };

  GrpcServer(Dependencies dependencies, GrpcServerOptions options);
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;
  /// After start(), stop() must have ended.
  ~GrpcServer();

  /// Binds and serves. The health service says NOT_SERVING until set_serving(true). Errors: kUnavailable naming the
  /// address.
  Result<void> start();
  /// The real port, after start().
  std::uint16_t port() const;
  /// What the health service answers, for "" and "tarn.catalog.v1.Catalog".
  void set_serving(bool is_serving);

  /// Stops accepting and lets what runs finish. At the deadline the clients of what still runs are answered CANCELLED.
  /// Errors: kDeadlineExceeded while commits are still being proven (call again).
  Task<void> stop(Deadline deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tarn::catalog_api
