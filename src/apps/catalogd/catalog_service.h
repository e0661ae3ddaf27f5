#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "apps/catalogd/catalog_settings.h"
#include "apps/server_settings.h"
#include "async/deadline.h"
#include "async/runtime.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "store/bucket_store.h"

namespace tarn::apps {

/// The catalog over a store, served over HTTP and gRPC.
class CatalogService {
 public:
  /// All outlive the service.
  struct Dependencies {
    async::Runtime& runtime;
    store::BucketStore& store;
    const Clock& clock;
    Random& random;
    Logger& log;
    Metrics& metrics;
  };
  enum class StoreKind : std::uint8_t {
    kEmbedded,  ///< ours alone: memory is exact, and its conditions are known to hold
    kShared,    ///< others may commit too: probed at the start, refreshed at an interval
  };

  CatalogService(Dependencies dependencies, const CatalogSettings& catalog, const ServerSettings& server,
                 StoreKind store_kind);
  CatalogService(const CatalogService&) = delete;
  CatalogService& operator=(const CatalogService&) = delete;
  /// stop(), without patience. Not on an I/O thread.
  ~CatalogService();

  /// Accepts connections: /healthz answers 200, /readyz 503, and datasets are unavailable until they are loaded.
  /// Errors: kUnavailable naming the address.
  Result<void> listen();

  /// In the background: makes the bucket if absent, probes a shared store, and loads every manifest; again and again
  /// while the store is not up. Then calls `done` once, on an I/O thread, with the number of datasets, or with what no
  /// patience can mend. Not called when stop() came first.
  void start_loading(std::function<void(Result<std::size_t>)> done);

  /// Stops accepting, and waits for what runs. At the deadline clients are cut off; commits that were already sent are
  /// still proven. Blocks; not on an I/O thread.
  void stop(Deadline deadline);

  /// "http://127.0.0.1:8181" and "127.0.0.1:8182", after listen().
  std::string http_url() const;
  std::string grpc_address() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tarn::apps
