#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "async/sync.h"
#include "async/task.h"
#include "http/client_connection_internal.h"
#include "http/expiry_internal.h"

namespace tarn::http {

/// A client's connections on one I/O thread, and used on that thread only. At most max_connections at once, idle ones
/// included: an idle one is always taken before another is made.
///
/// Held by shared_ptr, since response bodies dropped on other threads hand their connection back by a message that may
/// arrive after the client has gone.
class ClientPool : public std::enable_shared_from_this<ClientPool> {
 public:
  ClientPool(asio::any_io_executor executor, std::shared_ptr<const ClientSettings> settings);
  ~ClientPool();

  /// A permit to have one connection in use. Errors: kDeadlineExceeded.
  Task<async::Semaphore::Permit> enter(Deadline deadline);
  /// One that was used before and still lives; null when there is none.
  std::unique_ptr<ClientConnection> take_idle();
  /// A new one, not connected yet.
  std::unique_ptr<ClientConnection> make();
  void give_back(std::unique_ptr<ClientConnection> connection);
  /// Closes the idle ones; `for_good`: and from now on those given back too.
  void close_idle(bool for_good);

  const asio::any_io_executor& executor() const { return executor_; }
  const ClientSettings& settings() const { return *settings_; }
  std::size_t open_connections() const { return open_.load(std::memory_order_relaxed); }

 private:
  void drop_idle_too_long();

  const asio::any_io_executor executor_;
  const std::shared_ptr<const ClientSettings> settings_;  // shared by the pools of all threads
  const std::shared_ptr<ExpiryWatch> watch_;
  std::atomic<std::size_t> open_{0};
  async::Semaphore permits_;
  std::vector<std::unique_ptr<ClientConnection>> idle_;  // the last used last
  bool is_closed_ = false;
};

}  // namespace tarn::http
