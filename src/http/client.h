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
  /// Never null. Read to its end the connection goes back to the pool; dropped before, it is closed. Must not outlive
  /// the client.
  std::unique_ptr<ByteSource> body;
};

/// A pooled HTTP/1.1 client of one origin, TLS where the origin says so. Thread-safe; a call runs on its caller's
/// executor, which must be one of the runtime's.
class Client {
 public:
  Client(async::Runtime& runtime, Origin origin, ClientOptions options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// No call may be running.
  ~Client();

  /// Sends once and reads the response's head. Host and Content-Length / Transfer-Encoding are set here. With "Expect:
  /// 100-continue" among the headers the body waits for the interim answer (1 s at most).
  ///
  /// Errors say what may have happened, since callers must know: kUnavailable (no connection, or one that failed before
  /// a byte of the request was written) and kDeadlineExceeded: certainly not sent. kOutcomeUnknown: sent in part or
  /// whole, and no answer. A request on a pooled connection that the server had closed before any byte was written is
  /// sent again on a fresh one; once bytes have been written only when `is_idempotent` says that sending twice does no
  /// harm.
  Task<ClientResponse> send(Request request, bool is_idempotent, Deadline deadline);

  /// Closes the idle connections.
  Task<void> close();
  std::size_t open_connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tarn::http
