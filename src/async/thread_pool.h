#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "async/suspend.h"
#include "async/task.h"

namespace tarn::async {

/// Threads for calls that block: fsync, Parquet, a database. The queue is bounded; what exceeds it is refused.
class ThreadPool {
 public:
  /// `name` shows in thread lists and errors. `max_queued` jobs wait at most, beside those that run.
  ThreadPool(std::string name, std::size_t threads, std::size_t max_queued = 4096);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// Runs what is queued, then joins.
  ~ThreadPool();

  /// False when the queue is full; `job` was not taken then. Thread-safe.
  bool try_submit(std::move_only_function<void()> job);
  const std::string& name() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Runs `call`, a plain function that returns a Result<T>, on the pool; the caller resumes on its own executor.
/// Errors: kUnavailable when the pool's queue is full (nothing ran); what `call` returns.
template <class Call, class Returned = std::invoke_result_t<Call&>>
Task<typename Returned::value_type> offload(ThreadPool& pool, Call call) {
  using T = typename Returned::value_type;
  auto result = co_await suspend<T>([&pool, &call](Resume<T> resume) {
    // Shared with the refusal below, since a refused job is gone.
    auto shared_resume = std::make_shared<Resume<T>>(std::move(resume));
    if (!pool.try_submit([shared_resume, &call] { (*shared_resume)(call()); })) {
      (*shared_resume)(failure(ErrorCode::kUnavailable, "the queue of " + pool.name() + " is full; try again later"));
    }
  });
  co_return result;
}

}  // namespace tarn::async
