#include "apps/exit_code.h"

#include <gtest/gtest.h>

namespace tarn::apps {
namespace {

TEST(ExitCode, SaysWhatACallerCanDo) {
  EXPECT_EQ(exit_code_of(ErrorCode::kInvalidArgument), ExitCode::kUsage);
  EXPECT_EQ(exit_code_of(ErrorCode::kNotFound), ExitCode::kNotFound);
  EXPECT_EQ(exit_code_of(ErrorCode::kConflict), ExitCode::kConflict);
  EXPECT_EQ(exit_code_of(ErrorCode::kPreconditionFailed), ExitCode::kConflict);
  EXPECT_EQ(exit_code_of(ErrorCode::kUnavailable), ExitCode::kUnavailable);
  EXPECT_EQ(exit_code_of(ErrorCode::kDeadlineExceeded), ExitCode::kUnavailable);
  EXPECT_EQ(exit_code_of(ErrorCode::kOutcomeUnknown), ExitCode::kOutcomeUnknown);
  EXPECT_EQ(exit_code_of(ErrorCode::kUnauthenticated), ExitCode::kDenied);
  EXPECT_EQ(exit_code_of(ErrorCode::kCorrupt), ExitCode::kFailed);
}

}  // namespace
}  // namespace tarn::apps
