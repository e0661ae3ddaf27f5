#include "async/task_group.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/sync.h"
#include "async/waiter_internal.h"

namespace tarn::async {
namespace {

asio::awaitable<void> run_ignoring_result(Task<void> task) {
  (void)co_await std::move(task);
}

}  // namespace

struct TaskGroup::State {
  mutable std::mutex mutex;
  std::size_t running = 0;
  Event stopping;
  std::vector<std::shared_ptr<Waiter>> stoppers;  // coroutines in stop(), waiting for running to reach 0

  void leave() {
    std::vector<std::shared_ptr<Waiter>> woken;
    {
      const std::lock_guard lock(mutex);
      if (--running == 0) woken.swap(stoppers);
    }
    for (const auto& stopper : woken) stopper->notify();
  }
};

TaskGroup::TaskGroup() : state_(std::make_shared<State>()) {}

TaskGroup::~TaskGroup() {
  TARN_ASSERT(size() == 0);
}

bool TaskGroup::spawn(const asio::any_io_executor& executor, Task<void> task) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping.is_set()) return false;
    ++state_->running;
  }
  asio::co_spawn(executor, run_ignoring_result(std::move(task)), [state = state_](const std::exception_ptr& escaped) {
    TARN_ASSERT(escaped == nullptr);
    state->leave();
  });
  return true;
}

bool TaskGroup::is_stopping() const {
  return state_->stopping.is_set();
}

asio::awaitable<bool> TaskGroup::sleep_for(std::chrono::nanoseconds duration) {
  const bool is_stopping = co_await state_->stopping.wait(Deadline::after(duration));
  co_return !is_stopping;
}

Task<void> TaskGroup::stop(Deadline deadline) {
  const auto state = state_;
  const auto executor = co_await asio::this_coro::executor;
  std::shared_ptr<Waiter> waiter;
  {
    const std::lock_guard lock(state->mutex);
    state->stopping.set();
    if (state->running == 0) co_return Result<void>();
    waiter = Waiter::create(executor);
    state->stoppers.push_back(waiter);
  }
  (void)co_await waiter->wait(deadline);
  const std::lock_guard lock(state->mutex);
  if (state->running == 0) co_return Result<void>();
  std::erase(state->stoppers, waiter);
  co_return failure(ErrorCode::kDeadlineExceeded, std::to_string(state->running) + " tasks still run");
}

std::size_t TaskGroup::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->running;
}

asio::awaitable<void> sleep_for(std::chrono::nanoseconds duration) {
  const auto executor = co_await asio::this_coro::executor;
  (void)co_await Waiter::create(executor)->wait(Deadline::after(duration));
}

}  // namespace tarn::async
