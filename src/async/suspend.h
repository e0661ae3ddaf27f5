#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "async/task.h"

namespace tarn::async {

namespace detail {
/// Suspends the calling coroutine; `start` gets a function that resumes it on its own executor, to be called exactly
/// once, from any thread.
asio::awaitable<void> suspend_raw(std::move_only_function<void(std::move_only_function<void()>)> start);
}  // namespace detail

/// What a suspended coroutine waits for. Call it exactly once, from any thread; the coroutine resumes on its executor.
/// Dropped without a call, the coroutine would wait for ever: whoever holds one owes it an answer.
template <class T>
class Resume {
 public:
  Resume(std::optional<Result<T>>& result, std::move_only_function<void()> wake)
      : result_(&result), wake_(std::move(wake)) {}
  void operator()(Result<T> result) {
    result_->emplace(std::move(result));
    auto wake = std::exchange(wake_, nullptr);
    wake();
  }

 private:
  std::optional<Result<T>>* result_;
  std::move_only_function<void()> wake_;
};

/// The bridge from callbacks and other threads to coroutines: suspends the caller and hands `start` a Resume.
/// `start` runs on the caller's thread before the suspension is visible to others, so it may itself resume.
template <class T>
Task<T> suspend(std::move_only_function<void(Resume<T>)> start) {
  std::optional<Result<T>> result;
  co_await detail::suspend_raw(
      [&result, &start](std::move_only_function<void()> wake) { start(Resume<T>(result, std::move(wake))); });
  co_return *std::move(result);
}

}  // namespace tarn::async
