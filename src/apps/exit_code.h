#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace tarn::apps {

/// What a program's exit says, for scripts; `--help` of every verb lists them. Never renumbered.
enum class ExitCode : std::uint8_t {
  kOk = 0,
  kFailed = 1,          ///< anything not below
  kUsage = 2,           ///< wrong flags, settings or arguments; nothing was done
  kNotFound = 3,        ///< the dataset or object is not there
  kConflict = 4,        ///< another fingerprint, or a precondition that does not hold; nothing changed
  kUnavailable = 5,     ///< the server cannot be reached, or is not ready, or too slow; nothing changed
  kOutcomeUnknown = 6,  ///< it may or may not have been applied; running the same again is safe
  kDenied = 7,          ///< credentials or token missing, wrong or too weak
};

ExitCode exit_code_of(ErrorCode code);

/// A paragraph for help texts.
std::string_view describe_exit_codes();

}  // namespace tarn::apps
