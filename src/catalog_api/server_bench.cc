// What an answer costs above the sockets: the budget of GET is what nginx leaves, some 13 microseconds a request.
#include <cstddef>
#include <optional>

#include <benchmark/benchmark.h>

#include "async/byte_source.h"
#include "async/runtime.h"
#include "async/thread_pool.h"
#include "catalog_api/fake_catalog.h"
#include "catalog_api/json.h"
#include "catalog_api/server.h"
#include "catalog_api/test_support.h"

namespace tarn::catalog_api {
namespace {

void render_dataset_of_two_objects(benchmark::State& state) {
  const auto manifest = full_manifest();
  for (auto _ : state) benchmark::DoNotOptimize(render_dataset(manifest));
}
BENCHMARK(render_dataset_of_two_objects);

Task<void> get_again_and_again(Server& server, std::size_t count) {
  http::Request request;
  request.method = "GET";
  request.target = "/v1/datasets/nyc.flights";
  request.headers.add("Host", "localhost:8181");
  request.id = "6547a1e1c8f2b-1f";
  request.peer = "127.0.0.1:40112";
  request.body = async::source_of(Bytes());
  for (std::size_t i = 0; i < count; ++i) {
    const auto response = co_await server.handle(request);
    if (!response || response->status != 200) co_return failure(ErrorCode::kInternal, "no answer");
  }
  co_return Result<void>();
}

/// `cached_bodies` is the argument.
void get_dataset(benchmark::State& state) {
  constexpr std::size_t kAtOnce = 1000;
  async::Runtime runtime(1);
  async::ThreadPool pool("bench", 1);
  FakeCatalog catalog;
  catalog.put(full_manifest());
  const Access access({});
  NullLogger logger;
  Metrics metrics;
  ServerOptions options;
  options.cached_bodies = static_cast<std::size_t>(state.range(0));
  Server server({catalog, access, pool, logger, metrics}, options);
  for (auto _ : state) {
    if (!async::run(runtime, get_again_and_again(server, kAtOnce))) state.SkipWithError("a request failed");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kAtOnce));
}
BENCHMARK(get_dataset)->Arg(0)->Arg(1024)->UseRealTime();

}  // namespace
}  // namespace tarn::catalog_api
