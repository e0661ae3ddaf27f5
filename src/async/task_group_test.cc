#include "async/task_group.h"

#include <atomic>
#include <chrono>

#include <gtest/gtest.h>

#include "async/sync.h"
#include "async/test_support.h"

namespace tarn::async {
namespace {

using namespace std::chrono_literals;

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

}  // namespace
}  // namespace tarn::async
