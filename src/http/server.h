#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "async/deadline.h"
#include "async/runtime.h"
#include "async/task.h"
#include "http/message.h"

namespace tarn::http {

/// What serves requests. Called on the connection's I/O thread; many at once. The request lives until the response is
/// written. An Error it returns becomes a bare 500: handlers map their own errors.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Task<Response> handle(Request& request) = 0;
  /// The body of an answer that the server itself must give (400 bad request line, 408, 413, 431, 503 too many
  /// connections, 505), so that clients see this protocol's own form.
  virtual Response refuse(int status, std::string_view code, std::string_view message, std::string_view request_id) = 0;
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;                    ///< 0: the system picks a free one
  std::size_t max_connections = 1024;        ///< one more is answered 503 and closed
  std::size_t max_header_bytes = 32 * 1024;  ///< 431 above
  std::chrono::seconds header_timeout{10};   ///< from the first byte of a request to the end of its head
  std::chrono::seconds idle_timeout{75};     ///< between requests
  std::chrono::seconds body_timeout{30};     ///< without a byte read or written within a body
  std::size_t max_drained_bytes =
      256 * 1024;  ///< an unread body up to this is read off to keep the connection; over: closed
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

  /// Binds and accepts. Errors: kUnavailable naming the address: in use, not this machine's, not permitted.
  Result<void> start();
  /// The real port, after start().
  std::uint16_t port() const;
  /// Stops accepting, closes idle connections, lets what runs finish until the deadline, cuts the rest.
  Task<void> stop(Deadline deadline);
  ServerStatistics statistics() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tarn::http
