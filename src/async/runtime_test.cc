#include "async/runtime.h"

#include <utility>

#include <gtest/gtest.h>

#include "async/test_support.h"

namespace tarn::async {
namespace {

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

}  // namespace
}  // namespace tarn::async
