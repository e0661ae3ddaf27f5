#pragma once

#include <chrono>
#include <memory>

#include "async/deadline.h"
#include "async/task.h"

namespace tarn::async {

/// Owns coroutines that nobody awaits: accept loops, connections, refreshes. Whoever makes a group stops it before
/// what its tasks use goes away. Thread-safe.
class TaskGroup {
 public:
  TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  /// Every task must have ended: stop() first. A bug otherwise: aborts.
  ~TaskGroup();

  /// Starts `task` on `executor`. Its error, if any, is nobody's: a task reports its own. Returns false, and the task
  /// never runs, once stop() was called.
  bool spawn(const asio::any_io_executor& executor, Task<void> task);

  /// True once stop() was called: loops ask this between steps.
  bool is_stopping() const;
  /// For loops: waits `duration`, or less when stop() is called. Returns whether to go on (false: stopping).
  asio::awaitable<bool> sleep_for(std::chrono::nanoseconds duration);

  /// Refuses new tasks, wakes sleepers, waits until the last task has ended. Errors: kDeadlineExceeded with tasks still
  /// running (call again). Not from one of its own tasks.
  Task<void> stop(Deadline deadline);
  /// How many tasks run now.
  std::size_t size() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the tasks' completion handlers
};

/// Waits. For retries with backoff; errors never.
asio::awaitable<void> sleep_for(std::chrono::nanoseconds duration);

}  // namespace tarn::async
