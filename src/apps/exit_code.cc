#include "apps/exit_code.h"

namespace tarn::apps {

ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return ExitCode::kUsage;
    case ErrorCode::kNotFound:
      return ExitCode::kNotFound;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kPreconditionFailed:
    case ErrorCode::kConflict:
      return ExitCode::kConflict;
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kPermissionDenied:
      return ExitCode::kDenied;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
      return ExitCode::kUnavailable;
    case ErrorCode::kOutcomeUnknown:
      return ExitCode::kOutcomeUnknown;
    case ErrorCode::kTooLarge:
    case ErrorCode::kUnsupported:
    case ErrorCode::kNoSpace:
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      return ExitCode::kFailed;
  }
  return ExitCode::kFailed;
}

std::string_view describe_exit_codes() {
  return "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 conflict, 5 server unavailable or too slow,\n"
         "6 outcome unknown (running the same again is safe), 7 not allowed.";
}

}  // namespace tarn::apps
