#include "s3/retry.h"

#include <algorithm>

namespace tarn::s3 {

bool is_worth_repeating(int http_status, ErrorCode error) {
  switch (http_status) {
    case 0:
      // Sent and not answered does no harm to repeat, since nothing was to change.
      return error == ErrorCode::kUnavailable || error == ErrorCode::kOutcomeUnknown;
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}

std::optional<std::chrono::nanoseconds> delay_before_retry(const RetryPolicy& policy, int failed_attempts,
                                                           std::chrono::nanoseconds remaining, double random) {
  constexpr int kMaxDoublings = 20;  // far beyond any max_delay, far below an overflow
  if (failed_attempts >= policy.max_attempts) return std::nullopt;
  const auto doubled = policy.base_delay * (1LL << std::clamp(failed_attempts - 1, 0, kMaxDoublings));
  const std::chrono::nanoseconds longest = std::min<std::chrono::milliseconds>(doubled, policy.max_delay);
  const auto delay = std::chrono::duration_cast<std::chrono::nanoseconds>(longest * random);
  if (delay >= remaining) return std::nullopt;
  return delay;
}

}  // namespace tarn::s3
