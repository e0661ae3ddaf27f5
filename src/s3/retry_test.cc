#include "s3/retry.h"

#include <gtest/gtest.h>

namespace tarn::s3 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Retry, OnlyWhatMayPassIsRepeated) {
  for (const int http_status : {429, 500, 502, 503, 504}) {
    EXPECT_TRUE(is_worth_repeating(http_status, ErrorCode::kUnavailable)) << http_status;
  }
  for (const int http_status : {301, 400, 403, 404, 409, 412, 416, 501, 507}) {
    EXPECT_FALSE(is_worth_repeating(http_status, ErrorCode::kUnavailable)) << http_status;
  }
  EXPECT_TRUE(is_worth_repeating(0, ErrorCode::kUnavailable));
  EXPECT_TRUE(is_worth_repeating(0, ErrorCode::kOutcomeUnknown));
  EXPECT_FALSE(is_worth_repeating(0, ErrorCode::kDeadlineExceeded));
  EXPECT_FALSE(is_worth_repeating(0, ErrorCode::kInvalidArgument));
}

TEST(Retry, DelaysDoubleUpToTheLongest) {
  const RetryPolicy policy{.max_attempts = 100, .base_delay = milliseconds(10), .max_delay = milliseconds(35)};

  EXPECT_EQ(delay_before_retry(policy, 1, seconds(9), 0.5), milliseconds(5));
  EXPECT_EQ(delay_before_retry(policy, 2, seconds(9), 0.5), milliseconds(10));
  EXPECT_EQ(delay_before_retry(policy, 3, seconds(9), 0.5), milliseconds(17) + std::chrono::microseconds(500));
  EXPECT_EQ(delay_before_retry(policy, 99, seconds(9), 0.0), milliseconds(0));
}

TEST(Retry, EndsWithTheAttemptsOrTheDeadline) {
  const RetryPolicy policy{.max_attempts = 3, .base_delay = milliseconds(10), .max_delay = milliseconds(100)};

  EXPECT_TRUE(delay_before_retry(policy, 2, seconds(1), 0.9));
  EXPECT_FALSE(delay_before_retry(policy, 3, seconds(1), 0.9));
  EXPECT_FALSE(delay_before_retry(policy, 1, milliseconds(9), 0.9));
  EXPECT_FALSE(delay_before_retry(policy, 1, seconds(0), 0.0));
}

}  // namespace
}  // namespace tarn::s3
