#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace tarn {

/// A clock that stands still until a test moves it, in either direction. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = {}) : microseconds_(start.time_since_epoch().count()) {}

  Timestamp now() const override { return Timestamp(std::chrono::microseconds(microseconds_.load())); }
  void set(Timestamp time) { microseconds_ = time.time_since_epoch().count(); }
  void advance(std::chrono::microseconds by) { microseconds_ += by.count(); }

 private:
  std::atomic<std::chrono::microseconds::rep> microseconds_;
};

}  // namespace tarn
