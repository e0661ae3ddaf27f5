#include "apps/catalogd/loading.h"

#include <gtest/gtest.h>

namespace tarn::apps {
namespace {

using namespace std::chrono_literals;

TEST(Loading, IsRetriedWhileTheStoreMayComeUp) {
  EXPECT_TRUE(is_worth_retrying(ErrorCode::kUnavailable));
  EXPECT_TRUE(is_worth_retrying(ErrorCode::kDeadlineExceeded));
  EXPECT_TRUE(is_worth_retrying(ErrorCode::kOutcomeUnknown));
}

TEST(Loading, IsGivenUpWhenSomeoneHasToAct) {
  EXPECT_FALSE(is_worth_retrying(ErrorCode::kCorrupt));
  EXPECT_FALSE(is_worth_retrying(ErrorCode::kPermissionDenied));
  EXPECT_FALSE(is_worth_retrying(ErrorCode::kUnauthenticated));
  EXPECT_FALSE(is_worth_retrying(ErrorCode::kUnsupported));
}

TEST(Loading, WaitsLongerAfterEachFailureUpToABound) {
  EXPECT_EQ(wait_after(1), 100ms);
  EXPECT_EQ(wait_after(2), 200ms);
  EXPECT_EQ(wait_after(6), 3200ms);
  EXPECT_EQ(wait_after(7), 5000ms);
  EXPECT_EQ(wait_after(1'000'000), 5000ms);
}

}  // namespace
}  // namespace tarn::apps
