#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "async/deadline.h"
#include "async/task.h"

namespace tarn::http {

/// The time limits of one I/O thread's connections under a single timer, armed at the earliest of them. Moving a limit
/// is two stores; only an earlier one than the armed touches the timer. So a request costs no timer operation, however
/// often its connection's limit moves. Limits are kept to about 10 ms. Used on that one thread only.
///
/// Held by shared_ptr, since a firing timer may still be queued when the owner goes.
class ExpiryWatch : public std::enable_shared_from_this<ExpiryWatch> {
 public:
  using TimePoint = Deadline::TimePoint;

  /// Something with at most one time limit. Unwatched when it goes.
  class Item {
   public:
    explicit Item(ExpiryWatch& watch) : watch_(watch) { watch_.add(*this); }
    Item(const Item&) = delete;
    Item& operator=(const Item&) = delete;

    /// Replaces the limit.
    void expire_at(TimePoint time) {
      expiry_ = time;
      if (time < watch_.armed_) watch_.arm(time);
    }
    void expire_never() { expiry_ = TimePoint::max(); }

   protected:
    ~Item() { watch_.remove(*this); }
    /// The limit has passed, and is none from now on. Must neither make nor end items.
    virtual void on_expired() = 0;

   private:
    friend class ExpiryWatch;
    ExpiryWatch& watch_;
    TimePoint expiry_ = TimePoint::max();
    std::size_t index_ = 0;  // in the watch's items
  };

  explicit ExpiryWatch(const asio::any_io_executor& executor) : timer_(executor) {}

 private:
  void add(Item& item);
  void remove(Item& item);
  void arm(TimePoint time);
  void expire();

  asio::steady_timer timer_;
  TimePoint armed_ = TimePoint::max();
  std::vector<Item*> items_;
};

}  // namespace tarn::http
