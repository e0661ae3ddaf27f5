#pragma once

#include <chrono>

#include "base/result.h"

namespace tarn::apps {

/// What a catalog does when loading from its store failed: plain decisions, so that they are tested without a store.

/// True when the store may come up yet, or answer next time; false when someone has to act (credentials, a manifest
/// that cannot be read, a store whose conditions do not hold).
bool is_worth_retrying(ErrorCode code);

/// How long to wait after the `failures`-th failure in a row (from 1): 100 ms, doubled each time, 5 s at most.
std::chrono::milliseconds wait_after(unsigned failures);

}  // namespace tarn::apps
