#pragma once

#include <chrono>
#include <optional>

#include "base/result.h"

namespace tarn::s3 {

/// How often a client asks again. Reads only: a write is sent once, and its caller told what is known of it.
struct RetryPolicy {
  int max_attempts = 4;
  std::chrono::milliseconds base_delay{50};  ///< before the second attempt at most; doubled for each one after
  std::chrono::milliseconds max_delay{2000};
};

/// Whether a read that ended so may succeed when it is sent again: no answer (`http_status` 0, by its error), a busy
/// server (429, 503), a broken one or a broken way to it (500, 502, 504).
bool is_worth_repeating(int http_status, ErrorCode error);

/// How long to wait after `failed_attempts` (1 or more): at random between nothing and a delay that doubles, so that
/// clients that failed together don't come back together. Nothing when it was the last attempt, or when `remaining` of
/// the deadline would not outlast the wait. `random` is uniform in [0, 1).
std::optional<std::chrono::nanoseconds> delay_before_retry(const RetryPolicy& policy, int failed_attempts,
                                                           std::chrono::nanoseconds remaining, double random);

}  // namespace tarn::s3
