#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/waiter_internal.h"

namespace tarn::async {
namespace {

/// A timer that is cancelled on notification. The timer is touched on its own executor only, whatever thread notifies.
class TimerWaiter final : public Waiter, public std::enable_shared_from_this<TimerWaiter> {
 public:
  explicit TimerWaiter(const asio::any_io_executor& executor) : timer_(executor) {}

  asio::awaitable<bool> wait(Deadline deadline) override {
    if (is_notified_) co_return true;
    timer_.expires_at(deadline.time());
    boost::system::error_code ignored;  // cancelled or expired: is_notified_ tells
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return is_notified_;
  }

  void notify() override {
    asio::post(timer_.get_executor(), [self = shared_from_this()] {
      self->is_notified_ = true;
      self->timer_.cancel();
    });
  }

 private:
  asio::steady_timer timer_;
  bool is_notified_ = false;
};

}  // namespace

std::shared_ptr<Waiter> Waiter::create(const asio::any_io_executor& executor) {
  return std::make_shared<TimerWaiter>(executor);
}

}  // namespace tarn::async
