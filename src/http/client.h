#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "async/deadline.h"
#include "async/runtime.h"
#include "async/task.h"
#include "http/message.h"

namespace tarn::http {

/// Where a client connects: from "http://host:port" or "https://host".
struct Origin {
  bool is_tls = false;
  std::string host;
  std::uint16_t port = 0;

  /// Errors: kInvalidArgument, saying what was expected.
  static Result<Origin> parse(std::string_view url);
  /// "host" or "host:port" as the Host header has it (the scheme's default port left out; IPv6 in brackets).
  std::string host_header() const;
};

struct ClientOptions {
  std::size_t max_connections = 64;  ///< at once, per I/O thread; more requests wait for one
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);  ///< name, TCP and TLS together
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(30);  ///< unused, it is closed; less than servers have
  std::chrono::milliseconds body_timeout = std::chrono::seconds(30);  ///< without a byte read or written within a body
  std::size_t max_header_bytes = 64 * 1024;
  std::string ca_file;  ///< PEM; empty: the system's
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  /// Never null. Read to its end the connection goes back to the pool; dropped before, the connection is closed (unless
  /// the rest has arrived already). Each read waits until the request's deadline, body_timeout at most. To be read on
  /// the executor that sent the request, and dropped on any; not after the runtime. Errors: kDeadlineExceeded,
  /// kUnavailable (the connection failed or ended early, or the body is malformed).
  std::unique_ptr<ByteSource> body;
};

/// A pooled HTTP/1.1 client of one origin, TLS where the origin says so. Thread-safe; a call runs on its caller's
/// executor, which must be one of the runtime's.
class Client {
 public:
  /// A `ca_file` that cannot be read shows as kInvalidArgument of every send().
  Client(async::Runtime& runtime, Origin origin, ClientOptions options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// No call may be running.
  ~Client();

  /// Sends once and reads the response's head; interim (1xx) responses are skipped, redirects are not followed. Host
  /// and Content-Length / Transfer-Encoding are set here. A body whose size is not known is sent chunked. With "Expect:
  /// 100-continue" among the headers the body waits for the interim answer (1 s at most). An answer that comes before
  /// the body has been sent ends the sending.
  ///
  /// Errors say what may have happened, since callers must know. Certainly not sent: kUnavailable (no connection, or
  /// one that failed before a byte of the request was written), kDeadlineExceeded, kInvalidArgument (a method or target
  /// with white space or control characters). kOutcomeUnknown: sent in part or whole, and no answer that could be
  /// understood. An error of the request's own body is returned as it is; the request was then not sent whole, so no
  /// server acts on it.
  ///
  /// A request on a pooled connection that the server had closed before any byte was written is sent again on a fresh
  /// one; once bytes have been written only when `is_idempotent` says that sending twice does no harm, no byte of an
  /// answer has come, and the body can be sent again (up to 32 KiB of known size).
  Task<ClientResponse> send(Request request, bool is_idempotent, Deadline deadline);

  /// Closes the idle connections.
  Task<void> close();
  /// In use and idle, on all threads.
  std::size_t open_connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tarn::http
