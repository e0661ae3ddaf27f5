#include <utility>

#include <boost/asio/post.hpp>

#include "http/client_pool_internal.h"

namespace tarn::http {

ClientPool::ClientPool(asio::any_io_executor executor, std::shared_ptr<const ClientSettings> settings)
    : executor_(std::move(executor)),
      settings_(std::move(settings)),
      watch_(std::make_shared<ExpiryWatch>(executor_)),
      permits_(settings_->options.max_connections) {}

ClientPool::~ClientPool() = default;

Task<async::Semaphore::Permit> ClientPool::enter(Deadline deadline) {
  if (auto permit = permits_.try_acquire()) co_return *std::move(permit);
  auto permit = co_await permits_.acquire(deadline);
  if (permit) co_return permit;
  co_return std::move(permit).error().while_doing("all " + std::to_string(settings_->options.max_connections) +
                                                  " connections to " + settings_->origin.host_header() + " are in use");
}

std::unique_ptr<ClientConnection> ClientPool::take_idle() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->end_idle()) return connection;
  }
  return nullptr;
}

std::unique_ptr<ClientConnection> ClientPool::make() {
  return std::make_unique<ClientConnection>(executor_, *watch_, *settings_, open_, [this] {
    // Not at once: connections must not end while the watch goes through them.
    asio::post(executor_, [self = shared_from_this()] { self->drop_idle_too_long(); });
  });
}

void ClientPool::give_back(std::unique_ptr<ClientConnection> connection) {
  if (is_closed_ || !connection->buffer().unread().empty()) return;
  connection->begin_idle();
  idle_.push_back(std::move(connection));
}

void ClientPool::close_idle(bool for_good) {
  is_closed_ = is_closed_ || for_good;
  idle_.clear();
}

void ClientPool::drop_idle_too_long() {
  std::erase_if(idle_, [](const auto& connection) { return connection->is_idle_too_long(); });
}

}  // namespace tarn::http
