#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include <boost/asio/ip/tcp.hpp>

#include "async/task.h"
#include "http/expiry_internal.h"
#include "http/parser_internal.h"
#include "http/read_buffer_internal.h"
#include "http/sending_internal.h"
#include "http/server.h"

namespace tarn::http {

class ServerConnection;

/// One I/O thread's share of a server. Used on that thread only, `requests` aside.
struct Shard {
  Shard(asio::any_io_executor shard_executor, const ServerOptions& server_options, Handler& server_handler)
      : executor(std::move(shard_executor)),
        options(server_options),
        handler(server_handler),
        watch(std::make_shared<ExpiryWatch>(executor)) {}

  const asio::any_io_executor executor;
  const ServerOptions& options;
  Handler& handler;
  const std::shared_ptr<ExpiryWatch> watch;
  DateField date;
  std::unordered_set<ServerConnection*> connections;
  bool is_stopping = false;
  /// What the ids of this server's requests begin with, and how this shard's differ from the others'.
  std::string id_prefix;
  std::uint64_t next_id = 0;
  std::uint64_t id_step = 1;
  std::atomic<std::uint64_t> requests{0};
};

/// A server's side of one connection: reads requests, asks the handler, writes responses. Lives on its shard's thread.
class ServerConnection final : private ExpiryWatch::Item, private Sink {
 public:
  ServerConnection(Shard& shard, asio::ip::tcp::socket socket);
  ~ServerConnection();

  /// Serves until either side ends the connection.
  Task<void> serve();
  /// Only answers with `refusal`, for one connection too many.
  Task<void> refuse_all(Refusal refusal);

  /// Closes the connection if it waits for a request; otherwise it ends after the response under way.
  void begin_stop();
  /// Every read and write fails from now on.
  void cut();

 private:
  class RequestBody;

  void begin_request();
  void limit_waiting_for_head();
  Task<ByteView> pull_body();
  Error fail_body(ErrorCode code, std::string message);
  Response refusal_response(int status, std::string_view code, std::string_view message);

  /// What to do about a part of the request's body that the handler left.
  enum class Leftover : std::uint8_t { kNone, kDrain, kClose };
  Leftover leftover() const;
  /// What write_response() has settled besides.
  struct Framed {
    Framing framing;
    std::uint64_t length;
    bool has_body;
  };
  Framed frame(const Response& response) const;
  void write_head(const Response& response, const Framed& framed, bool is_kept);
  Task<void> write(ByteView first, ByteView second) override;
  Task<void> write_stream(Response response, Framed framed);
  Task<void> refuse(Refusal refusal);
  Task<void> drain();
  Task<void> linger();
  void on_expired() override;

  Shard& shard_;
  asio::ip::tcp::socket socket_;
  ReadBuffer buffer_;
  Request request_;
  std::optional<RequestParser> parser_;
  RequestBody* body_ = nullptr;  // the running request's, while it lives
  std::string head_;             // of the response
  std::optional<Error> body_error_;
  bool is_continue_settled_ = false;  // "100 Continue" was sent, or no longer can be
  bool is_waiting_ = false;           // for a request's first byte
  bool is_head_limited_ = false;
  bool has_timed_out_ = false;
};

}  // namespace tarn::http
