#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "async/deadline.h"
#include "async/runtime.h"
#include "async/task.h"
#include "http/message.h"

namespace tarn::http {

/// What serves requests. Called on the connection's I/O thread; many at once.
class Handler {
 public:
  virtual ~Handler() = default;
  /// The request lives until the response is written; its body may be read for as long. An Error or an exception
  /// becomes a bare 500: handlers map their own errors. A client that goes away does not cancel it. A Connection field
  /// in the response ends the connection after it.
  ///
  /// The request's body, pulled: kInvalidArgument when it ends before its declared length or its chunks are malformed
  /// (the message says how many of how many bytes came), kDeadlineExceeded after body_timeout.
  virtual Task<Response> handle(Request& request) = 0;
  /// An answer that the server itself must give, so that clients see this protocol's own form; its body is Bytes.
  /// Status and code are one of: 400 bad_request; 408 request_timeout; 414 uri_too_long; 431 header_too_large; 500
  /// internal; 501 unsupported_transfer_encoding; 503 too_many_connections; 505 version_not_supported.
  virtual Response refuse(int status, std::string_view code, std::string_view message, std::string_view request_id) = 0;
};

struct ServerOptions {
  std::string host = "127.0.0.1";  ///< an address or a name; a name's first address is bound
  std::uint16_t port = 0;          ///< 0: the system picks a free one
  /// One more is answered 503 and closed; of those, the ones beyond 64 at once are closed without a word.
  std::size_t max_connections = 1024;
  std::size_t max_header_bytes = 32 * 1024;  ///< of a request line with its fields; 431 above (414: the line alone)
  /// From a request's first byte to its head's end, however the bytes trickle in; then 408.
  std::chrono::milliseconds header_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(75);  ///< until a request's first byte
  std::chrono::milliseconds body_timeout = std::chrono::seconds(30);  ///< without a byte read or written within a body
  /// An unread body up to this is read off to keep the connection; over it the connection is closed.
  std::size_t max_drained_bytes = 256 * 1024;
};

/// Counters, readable at any time.
struct ServerStatistics {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t requests = 0;
};

/// An HTTP/1.1 server (RFC 9112): keep-alive, pipelining, chunked bodies both ways, Expect: 100-continue.
class Server {
 public:
  /// `runtime` and `handler` outlive the server.
  Server(async::Runtime& runtime, ServerOptions options, Handler& handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// stop() must have ended.
  ~Server();

  /// Binds and accepts. Blocks while a name is resolved. Errors: kUnavailable naming the address: in use, not this
  /// machine's, not permitted.
  Result<void> start();
  /// The real port, after start().
  std::uint16_t port() const;
  /// Stops accepting, closes idle connections, lets what runs finish until the deadline, cuts the rest. Handlers cannot
  /// be stopped, only cut off from their clients. Errors: kDeadlineExceeded with some still running a second after
  /// that: call again before the server goes.
  Task<void> stop(Deadline deadline);
  ServerStatistics statistics() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tarn::http
