#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "async/task.h"
#include "http/client.h"
#include "http/expiry_internal.h"
#include "http/read_buffer_internal.h"
#include "http/sending_internal.h"

namespace tarn::http {

/// What all of a client's connections share, unchanging.
struct ClientSettings {
  Origin origin;
  ClientOptions options;
  std::shared_ptr<asio::ssl::context> tls;  ///< null unless the origin is TLS; OpenSSL counts its references anyway
};

/// A client's side of one connection, plain or TLS. Used on its I/O thread only. Every failure but a timed-out fill()
/// is the connection's end.
class ClientConnection final : private ExpiryWatch::Item, public Sink {
 public:
  /// Counts itself in `open` while it lives. `on_idle_timeout` is called when it has been idle for too long.
  ClientConnection(const asio::any_io_executor& executor, ExpiryWatch& watch, const ClientSettings& settings,
                   std::atomic<std::size_t>& open, std::function<void()> on_idle_timeout);
  ~ClientConnection();

  /// Name, TCP, TLS. Errors: kUnavailable, kDeadlineExceeded; both name the origin.
  Task<void> connect(Deadline deadline);

  /// From here on written_bytes() counts anew, and `deadline` limits write(), as body_timeout does.
  void begin_request(Deadline deadline);
  /// What the system has taken; with TLS as soon as something was given to it.
  std::uint64_t written_bytes() const { return written_bytes_; }
  /// Errors: kDeadlineExceeded (the deadline), kUnavailable (all else).
  Task<void> write(ByteView first, ByteView second) override;

  /// Reads some bytes into buffer(), which must not be full. Errors: kDeadlineExceeded at `limit`, after which the
  /// connection may still be used; kUnavailable.
  Task<void> fill(Deadline limit);
  /// The same without waiting; false when nothing is there (with TLS: always).
  bool fill_now();
  /// Whether the last failure was the server's orderly end of its side.
  bool has_ended() const { return has_ended_; }
  ReadBuffer& buffer() { return buffer_; }

  void begin_idle();
  bool is_idle_too_long() const { return is_idle_too_long_; }
  /// Ends being idle. False when the server has closed it, or sent what nobody asked for.
  bool end_idle();

 private:
  Task<void> connect_tcp(Deadline limit);
  Task<void> connect_tls(Deadline limit);
  void on_expired() override;
  Error timed_out(Deadline deadline) const;

  const asio::any_io_executor executor_;
  const ClientSettings& settings_;
  std::atomic<std::size_t>& open_;
  const std::function<void()> on_idle_timeout_;
  asio::ip::tcp::socket socket_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
  ReadBuffer buffer_;
  Deadline deadline_ = Deadline::never();
  std::uint64_t written_bytes_ = 0;
  bool has_timed_out_ = false;
  bool has_ended_ = false;
  bool is_idle_ = false;
  bool is_idle_too_long_ = false;
};

}  // namespace tarn::http
