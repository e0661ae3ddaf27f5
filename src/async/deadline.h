#pragma once

#include <algorithm>
#include <chrono>

namespace tarn {

/// The moment by which a request must have ended. Made once at the edge from the caller's wish and passed down; never
/// extended on the way. Steady time: setting the wall clock does not move it.
class Deadline {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static Deadline at(TimePoint time) { return Deadline(time); }
  static Deadline after(std::chrono::nanoseconds duration) {
    return Deadline(std::chrono::steady_clock::now() +
                    std::chrono::duration_cast<std::chrono::steady_clock::duration>(duration));
  }
  /// For work that no client waits for, and transfers that an idle timeout bounds instead.
  static Deadline never() { return Deadline(TimePoint::max()); }

  bool is_never() const { return time_ == TimePoint::max(); }
  bool has_passed() const { return !is_never() && std::chrono::steady_clock::now() >= time_; }
  TimePoint time() const { return time_; }
  /// Zero once passed.
  std::chrono::nanoseconds remaining() const {
    if (is_never()) return std::chrono::nanoseconds::max();
    return std::max<std::chrono::nanoseconds>(time_ - std::chrono::steady_clock::now(),
                                              std::chrono::nanoseconds::zero());
  }
  /// The earlier of the two.
  friend Deadline earlier(Deadline a, Deadline b) { return a.time_ < b.time_ ? a : b; }

 private:
  explicit Deadline(TimePoint time) : time_(time) {}
  TimePoint time_;
};

}  // namespace tarn
