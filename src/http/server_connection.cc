#include <chrono>
#include <utility>

#include "http/server_connection_internal.h"
#include "http/socket_internal.h"

namespace tarn::http {
namespace {

using asio::ip::tcp;

/// Of a connection that waits: enough for the heads that clients really send; it grows when one is longer.
constexpr std::size_t kHeadBufferBytes = 8 * 1024;
/// While a body arrives, however large it is.
constexpr std::size_t kBodyBufferBytes = 64 * 1024;
/// How long to read on after the last answer, so that a client still sending gets to read it before a reset.
constexpr std::chrono::seconds kLingerTime{2};

std::string to_text(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

void append_hex(std::string& text, std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  int shift = 60;
  while (shift > 0 && (number >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) text += kDigits[(number >> shift) & 15U];
}

ExpiryWatch::TimePoint after(std::chrono::milliseconds duration) {
  return std::chrono::steady_clock::now() + duration;
}

bool has_no_body(int status) {
  return status == 204 || status == 304 || status < 200;
}

/// The body, where it is no stream.
ByteView bytes_in(const Response& response) {
  if (const auto* const bytes = std::get_if<Bytes>(&response.body)) return *bytes;
  if (const auto* const shared = std::get_if<std::shared_ptr<const Bytes>>(&response.body)) return **shared;
  return {};
}

std::optional<std::uint64_t> body_size(const Response& response) {
  if (const auto* const stream = std::get_if<std::unique_ptr<ByteSource>>(&response.body)) return (*stream)->size();
  return bytes_in(response).size();
}

}  // namespace

/// The request's body as the handler sees it. Should the handler keep it beyond the request, it reports an error.
class ServerConnection::RequestBody final : public ByteSource {
 public:
  explicit RequestBody(ServerConnection& connection)
      : connection_(&connection), size_(connection.parser_->body_size()) {
    connection.body_ = this;
  }
  ~RequestBody() override {
    if (connection_ != nullptr) connection_->body_ = nullptr;
  }
  void detach() { connection_ = nullptr; }

  Task<ByteView> next() override {
    if (connection_ == nullptr) return over();
    return connection_->pull_body();
  }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  static Task<ByteView> over() { co_return failure(ErrorCode::kInternal, "the request of this body is over"); }

  ServerConnection* connection_;
  std::optional<std::uint64_t> size_;
};

ServerConnection::ServerConnection(Shard& shard, tcp::socket socket)
    : Item(*shard.watch), shard_(shard), socket_(std::move(socket)), buffer_(kHeadBufferBytes) {
  boost::system::error_code ignored;  // a connection that is gone already shows at the first read
  const auto peer = socket_.remote_endpoint(ignored);
  if (!ignored) request_.peer = to_text(peer);
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  shard_.connections.insert(this);
}

ServerConnection::~ServerConnection() {
  if (body_ != nullptr) body_->detach();
  shard_.connections.erase(this);
}

void ServerConnection::on_expired() {
  has_timed_out_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void ServerConnection::begin_stop() {
  if (!is_waiting_) return;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void ServerConnection::cut() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
}

void ServerConnection::begin_request() {
  if (body_ != nullptr) body_->detach();
  body_ = nullptr;
  request_.body.reset();
  request_.headers.clear();
  request_.id.assign(shard_.id_prefix);
  append_hex(request_.id, shard_.next_id);
  shard_.next_id += shard_.id_step;
  parser_.emplace(request_, shard_.options.max_header_bytes);
  buffer_.shrink(kHeadBufferBytes);
  body_error_.reset();
  is_continue_settled_ = false;
  is_waiting_ = false;
  is_head_limited_ = false;
  has_timed_out_ = false;
}

void ServerConnection::limit_waiting_for_head() {
  is_waiting_ = !parser_->has_begun();
  if (is_waiting_) {
    expire_at(after(shard_.options.idle_timeout));
  } else if (!is_head_limited_) {
    is_head_limited_ = true;
    expire_at(after(shard_.options.header_timeout));
  }
}

Task<void> ServerConnection::serve() {
  while (!shard_.is_stopping) {
    begin_request();
    ParseStep step;
    while ((step = parser_->parse(buffer_)) == ParseStep::kNeedMore) {
      limit_waiting_for_head();
      const auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(), kAwait);
      // Of a client that always has another byte ready no read is ever cancelled.
      if (std::exchange(has_timed_out_, false) && !is_waiting_) {
        co_return co_await refuse({408, "request_timeout", "the request's head did not arrive in time"});
      }
      if (error) co_return Result<void>();
      buffer_.commit(size);
    }
    is_waiting_ = false;
    expire_never();
    if (step == ParseStep::kBad) co_return co_await refuse(parser_->refusal());

    shard_.requests.fetch_add(1, std::memory_order_relaxed);
    is_continue_settled_ = !parser_->expects_continue();
    request_.body = std::make_unique<RequestBody>(*this);
    Result<Response> answer;
    try {
      answer = co_await shard_.handler.handle(request_);
    } catch (...) {
      answer = failure(ErrorCode::kInternal, "the handler threw");
    }
    if (!answer) answer = refusal_response(500, "internal", "the server failed to answer this request");

    const auto framed = frame(*answer);
    const auto rest = leftover();
    const bool is_kept = !shard_.is_stopping && rest != Leftover::kClose && parser_->keep_alive() &&
                         framed.framing != Framing::kUntilClose && !answer->headers.has("Connection");
    is_continue_settled_ = true;
    write_head(*answer, framed, is_kept);
    if (framed.has_body && std::holds_alternative<std::unique_ptr<ByteSource>>(answer->body)) {
      const auto written = co_await write_stream(*std::move(answer), framed);
      if (!written) co_return Result<void>();
    } else {
      ByteView head = head_;
      ByteView body = framed.has_body ? bytes_in(*answer) : ByteView();
      if (write_now(socket_, head, body)) co_return Result<void>();
      if (!head.empty() || !body.empty()) {
        const auto written = co_await write(head, body);
        if (!written) co_return Result<void>();
      }
    }
    if (rest == Leftover::kDrain) {
      const auto drained = co_await drain();
      if (!drained) co_return co_await linger();
    }
    if (rest == Leftover::kClose) co_return co_await linger();
    if (!is_kept) break;
  }
  co_return Result<void>();
}

Task<void> ServerConnection::refuse_all(Refusal refusal) {
  begin_request();
  co_return co_await refuse(refusal);
}

Response ServerConnection::refusal_response(int status, std::string_view code, std::string_view message) {
  try {
    return shard_.handler.refuse(status, code, message, request_.id);
  } catch (...) {  // then without a body of the protocol's own form
    Response bare;
    bare.status = status;
    return bare;
  }
}

Task<void> ServerConnection::refuse(Refusal refusal) {
  const auto response = refusal_response(refusal.status, refusal.code, refusal.message);
  const auto body = bytes_in(response);
  write_head(response, {Framing::kLength, body.size(), true}, false);
  TARN_CO_TRY_VOID(co_await write(head_, body));
  co_return co_await linger();
}

Task<ByteView> ServerConnection::pull_body() {
  if (body_error_) co_return std::unexpected(*body_error_);
  while (true) {
    ByteView piece;
    switch (parser_->next_piece(buffer_, piece)) {
      case ParseStep::kReady:
        co_return piece;
      case ParseStep::kEnd:
        co_return ByteView();
      case ParseStep::kBad:
        co_return std::unexpected(fail_body(ErrorCode::kInvalidArgument, "the body's chunked coding is malformed"));
      case ParseStep::kNeedMore:
        break;
    }
    if (!std::exchange(is_continue_settled_, true) && buffer_.unread().empty()) {
      TARN_CO_TRY_VOID(co_await write("HTTP/1.1 100 Continue\r\n\r\n", ByteView()));
    }
    buffer_.grow(kBodyBufferBytes);
    has_timed_out_ = false;
    expire_at(after(shard_.options.body_timeout));
    const auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(), kAwait);
    expire_never();
    if (error && std::exchange(has_timed_out_, false)) {
      co_return std::unexpected(fail_body(ErrorCode::kDeadlineExceeded, "the body stopped arriving"));
    }
    if (error) co_return std::unexpected(fail_body(ErrorCode::kInvalidArgument, "the body ended early"));
    buffer_.commit(size);
  }
}

Error ServerConnection::fail_body(ErrorCode code, std::string message) {
  body_error_ = Error{code, std::move(message) + ", after " + parser_->progress()};
  return *body_error_;
}

ServerConnection::Leftover ServerConnection::leftover() const {
  if (body_error_) return Leftover::kClose;
  if (parser_->is_done()) return Leftover::kNone;
  // The client may send its body or, having got its answer, may not: nobody can tell where the next request begins.
  if (!is_continue_settled_ && buffer_.unread().empty()) return Leftover::kClose;
  const auto size = parser_->body_size();
  const bool is_small = !size || *size - parser_->received() <= shard_.options.max_drained_bytes;
  return is_small ? Leftover::kDrain : Leftover::kClose;
}

Task<void> ServerConnection::drain() {
  is_continue_settled_ = true;
  const auto limit = parser_->received() + shard_.options.max_drained_bytes;
  while (parser_->received() <= limit) {
    TARN_CO_TRY(const auto piece, co_await pull_body());
    if (piece.empty()) co_return Result<void>();
  }
  co_return failure(ErrorCode::kTooLarge, "the rest of the body is too long to be read off");
}

ServerConnection::Framed ServerConnection::frame(const Response& response) const {
  if (has_no_body(response.status)) return {Framing::kNone, 0, false};
  auto length = body_size(response);
  if (request_.method == "HEAD") {
    if (response.content_length) length = response.content_length;
    if (length) return {Framing::kLength, *length, false};
    return {parser_->is_http_1_0() ? Framing::kNone : Framing::kChunked, 0, false};
  }
  if (length) return {Framing::kLength, *length, true};
  return {parser_->is_http_1_0() ? Framing::kUntilClose : Framing::kChunked, 0, true};
}

void ServerConnection::write_head(const Response& response, const Framed& framed, bool is_kept) {
  head_.clear();
  append_status_line(head_, response.status);
  head_.append(shard_.date.text());
  append_fields(head_, response.headers, MessageKind::kResponse);
  append_framing(head_, framed.framing, framed.length);
  if (!is_kept) {
    head_.append("Connection: close\r\n");
  } else if (parser_->is_http_1_0()) {
    head_.append("Connection: keep-alive\r\n");
  }
  head_.append("\r\n");
}

Task<void> ServerConnection::write(ByteView first, ByteView second) {
  while (true) {
    if (write_now(socket_, first, second)) break;
    if (first.empty() && second.empty()) co_return Result<void>();
    has_timed_out_ = false;
    expire_at(after(shard_.options.body_timeout));
    const auto [error] = co_await socket_.async_wait(tcp::socket::wait_write, kAwait);
    expire_never();
    if (error) break;
  }
  co_return failure(ErrorCode::kUnavailable, "the client is gone");
}

Task<void> ServerConnection::write_stream(Response response, Framed framed) {
  const auto source = std::get<std::unique_ptr<ByteSource>>(std::move(response.body));
  const auto sent = co_await send_body(*this, head_, *source, framed.framing, framed.length);
  if (sent.outcome == SendOutcome::kSent) co_return Result<void>();
  if (sent.outcome == SendOutcome::kSourceFailed) {
    if (!sent.has_begun) {
      (void)co_await refuse({500, "internal", "the server failed to read what it was to send"});
    } else if (framed.framing == Framing::kUntilClose) {
      // An orderly end would pass for the body's.
      boost::system::error_code ignored;
      socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    }
  }
  co_return std::unexpected(sent.error);
}

Task<void> ServerConnection::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  has_timed_out_ = false;
  expire_at(after(kLingerTime));
  while (!has_timed_out_) {
    buffer_.consume(buffer_.unread().size());
    const auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(), kAwait);
    if (error) break;
    buffer_.commit(size);
  }
  co_return Result<void>();
}

}  // namespace tarn::http
