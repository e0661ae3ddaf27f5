#include "async/suspend.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tarn::async {

asio::awaitable<void> detail::suspend_raw(std::move_only_function<void(std::move_only_function<void()>)> start) {
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
      [&start](auto handler) {
        const auto executor = asio::get_associated_executor(handler);
        // The guard keeps the loop running while the only thing it has to do is wait for another thread.
        start([handler = std::move(handler), guard = asio::make_work_guard(executor)]() mutable {
          auto on_loop = guard.get_executor();
          asio::post(on_loop, std::move(handler));
        });
      },
      asio::use_awaitable);
}

}  // namespace tarn::async
