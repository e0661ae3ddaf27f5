#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "async/task.h"

namespace tarn::async {

/// The I/O threads. Each has an event loop of its own; a coroutine spawned on an executor stays on that one thread, so
/// its timers and sockets need no strand. Nothing that blocks may run here: see offload().
class Runtime {
 public:
  /// Starts `threads` (at least 1) of them.
  explicit Runtime(std::size_t threads);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  /// Drops what is still pending, then joins. Stop servers and groups before.
  ~Runtime();

  std::size_t thread_count() const;
  /// The next thread's executor, in turn. Thread-safe.
  asio::any_io_executor executor();
  /// One thread's executor, 0 <= index < thread_count().
  asio::any_io_executor executor(std::size_t index);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

namespace detail {
/// Runs `task` on `executor` to its end and blocks the calling thread meanwhile. An exception that escapes is a bug:
/// aborts.
void run_blocking(const asio::any_io_executor& executor, asio::awaitable<void> task);

template <class T>
asio::awaitable<void> store_result(Task<T> task, std::optional<Result<T>>& result) {
  result.emplace(co_await std::move(task));
}
}  // namespace detail

/// Runs a task to its end from a plain thread (main, a test, a command). Never call it on an I/O thread.
template <class T>
Result<T> run(const asio::any_io_executor& executor, Task<T> task) {
  std::optional<Result<T>> result;
  detail::run_blocking(executor, detail::store_result(std::move(task), result));
  return *std::move(result);
}
template <class T>
Result<T> run(Runtime& runtime, Task<T> task) {
  return run(runtime.executor(), std::move(task));
}

}  // namespace tarn::async
