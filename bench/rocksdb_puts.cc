// rocksdb_puts: the limit that storaged's durable PUT is held against: N threads put values into RocksDB, each write
// synced before the next of its thread. No HTTP, no index, no digest. Prints one line of JSON.
//
//   rocksdb_puts --dir DIR --size 4096 --threads 64 --puts 20000

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <rocksdb/db.h>

int main(int argc, char** argv) {
  std::string dir;
  std::size_t size_bytes = 4096;
  std::size_t threads = 1;
  std::size_t puts = 1000;
  CLI::App app("synced RocksDB puts; prints one line of JSON");
  app.add_option("--dir", dir, "an empty folder on the disk to be measured")->required();
  app.add_option("--size", size_bytes, "bytes of a value");
  app.add_option("--threads", threads)->check(CLI::Range(1, 1024));
  app.add_option("--puts", puts)->check(CLI::Range(1, 10'000'000));
  CLI11_PARSE(app, argc, argv);

  std::filesystem::create_directories(dir);
  rocksdb::Options options;
  options.create_if_missing = true;
  options.recycle_log_file_num = 4;
  rocksdb::DB* opened = nullptr;
  if (const auto status = rocksdb::DB::Open(options, dir, &opened); !status.ok()) {
    std::fprintf(stderr, "rocksdb_puts: %s\n", status.ToString().c_str());
    return 1;
  }
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::string value(size_bytes, '\0');
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>((i * 2654435761U) >> 13);

  std::atomic<std::size_t> next{0};
  std::atomic<bool> has_failed{false};
  const auto work = [&] {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    for (std::size_t i = next++; i < puts; i = next++) {
      if (!db->Put(synced, "lake/load/" + std::to_string(i), value).ok()) has_failed = true;
    }
  };
  const auto started = std::chrono::steady_clock::now();
  std::vector<std::thread> workers;
  workers.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(work);
  for (auto& worker : workers) worker.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf(R"({"requests":%zu,"failed":%d,"seconds":%.4f,"per_second":%.1f})"
              "\n",
              puts, has_failed ? 1 : 0, seconds, static_cast<double>(puts) / seconds);
  return has_failed ? 1 : 0;
}
