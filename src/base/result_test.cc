#include "base/result.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace tarn {
namespace {

Result<std::unique_ptr<int>> positive(int value) {
  if (value <= 0) return failure(ErrorCode::kInvalidArgument, "not positive", "too_small");
  return std::make_unique<int>(value);
}

Result<void> check(int value) {
  if (value > 100) return failure(ErrorCode::kTooLarge, "over 100");
  return {};
}

Result<int> doubled(int value) {
  TARN_TRY(const std::unique_ptr<int> number, positive(value));
  TARN_TRY_VOID(check(*number));
  return *number * 2;
}

TEST(Try, PassesValuesOnAndReturnsErrors) {
  EXPECT_EQ(doubled(4), 8);
  EXPECT_EQ(doubled(0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(doubled(0).error().reason, "too_small");
  EXPECT_EQ(doubled(101).error().code, ErrorCode::kTooLarge);
}

TEST(Error, SaysWhatTheCallerWasDoing) {
  const Error error = Error{ErrorCode::kUnavailable, "connection refused", "why"}.while_doing("publish m/1").error();

  EXPECT_EQ(error.message, "publish m/1: connection refused");
  EXPECT_EQ(error.reason, "why");
  EXPECT_EQ(to_string(error), "unavailable: publish m/1: connection refused");
}

TEST(AssertDeathTest, HoldsInReleaseAndNamesTheCondition) {
  EXPECT_DEATH(TARN_ASSERT(1 + 1 == 3), "assertion failed: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace tarn
