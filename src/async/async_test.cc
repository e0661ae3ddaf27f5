#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include "async/byte_source.h"
#include "async/sync.h"
#include "async/task_group.h"
#include "async/test_support.h"
#include "async/thread_pool.h"

namespace tarn::async {
namespace {

using namespace std::chrono_literals;

Deadline in_the_past() {
  return Deadline::after(-1ms);
}

Task<int> answer(int value) {
  co_return value;
}

Task<int> sum_of_two(Task<int> first, Task<int> second) {
  TARN_CO_TRY(const int a, co_await std::move(first));
  TARN_CO_TRY(const int b, co_await std::move(second));
  co_return a + b;
}

Task<int> fails() {
  co_return failure(ErrorCode::kNotFound, "no such number");
}

TEST(Task, AnErrorPassesUpwardUnchanged) {
  TestRuntime runtime;

  const auto result = runtime.run(sum_of_two(answer(1), fails()));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(result.error().message, "no such number");
}

TEST(Runtime, GivesOutItsThreadsInTurn) {
  TestRuntime runtime(3);

  EXPECT_EQ((*runtime).thread_count(), 3U);
  const auto first = runtime.executor();
  const auto second = runtime.executor();
  (void)runtime.executor();
  const auto fourth = runtime.executor();
  EXPECT_NE(first, second);
  EXPECT_EQ(first, fourth);
}

Task<std::thread::id> offloaded_thread(ThreadPool& pool) {
  co_return co_await offload(pool, []() -> Result<std::thread::id> { return std::this_thread::get_id(); });
}

Task<bool> resumes_where_it_was(ThreadPool& pool) {
  const auto before = std::this_thread::get_id();
  TARN_CO_TRY(const auto on_pool, co_await offloaded_thread(pool));
  co_return before == std::this_thread::get_id() && on_pool != before;
}

TEST(Offload, RunsOnThePoolAndResumesOnTheCallersThread) {
  TestRuntime runtime;
  ThreadPool pool("test", 2);

  EXPECT_EQ(runtime.run(resumes_where_it_was(pool)), true);
}

TEST(Offload, IsRefusedWhenTheQueueIsFull) {
  TestRuntime runtime;
  ThreadPool pool("test pool", 1, 1);
  std::promise<void> started;
  std::promise<void> release;
  ASSERT_TRUE(pool.try_submit([&started, released = release.get_future().share()] {
    started.set_value();
    released.wait();
  }));
  started.get_future().wait();
  ASSERT_TRUE(pool.try_submit([] {}));

  const auto refused = runtime.run(offloaded_thread(pool));

  release.set_value();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message.find("test pool"), std::string::npos);
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

TEST(TaskGroup, RefusesTasksOnceStopped) {
  TestRuntime runtime;
  TaskGroup group;
  ASSERT_TRUE(runtime.run(group.stop(soon())));
  std::atomic<bool> ran{false};
  static const auto mark = [](std::atomic<bool>& flag) -> Task<void> {
    flag = true;
    co_return Result<void>();
  };

  EXPECT_FALSE(group.spawn(runtime.executor(), mark(ran)));
  EXPECT_FALSE(ran);
}

TEST(TaskGroup, StopWakesSleepersAndWaitsForThem) {
  TestRuntime runtime;
  TaskGroup group;
  std::atomic<int> rounds{0};
  static const auto loop = [](TaskGroup& owner, std::atomic<int>& count) -> Task<void> {
    while (co_await owner.sleep_for(1h)) ++count;
    co_return Result<void>();
  };
  for (int i = 0; i < 8; ++i) group.spawn(runtime.executor(), loop(group, rounds));

  ASSERT_TRUE(runtime.run(group.stop(soon())));

  EXPECT_EQ(group.size(), 0U);
  EXPECT_EQ(rounds, 0);
}

TEST(TaskGroup, StopSaysWhatStillRunsAtTheDeadline) {
  TestRuntime runtime;
  TaskGroup group;
  Event release;
  static const auto hold = [](Event& event) -> Task<void> {
    (void)co_await event.wait(soon());
    co_return Result<void>();
  };
  group.spawn(runtime.executor(), hold(release));

  const auto early = runtime.run(group.stop(Deadline::after(5ms)));
  release.set();
  const auto late = runtime.run(group.stop(soon()));

  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(late);
}

TEST(ByteSource, ReadAllStopsAtTheLimit) {
  TestRuntime runtime;
  const auto exact = source_of(Bytes(1000, 'x'));
  const auto over = source_of(Bytes(1001, 'x'));

  const auto fits = runtime.run(read_all(*exact, 1000));
  const auto refused = runtime.run(read_all(*over, 1000));

  ASSERT_TRUE(fits);
  EXPECT_EQ(fits->size(), 1000U);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
}

TEST(ByteSource, PiecesAreBoundedAndTheEndStaysTheEnd) {
  TestRuntime runtime;
  const auto source = source_of(Bytes(300 * 1024, 'x'));
  static const auto pull = [](ByteSource& pulled) -> Task<ByteView> { return pulled.next(); };

  EXPECT_EQ(runtime.run(pull(*source))->size(), 256U * 1024);
  EXPECT_EQ(runtime.run(pull(*source))->size(), 44U * 1024);
  EXPECT_TRUE(runtime.run(pull(*source))->empty());
  EXPECT_TRUE(runtime.run(pull(*source))->empty());
}

TEST(Deadline, TheEarlierWinsAndNeverIsLast) {
  const auto past = in_the_past();

  EXPECT_TRUE(past.has_passed());
  EXPECT_EQ(past.remaining(), 0ns);
  EXPECT_FALSE(Deadline::never().has_passed());
  EXPECT_EQ(earlier(past, Deadline::never()).time(), past.time());
}

}  // namespace
}  // namespace tarn::async
