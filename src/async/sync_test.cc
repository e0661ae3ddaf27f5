#include "async/sync.h"

#include <atomic>
#include <chrono>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "async/task_group.h"
#include "async/test_support.h"

namespace tarn::async {
namespace {

using namespace std::chrono_literals;

Deadline in_the_past() {
  return Deadline::after(-1ms);
}

Task<bool> wait_for(Event& event, Deadline deadline) {
  co_return co_await event.wait(deadline);
}

TEST(Event, WakesEveryWaiterOnEveryThread) {
  TestRuntime runtime(3);
  Event event;
  TaskGroup group;
  std::atomic<int> woken{0};
  static const auto wait_and_count = [](Event& waited, std::atomic<int>& count) -> Task<void> {
    if (co_await waited.wait(soon())) ++count;
    co_return Result<void>();
  };
  for (int i = 0; i < 30; ++i) group.spawn(runtime.executor(), wait_and_count(event, woken));

  event.set();
  ASSERT_TRUE(runtime.run(group.stop(soon())));

  EXPECT_EQ(woken, 30);
}

TEST(Event, WaitingEndsAtTheDeadline) {
  TestRuntime runtime;
  Event event;

  EXPECT_EQ(runtime.run(wait_for(event, Deadline::after(5ms))), false);
  EXPECT_EQ(runtime.run(wait_for(event, in_the_past())), false);
  event.set();
  EXPECT_EQ(runtime.run(wait_for(event, in_the_past())), true);
}

/// Counts how many tasks are inside at once.
struct Gauge {
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  void enter() {
    const int now = ++inside;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
  }
  void leave() { --inside; }
};

Task<void> pass_through(Semaphore& semaphore, Gauge& gauge) {
  TARN_CO_TRY(const auto permit, co_await semaphore.acquire(soon()));
  gauge.enter();
  co_await sleep_for(100us);
  gauge.leave();
  co_return Result<void>();
}

TEST(Semaphore, NeverLetsMoreInThanItsPermits) {
  TestRuntime runtime(4);
  Semaphore semaphore(3);
  Gauge gauge;
  TaskGroup group;

  for (int i = 0; i < 200; ++i) group.spawn(runtime.executor(), pass_through(semaphore, gauge));
  ASSERT_TRUE(runtime.run(group.stop(soon())));

  EXPECT_EQ(gauge.most, 3);
  EXPECT_TRUE(semaphore.try_acquire());
}

Task<Semaphore::Permit> acquire(Semaphore& semaphore, Deadline deadline) {
  return semaphore.acquire(deadline);
}

TEST(Semaphore, ATimedOutWaiterLosesNoPermit) {
  TestRuntime runtime;
  Semaphore semaphore(1);
  auto held = semaphore.try_acquire();
  ASSERT_TRUE(held);

  const auto late = runtime.run(acquire(semaphore, Deadline::after(2ms)));
  held->release();
  const auto next = runtime.run(acquire(semaphore, soon()));

  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(next);
}

TEST(Semaphore, ReleasesThatRaceWithDeadlinesLoseNoPermit) {
  TestRuntime runtime(4);
  Semaphore semaphore(2);
  TaskGroup group;
  static const auto hurry = [](Semaphore& wanted, int microseconds) -> Task<void> {
    for (int i = 0; i < 50; ++i) {
      auto permit = co_await wanted.acquire(Deadline::after(std::chrono::microseconds(microseconds)));
      if (permit) co_await sleep_for(50us);
    }
    co_return Result<void>();
  };

  for (int i = 0; i < 16; ++i) group.spawn(runtime.executor(), hurry(semaphore, 20 * i));
  ASSERT_TRUE(runtime.run(group.stop(soon())));

  auto first = semaphore.try_acquire();
  auto second = semaphore.try_acquire();
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(semaphore.try_acquire());
}

/// A counter that only a lock protects.
struct Unprotected {
  int value = 0;
};

Task<void> increment_under_lock(KeyedMutex& mutex, std::string key, Unprotected& counter) {
  TARN_CO_TRY(const auto lock, co_await mutex.lock(std::move(key), soon()));
  const int before = counter.value;
  co_await sleep_for(1us);  // a suspension between read and write: without the lock, updates get lost
  counter.value = before + 1;
  co_return Result<void>();
}

TEST(KeyedMutex, WorkOnOneKeyRunsOneAfterAnother) {
  TestRuntime runtime(4);
  KeyedMutex mutex;
  Unprotected counter;
  TaskGroup group;

  for (int i = 0; i < 500; ++i) group.spawn(runtime.executor(), increment_under_lock(mutex, "k", counter));
  ASSERT_TRUE(runtime.run(group.stop(soon())));

  EXPECT_EQ(counter.value, 500);
  EXPECT_EQ(mutex.size(), 0U);
}

Task<KeyedMutex::Lock> lock_key(KeyedMutex& mutex, std::string key, Deadline deadline) {
  return mutex.lock(std::move(key), deadline);
}

TEST(KeyedMutex, OtherKeysDoNotWait) {
  TestRuntime runtime;
  KeyedMutex mutex;
  const auto held = runtime.run(lock_key(mutex, "a", soon()));
  ASSERT_TRUE(held);

  const auto other = runtime.run(lock_key(mutex, "b", soon()));
  const auto same = runtime.run(lock_key(mutex, "a", Deadline::after(2ms)));

  EXPECT_TRUE(other);
  ASSERT_FALSE(same);
  EXPECT_EQ(same.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(mutex.size(), 2U);
}

}  // namespace
}  // namespace tarn::async
