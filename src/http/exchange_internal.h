#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "async/sync.h"
#include "async/task.h"
#include "http/client.h"
#include "http/client_pool_internal.h"
#include "http/parser_internal.h"
#include "http/sending_internal.h"

namespace tarn::http {

/// One request of a client and its response, with the connection it runs on.
class Exchange {
 public:
  Exchange(std::shared_ptr<ClientPool> pool, async::Semaphore::Permit permit, Request request, bool is_idempotent,
           Deadline deadline);

  /// Until the response's head is there. Errors: as Client::send.
  Task<void> run();
  int status() const { return status_; }
  Headers& headers() { return headers_; }

  /// Then the response's body; its end gives the connection back.
  Task<ByteView> next();
  std::optional<std::uint64_t> body_size() const { return parser_->body_size(); }
  bool has_connection() const { return connection_ != nullptr; }
  /// Gives the connection back where the rest of the body has arrived already, closes it otherwise. On the pool's
  /// thread.
  void abandon();
  ClientPool& pool() { return *pool_; }

 private:
  class BodySink;

  Task<void> prepare();
  Task<void> attempt();
  Task<void> send_request();
  Task<void> stream_body();
  /// True when the body is wanted (or nothing was said in time), false when the answer is there instead.
  Task<bool> wait_for_continue();
  Task<void> receive_head();
  ParseStep parse_head();
  /// Whether the answer has arrived while the request is still being sent.
  bool is_answered_early();
  Error failed(Error cause);
  /// Closes or gives back the connection, and remembers what next() says from now on.
  Error fail_body(ErrorCode code, const std::string& message);
  void leave_connection();
  std::string name() const;

  const std::shared_ptr<ClientPool> pool_;  // see ClientPool
  async::Semaphore::Permit permit_;
  Request request_;
  const bool is_idempotent_;
  const Deadline deadline_;
  std::unique_ptr<ClientConnection> connection_;

  std::string head_;  // of the request, with its body if that is small
  Framing framing_ = Framing::kNone;
  std::uint64_t length_ = 0;
  bool is_streamed_ = false;      // the body, rather than copied behind the head
  bool has_pulled_body_ = false;  // so it cannot be sent again
  bool is_request_sent_ = false;  // whole
  bool may_be_repeated_ = false;  // after a failed attempt
  bool has_interim_answer_ = false;

  int status_ = 0;
  Headers headers_;
  std::optional<ResponseParser> parser_;
  std::optional<Error> body_error_;
};

}  // namespace tarn::http
