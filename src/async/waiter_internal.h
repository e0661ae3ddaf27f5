#pragma once

#include <memory>

#include "async/deadline.h"
#include "async/task.h"

namespace tarn::async {

/// One suspended coroutine with a deadline: what Event, Semaphore and TaskGroup wait with. Made by the coroutine that
/// will wait; notify() from any thread, once; the coroutine waits on its own executor.
class Waiter {
 public:
  static std::shared_ptr<Waiter> create(const asio::any_io_executor& executor);
  virtual ~Waiter() = default;

  /// True when notified, before or during the wait; false when the deadline passed first. The owner's own state, read
  /// under its lock after a false, decides races between the two.
  virtual asio::awaitable<bool> wait(Deadline deadline) = 0;
  virtual void notify() = 0;
};

}  // namespace tarn::async
