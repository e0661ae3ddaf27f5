// What every catalog promises, kept by both clients over their servers over a real registry.
#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "async/test_support.h"
#include "async/thread_pool.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "catalog/contract_suite.h"
#include "catalog/registry.h"
#include "catalog_api/access.h"
#include "catalog_api/client.h"
#include "catalog_api/grpc_client.h"
#include "catalog_api/grpc_server.h"
#include "catalog_api/server.h"
#include "catalog_api/test_support.h"
#include "http/client.h"
#include "http/server.h"
#include "store/memory_store.h"

namespace tarn::catalog_api {
namespace {

using async::soon;

/// A registry over an empty store in memory.
class World {
 public:
  explicit World(async::Runtime& runtime) : runtime(runtime) {
    EXPECT_TRUE(async::run(runtime, store_.create_bucket("lake", soon())));
    EXPECT_TRUE(async::run(runtime, registry.rehydrate(soon())));
  }
  ~World() { EXPECT_TRUE(async::run(runtime, registry.stop(soon()))); }

  async::Runtime& runtime;
  async::ThreadPool pool{"test", 2};
  Metrics metrics;
  NullLogger logger;
  const Access access{{}};

 private:
  SystemClock clock_;
  SystemRandom random_;
  store::MemoryStore store_{clock_};

 public:
  catalog::Registry registry{store_, runtime, pool, clock_, random_, metrics, {}};
};

class HttpSubject {
 public:
  explicit HttpSubject(async::Runtime& runtime) : world_(runtime), http_server_(runtime, {}, server_) {
    EXPECT_TRUE(http_server_.start());
    http_client_.emplace(runtime, http::Origin{.host = "127.0.0.1", .port = http_server_.port()},
                         http::ClientOptions{});
    client_.emplace(*http_client_, ClientOptions{});
  }
  ~HttpSubject() {
    EXPECT_TRUE(async::run(world_.runtime, http_client_->close()));
    EXPECT_TRUE(async::run(world_.runtime, http_server_.stop(soon())));
  }
  catalog::Catalog& catalog() { return *client_; }

 private:
  World world_;
  Server server_{{world_.registry, world_.access, world_.pool, world_.logger, world_.metrics}, {}};
  http::Server http_server_;
  std::optional<http::Client> http_client_;
  std::optional<Client> client_;
};

class GrpcSubject {
 public:
  explicit GrpcSubject(async::Runtime& runtime) : world_(runtime) {
    EXPECT_TRUE(server_.start());
    client_.emplace(GrpcClientOptions{.target = "127.0.0.1:" + std::to_string(server_.port()), .token = {}});
  }
  ~GrpcSubject() { EXPECT_TRUE(async::run(world_.runtime, server_.stop(soon()))); }
  catalog::Catalog& catalog() { return *client_; }

 private:
  World world_;
  GrpcServer server_{{world_.registry, world_.access, world_.runtime, world_.pool, world_.logger, world_.metrics}, {}};
  std::optional<GrpcClient> client_;
};

}  // namespace
}  // namespace tarn::catalog_api

namespace tarn::catalog {

INSTANTIATE_TYPED_TEST_SUITE_P(Http, CatalogContract, catalog_api::HttpSubject);
#if !TARN_THREAD_SANITIZER
INSTANTIATE_TYPED_TEST_SUITE_P(Grpc, CatalogContract, catalog_api::GrpcSubject);
#endif

}  // namespace tarn::catalog
