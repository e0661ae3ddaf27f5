#include <chrono>
#include <utility>
#include <vector>

#include <boost/asio/ssl/host_name_verification.hpp>

#include "async/sync.h"
#include "http/client_connection_internal.h"
#include "http/socket_internal.h"

namespace tarn::http {
namespace {

using asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

constexpr std::size_t kBufferBytes = 16 * 1024;

/// A look-up under way, shared with its completion: Asio looks names up on a thread of its own and cannot interrupt it.
struct NameLookup {
  explicit NameLookup(const asio::any_io_executor& executor) : resolver(executor) {}
  tcp::resolver resolver;
  boost::system::error_code error;
  Endpoints endpoints;
  async::Event done;
};

Task<Endpoints> resolve(const asio::any_io_executor& executor, const Origin& origin, Deadline limit) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(origin.host, error);
  if (!error) co_return Endpoints{tcp::endpoint(address, origin.port)};
  if (origin.host == "localhost") {  // RFC 6761 section 6.3
    co_return Endpoints{tcp::endpoint(asio::ip::address_v4::loopback(), origin.port),
                        tcp::endpoint(asio::ip::address_v6::loopback(), origin.port)};
  }
  const auto lookup = std::make_shared<NameLookup>(executor);
  lookup->resolver.async_resolve(
      origin.host, std::to_string(origin.port), tcp::resolver::numeric_service,
      [lookup](const boost::system::error_code& failed, const tcp::resolver::results_type& results) {
        lookup->error = failed;
        for (const auto& result : results) lookup->endpoints.push_back(result.endpoint());
        lookup->done.set();
      });
  if (!co_await lookup->done.wait(limit)) {
    co_return failure(ErrorCode::kDeadlineExceeded, "the name was not resolved in time");
  }
  if (lookup->error) co_return failure(ErrorCode::kUnavailable, lookup->error.message());
  co_return std::move(lookup->endpoints);
}

}  // namespace

ClientConnection::ClientConnection(const asio::any_io_executor& executor, ExpiryWatch& watch,
                                   const ClientSettings& settings, std::atomic<std::size_t>& open,
                                   std::function<void()> on_idle_timeout)
    : Item(watch),
      executor_(executor),
      settings_(settings),
      open_(open),
      on_idle_timeout_(std::move(on_idle_timeout)),
      socket_(executor),
      buffer_(kBufferBytes) {
  open_.fetch_add(1, std::memory_order_relaxed);
}

ClientConnection::~ClientConnection() {
  open_.fetch_sub(1, std::memory_order_relaxed);
}

void ClientConnection::on_expired() {
  if (is_idle_) {
    is_idle_too_long_ = true;
    on_idle_timeout_();
    return;
  }
  has_timed_out_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

Task<void> ClientConnection::connect(Deadline deadline) {
  const auto limit = earlier(deadline, Deadline::after(settings_.options.connect_timeout));
  auto connected = co_await connect_tcp(limit);
  if (connected && settings_.tls != nullptr) connected = co_await connect_tls(limit);
  if (connected) co_return connected;
  auto error = std::move(connected).error();
  if (error.code == ErrorCode::kDeadlineExceeded && !deadline.has_passed()) error.code = ErrorCode::kUnavailable;
  co_return std::move(error).while_doing("connect to " + settings_.origin.host_header());
}

Task<void> ClientConnection::connect_tcp(Deadline limit) {
  TARN_CO_TRY(const auto endpoints, co_await resolve(executor_, settings_.origin, limit));
  boost::system::error_code error = asio::error::host_not_found;
  for (const auto& endpoint : endpoints) {
    boost::system::error_code ignored;
    socket_.close(ignored);
    socket_.open(endpoint.protocol(), error);
    if (error) continue;
    if (limit.has_passed()) break;
    expire_at(limit.time());
    std::tie(error) = co_await socket_.async_connect(endpoint, kAwait);
    expire_never();
    if (!error && is_connected_to_itself(socket_)) {
      socket_.close(ignored);
      error = asio::error::connection_refused;
    }
    if (!error || has_timed_out_) break;
  }
  if (std::exchange(has_timed_out_, false) || limit.has_passed()) {
    co_return failure(ErrorCode::kDeadlineExceeded, "timed out");
  }
  if (!error) socket_.set_option(tcp::no_delay(true), error);
  if (!error) socket_.non_blocking(true, error);
  if (error) co_return failure(ErrorCode::kUnavailable, error.message());
  co_return Result<void>();
}

Task<void> ClientConnection::connect_tls(Deadline limit) {
  const std::string& host = settings_.origin.host;
  boost::system::error_code error;
  tls_.emplace(socket_, *settings_.tls);
  tls_->set_verify_callback(asio::ssl::host_name_verification(host), error);
  if (error) co_return failure(ErrorCode::kInternal, "TLS: " + error.message());
  boost::system::error_code not_an_address;
  (void)asio::ip::make_address(host, not_an_address);
  // Server name indication is for names only (RFC 6066 section 3).
  if (not_an_address && SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str()) != 1) {
    co_return failure(ErrorCode::kInternal, "TLS: the server's name cannot be indicated");
  }
  expire_at(limit.time());
  std::tie(error) = co_await tls_->async_handshake(asio::ssl::stream_base::client, kAwait);
  expire_never();
  if (std::exchange(has_timed_out_, false)) co_return failure(ErrorCode::kDeadlineExceeded, "TLS handshake timed out");
  if (error) co_return failure(ErrorCode::kUnavailable, "TLS: " + error.message());
  co_return Result<void>();
}

void ClientConnection::begin_request(Deadline deadline) {
  deadline_ = deadline;
  written_bytes_ = 0;
  has_ended_ = false;
}

Task<void> ClientConnection::write(ByteView first, ByteView second) {
  while (!first.empty() || !second.empty()) {
    const auto limit = earlier(deadline_, Deadline::after(settings_.options.body_timeout));
    if (limit.has_passed()) co_return std::unexpected(timed_out(deadline_));
    boost::system::error_code error;
    if (tls_) {
      ByteView& part = first.empty() ? second : first;
      written_bytes_ += part.size();
      expire_at(limit.time());
      std::size_t size = 0;
      std::tie(error, size) = co_await tls_->async_write_some(asio::buffer(part), kAwait);
      part.remove_prefix(size);
    } else {
      const auto before = first.size() + second.size();
      error = write_now(socket_, first, second);
      const auto after = first.size() + second.size();
      written_bytes_ += before - after;
      if (!error && after > 0) {
        expire_at(limit.time());
        std::tie(error) = co_await socket_.async_wait(tcp::socket::wait_write, kAwait);
      }
    }
    expire_never();
    if (std::exchange(has_timed_out_, false) && error) co_return std::unexpected(timed_out(deadline_));
    if (error) co_return failure(ErrorCode::kUnavailable, error.message());
  }
  co_return Result<void>();
}

Task<void> ClientConnection::fill(Deadline limit) {
  if (limit.has_passed()) co_return std::unexpected(timed_out(limit));
  expire_at(limit.time());
  boost::system::error_code error;
  std::size_t size = 0;
  if (tls_) {
    std::tie(error, size) = co_await tls_->async_read_some(buffer_.prepare(), kAwait);
  } else {
    std::tie(error, size) = co_await socket_.async_read_some(buffer_.prepare(), kAwait);
  }
  expire_never();
  if (std::exchange(has_timed_out_, false) && error) co_return std::unexpected(timed_out(limit));
  if (error) {
    has_ended_ = error == asio::error::eof;
    co_return failure(ErrorCode::kUnavailable,
                      has_ended_ ? std::string("the server closed the connection") : error.message());
  }
  buffer_.commit(size);
  co_return Result<void>();
}

bool ClientConnection::fill_now() {
  if (tls_ || buffer_.is_full()) return false;
  boost::system::error_code error;
  const auto size = socket_.read_some(buffer_.prepare(), error);
  if (error) return false;
  buffer_.commit(size);
  return true;
}

Error ClientConnection::timed_out(Deadline deadline) const {
  if (deadline.has_passed()) return {ErrorCode::kDeadlineExceeded, "timed out"};
  return {ErrorCode::kUnavailable,
          "no byte moved for " + std::to_string(settings_.options.body_timeout.count()) + " ms"};
}

void ClientConnection::begin_idle() {
  is_idle_ = true;
  buffer_.shrink(kBufferBytes);
  expire_at(Deadline::after(settings_.options.idle_timeout).time());
}

bool ClientConnection::end_idle() {
  is_idle_ = false;
  expire_never();
  if (is_idle_too_long_) return false;
  char byte = 0;
  boost::system::error_code error;
  socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
  return error == asio::error::would_block;
}

}  // namespace tarn::http
