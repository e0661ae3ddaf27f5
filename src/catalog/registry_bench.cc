#include <fstream>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include "async/task_group.h"
#include "catalog/manifest_codec_internal.h"
#include "catalog/registry.h"
#include "store/memory_store.h"

namespace tarn::catalog {
namespace {

constexpr std::size_t kDatasets = 100'000;
constexpr std::size_t kThreads = 2;

/// Runs a step of which the figure depends.
template <class T>
T must_run(async::Runtime& runtime, Task<T> task) {
  auto result = async::run(runtime, std::move(task));
  TARN_ASSERT(result.has_value());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

struct World {
  World() { must_run(runtime, store.create_bucket("lake", Deadline::never())); }

  std::unique_ptr<Registry> registry() {
    return std::make_unique<Registry>(store, runtime, pool, clock, random, metrics,
                                      RegistryOptions{.is_store_shared = false});
  }

  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  async::Runtime runtime{kThreads};
  async::ThreadPool pool{"bench", kThreads};
  store::MemoryStore store{clock};
};

RegisterRequest request(std::size_t i) {
  return {.name = "bench.dataset_" + std::to_string(i),
          .schema_fingerprint = "sha256:" + std::string(64, 'f'),
          .objects = {{"bench/dataset_" + std::to_string(i) + "/part-0.parquet", 1'000'000, std::string(32, 'e')}},
          .row_count = 1'000};
}

double resident_bytes() {
  malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  std::size_t total_pages = 0;
  std::size_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return static_cast<double>(resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

Task<void> register_range(Registry& registry, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    TARN_CO_TRY_VOID(co_await registry.register_dataset(request(i), Deadline::never()));
  }
  co_return Result<void>();
}

/// What the catalog itself costs: 64 callers, distinct names, a store that costs nothing.
void register_distinct_names(benchmark::State& state) {
  World world;
  const auto registry = world.registry();
  must_run(world.runtime, registry->rehydrate(Deadline::never()));
  constexpr std::size_t kCallers = 64;
  constexpr std::size_t kEach = 100;
  std::size_t next = 0;
  for (auto _ : state) {
    async::TaskGroup group;
    for (std::size_t i = 0; i < kCallers; ++i, next += kEach) {
      group.spawn(world.runtime.executor(), register_range(*registry, next, next + kEach));
    }
    must_run(world.runtime, group.stop(Deadline::never()));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(next));
  must_run(world.runtime, registry->stop(Deadline::never()));
}
BENCHMARK(register_distinct_names)->UseRealTime()->MeasureProcessCPUTime();

void rehydrate(benchmark::State& state) {
  World world;
  {
    const auto first = world.registry();
    must_run(world.runtime, first->rehydrate(Deadline::never()));
    must_run(world.runtime, register_range(*first, 0, kDatasets));
    must_run(world.runtime, first->stop(Deadline::never()));
  }
  double bytes_a_dataset = 0;
  for (auto _ : state) {
    const auto registry = world.registry();
    const double before = resident_bytes();
    TARN_ASSERT(must_run(world.runtime, registry->rehydrate(Deadline::never())) == kDatasets);
    bytes_a_dataset = (resident_bytes() - before) / static_cast<double>(kDatasets);
  }
  state.counters["bytes_a_dataset"] = bytes_a_dataset;
}
BENCHMARK(rehydrate)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond)->Iterations(1);

void get_from_memory(benchmark::State& state) {
  World world;
  const auto registry = world.registry();
  must_run(world.runtime, registry->rehydrate(Deadline::never()));
  must_run(world.runtime, register_range(*registry, 0, 1000));
  struct Get {
    static Task<void> many(Registry& registry, benchmark::State& state) {
      for (auto _ : state) {
        auto got = co_await registry.get("bench.dataset_500", Freshness::kCached, Deadline::never());
        benchmark::DoNotOptimize(got);
      }
      co_return Result<void>();
    }
  };
  must_run(world.runtime, Get::many(*registry, state));
  must_run(world.runtime, registry->stop(Deadline::never()));
}
BENCHMARK(get_from_memory);

}  // namespace
}  // namespace tarn::catalog
