#include "async/thread_pool.h"

#include <future>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "async/test_support.h"

namespace tarn::async {
namespace {

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

}  // namespace
}  // namespace tarn::async
