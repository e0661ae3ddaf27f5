// Durable puts of 4 KiB through the disk store, against synced puts by as many threads into a bare RocksDB on the same
// disk. Both run in turns within one iteration, so that whatever else the machine does hits both.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>
#include <rocksdb/db.h>

#include "async/runtime.h"
#include "async/task_group.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "store/disk_store.h"
#include "store/test_support.h"

namespace tarn::store {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kSlice = 500ms;
constexpr std::size_t kValueBytes = 4096;

Bytes random_bytes(std::size_t size) {
  Bytes bytes(size, '\0');
  SystemRandom random;
  random.fill({reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
  return bytes;
}

/// Processor time that this process has used so far, in microseconds.
double processor_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct Slice {
  double per_second = 0;
  double processor_us_per_put = 0;
};

double per_second(std::size_t count, SteadyClock::duration time) {
  return static_cast<double>(count) / std::chrono::duration<double>(time).count();
}

/// Synced puts by `writers` threads for a slice: how many a second.
Slice raw_slice(rocksdb::DB& db, int writers, const Bytes& value, std::atomic<std::size_t>& next_key) {
  std::atomic<std::size_t> done{0};
  const auto start = SteadyClock::now();
  const double processor_start = processor_microseconds();
  std::vector<std::thread> threads;
  for (int i = 0; i < writers; ++i) {
    threads.emplace_back([&] {
      rocksdb::WriteOptions options;
      options.sync = true;
      while (SteadyClock::now() - start < kSlice) {
        TARN_ASSERT(db.Put(options, "key/" + std::to_string(next_key++), value).ok());
        ++done;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return {.per_second = per_second(done, SteadyClock::now() - start),
          .processor_us_per_put = (processor_microseconds() - processor_start) / static_cast<double>(done)};
}

Task<void> put_until(DiskStore& store, SteadyClock::time_point end, const Bytes& value,
                     std::atomic<std::size_t>& next_key, std::atomic<std::size_t>& done) {
  while (SteadyClock::now() < end) {
    ObjectKey key("bench", "key/" + std::to_string(next_key++));
    TARN_CO_TRY_VOID(co_await store.put(std::move(key), value, PutCondition::none(), Deadline::never()));
    ++done;
  }
  co_return Result<void>();
}

Slice store_slice(DiskStore& store, async::Runtime& runtime, int writers, const Bytes& value,
                  std::atomic<std::size_t>& next_key) {
  std::atomic<std::size_t> done{0};
  const auto start = SteadyClock::now();
  const double processor_start = processor_microseconds();
  async::TaskGroup group;
  for (int i = 0; i < writers; ++i) {
    group.spawn(runtime.executor(), put_until(store, start + kSlice, value, next_key, done));
  }
  TARN_ASSERT(async::run(runtime, group.stop(Deadline::never())));
  return {.per_second = per_second(done, SteadyClock::now() - start),
          .processor_us_per_put = (processor_microseconds() - processor_start) / static_cast<double>(done)};
}

void durable_puts(benchmark::State& state) {
  const int writers = static_cast<int>(state.range(0));
  const TemporaryFolder folder;
  const Bytes value = random_bytes(kValueBytes);
  std::atomic<std::size_t> next_key{0};

  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* raw = nullptr;
  TARN_ASSERT(rocksdb::DB::Open(options, folder.path() + "/raw", &raw).ok());
  const std::unique_ptr<rocksdb::DB> owned_raw(raw);

  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  async::ThreadPool pool("disk", 4);
  async::Runtime runtime(1);
  auto store = DiskStore::open({.folder = folder.path() + "/store"}, pool, clock, random, metrics);
  TARN_ASSERT(store);
  TARN_ASSERT(async::run(runtime, (*store)->create_bucket("bench", Deadline::never())));

  std::vector<Slice> raw_slices;
  std::vector<Slice> store_slices;
  for (auto _ : state) {
    raw_slices.push_back(raw_slice(*raw, writers, value, next_key));
    store_slices.push_back(store_slice(**store, runtime, writers, value, next_key));
  }
  const auto median = [](std::vector<Slice>& slices, double Slice::* measure) {
    std::ranges::sort(slices, {}, measure);
    return slices[slices.size() / 2].*measure;
  };
  DiskStoreMetrics store_metrics(metrics);
  state.counters["puts_per_sync"] =
      static_cast<double>(store_metrics.commits.value()) / static_cast<double>(store_metrics.syncs.value());
  state.counters["raw_cpu_us"] = median(raw_slices, &Slice::processor_us_per_put);
  state.counters["store_cpu_us"] = median(store_slices, &Slice::processor_us_per_put);
  state.counters["raw_per_s"] = median(raw_slices, &Slice::per_second);
  state.counters["store_per_s"] = median(store_slices, &Slice::per_second);
  state.counters["ratio"] = median(store_slices, &Slice::per_second) / median(raw_slices, &Slice::per_second);
}
BENCHMARK(durable_puts)->Arg(1)->Arg(16)->Arg(64)->Iterations(5)->UseRealTime();

/// Reads of objects that the index has in memory: what an I/O thread spends on each.
Task<void> get_many(DiskStore& store, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    TARN_CO_TRY(ObjectReader reader,
                co_await store.get({"bench", "key/" + std::to_string(i % 1000)}, ByteRange::all(), Deadline::never()));
    TARN_CO_TRY(const ByteView bytes, co_await reader.body->next());
    TARN_ASSERT(bytes.size() == kValueBytes);
  }
  co_return Result<void>();
}

void gets_from_memory(benchmark::State& state) {
  constexpr std::size_t kGets = 20'000;
  const TemporaryFolder folder;
  const Bytes value = random_bytes(kValueBytes);
  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  async::ThreadPool pool("disk", 4);
  async::Runtime runtime(1);
  auto store = DiskStore::open({.folder = folder.path()}, pool, clock, random, metrics);
  TARN_ASSERT(store);
  TARN_ASSERT(async::run(runtime, (*store)->create_bucket("bench", Deadline::never())));
  for (int i = 0; i < 1000; ++i) {
    TARN_ASSERT(async::run(
        runtime, (*store)->put({"bench", "key/" + std::to_string(i)}, value, PutCondition::none(), Deadline::never())));
  }
  const double start = processor_microseconds();
  for (auto _ : state) TARN_ASSERT(async::run(runtime, get_many(**store, kGets)));
  state.counters["cpu_us_per_get"] =
      (processor_microseconds() - start) / static_cast<double>(kGets * state.iterations());
}
BENCHMARK(gets_from_memory)->Iterations(3)->UseRealTime();

/// A start on an empty folder.
void open_empty_folder(benchmark::State& state) {
  SystemClock clock;
  SystemRandom random;
  async::ThreadPool pool("disk", 4);
  for (auto _ : state) {
    const TemporaryFolder folder;
    Metrics metrics;
    const auto store = DiskStore::open({.folder = folder.path()}, pool, clock, random, metrics);
    TARN_ASSERT(store);
  }
}
BENCHMARK(open_empty_folder)->Iterations(5)->UseRealTime();

}  // namespace
}  // namespace tarn::store
