#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "async/deadline.h"
#include "async/runtime.h"

namespace tarn::async {

/// For tests only. Aborts the process, so that a test which hangs fails with a stack and not by the build's patience.
class Watchdog {
 public:
  explicit Watchdog(std::chrono::seconds patience = std::chrono::seconds(60))
      : thread_([this, patience] { watch(patience); }) {}
  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      is_done_ = true;
    }
    done_.notify_all();
    thread_.join();
  }

 private:
  void watch(std::chrono::seconds patience) {
    std::unique_lock lock(mutex_);
    if (done_.wait_for(lock, patience, [this] { return is_done_; })) return;
    std::fputs("watchdog: the test did not end in time\n", stderr);
    std::abort();
  }

  std::mutex mutex_;
  std::condition_variable done_;
  bool is_done_ = false;
  std::thread thread_;
};

/// A runtime under a watchdog: `TestRuntime runtime; auto result = runtime.run(task());`
class TestRuntime {
 public:
  explicit TestRuntime(std::size_t threads = 2) : runtime_(threads) {}

  template <class T>
  Result<T> run(Task<T> task) {
    return async::run(runtime_, std::move(task));
  }
  Runtime& operator*() { return runtime_; }
  asio::any_io_executor executor() { return runtime_.executor(); }

 private:
  Watchdog watchdog_;
  Runtime runtime_;
};

/// A deadline no healthy test reaches.
inline Deadline soon() {
  return Deadline::after(std::chrono::seconds(30));
}

}  // namespace tarn::async
