#include <algorithm>
#include <chrono>
#include <utility>

#include "http/exchange_internal.h"

namespace tarn::http {
namespace {

/// RFC 9110 section 10.1.1: a client must not wait for "100 Continue" for ever, as servers may not know it.
constexpr std::chrono::seconds kContinueWait{1};
/// For an answer that a server may have sent before it stopped reading.
constexpr std::chrono::milliseconds kLastWordsWait{100};
constexpr std::size_t kBodyBufferBytes = 64 * 1024;
/// Of a body that nobody reads on, to keep its connection.
constexpr std::uint64_t kMaxReadOffBytes = 64 * 1024;

bool is_graphic(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f;
  });
}

bool usually_has_body(std::string_view method) {
  return method == "PUT" || method == "POST" || method == "PATCH";
}

}  // namespace

/// Stops the sending of a body when the answer comes early.
class Exchange::BodySink final : public Sink {
 public:
  explicit BodySink(Exchange& exchange) : exchange_(exchange) {}
  Task<void> write(ByteView first, ByteView second) override {
    if (exchange_.is_answered_early()) return stop();
    return exchange_.connection_->write(first, second);
  }

 private:
  static Task<void> stop() { co_return failure(ErrorCode::kUnavailable, "answered early"); }
  Exchange& exchange_;
};

Exchange::Exchange(std::shared_ptr<ClientPool> pool, async::Semaphore::Permit permit, Request request,
                   bool is_idempotent, Deadline deadline)
    : pool_(std::move(pool)),
      permit_(std::move(permit)),
      request_(std::move(request)),
      is_idempotent_(is_idempotent),
      deadline_(deadline) {}

std::string Exchange::name() const {
  return request_.method + " " + pool_->settings().origin.host_header() + std::string(request_.path());
}

Task<void> Exchange::run() {
  TARN_CO_TRY_VOID(co_await prepare());
  bool is_answered = false;
  connection_ = pool_->take_idle();
  if (connection_ != nullptr) {
    auto answered = co_await attempt();
    is_answered = answered.has_value();
    if (!is_answered && !may_be_repeated_) co_return answered;
  }
  if (!is_answered) {
    connection_.reset();  // before another is made, so that there are never more than the limit
    connection_ = pool_->make();
    TARN_CO_TRY_VOID(co_await connection_->connect(deadline_));
    TARN_CO_TRY_VOID(co_await attempt());
  }
  request_.body.reset();
  if (parser_->is_done()) leave_connection();
  co_return Result<void>();
}

Task<void> Exchange::prepare() {
  if (!is_graphic(request_.method) || !is_graphic(request_.target)) {
    co_return failure(ErrorCode::kInvalidArgument, "a request's method and target must be without white space");
  }
  const auto size = request_.body ? request_.body->size() : std::optional<std::uint64_t>(0);
  const bool has_body = !size || *size > 0;
  if (!size) {
    framing_ = Framing::kChunked;
  } else if (has_body || usually_has_body(request_.method)) {
    framing_ = Framing::kLength;
    length_ = *size;
  }
  const bool is_expecting = request_.headers.has("Expect");
  is_streamed_ = has_body && (is_expecting || !size || *size > kCopiedBodyBytes);
  head_.reserve(512 + (is_streamed_ ? 0 : length_));
  head_.append(request_.method).append(" ").append(request_.target).append(" HTTP/1.1\r\nHost: ");
  head_.append(pool_->settings().origin.host_header()).append("\r\n");
  append_fields(head_, request_.headers, MessageKind::kRequest);
  append_framing(head_, framing_, length_);
  head_.append("\r\n");
  if (is_streamed_ || !has_body) co_return Result<void>();
  TARN_CO_TRY(const auto body, co_await async::read_all(*request_.body, length_));
  if (body.size() != length_) {
    co_return failure(ErrorCode::kInternal,
                      "a body of " + std::to_string(length_) + " bytes had only " + std::to_string(body.size()));
  }
  head_.append(body);
  co_return Result<void>();
}

Task<void> Exchange::attempt() {
  may_be_repeated_ = false;
  headers_.clear();
  parser_.emplace(status_, headers_, pool_->settings().options.max_header_bytes, request_.method == "HEAD");
  connection_->begin_request(deadline_);
  TARN_CO_TRY_VOID(co_await send_request());
  if (parser_->is_header_done()) co_return Result<void>();  // answered early
  co_return co_await receive_head();
}

Task<void> Exchange::send_request() {
  auto written = co_await connection_->write(head_, ByteView());
  if (!written) co_return std::unexpected(failed(std::move(written).error()));
  if (!is_streamed_) {
    is_request_sent_ = true;
    co_return Result<void>();
  }
  if (request_.headers.has("Expect")) {
    TARN_CO_TRY(const bool is_wanted, co_await wait_for_continue());
    if (!is_wanted) co_return Result<void>();
  }
  co_return co_await stream_body();
}

Task<bool> Exchange::wait_for_continue() {
  const auto limit = earlier(deadline_, Deadline::after(kContinueWait));
  while (true) {
    switch (parse_head()) {
      case ParseStep::kReady:
        co_return false;
      case ParseStep::kNeedMore:
        break;
      case ParseStep::kEnd:
      case ParseStep::kBad:
        co_return std::unexpected(failed({ErrorCode::kUnavailable, parser_->problem()}));
    }
    if (has_interim_answer_) co_return true;
    auto filled = co_await connection_->fill(limit);
    if (filled) continue;
    if (filled.error().code == ErrorCode::kDeadlineExceeded && !deadline_.has_passed()) co_return true;
    co_return std::unexpected(failed(std::move(filled).error()));
  }
}

Task<void> Exchange::stream_body() {
  has_pulled_body_ = true;
  BodySink sink(*this);
  std::string framed;
  auto sent = co_await send_body(sink, framed, *request_.body, framing_, length_);
  switch (sent.outcome) {
    case SendOutcome::kSent:
      is_request_sent_ = true;
      co_return Result<void>();
    case SendOutcome::kSourceFailed:
      connection_.reset();
      co_return std::unexpected(std::move(sent.error));
    case SendOutcome::kSinkFailed:
      break;
  }
  if (parser_->is_header_done()) co_return Result<void>();
  // A server that refuses a body may answer and close while it is being sent: its answer is in our buffer then.
  while (parse_head() == ParseStep::kNeedMore) {
    const auto filled = co_await connection_->fill(earlier(deadline_, Deadline::after(kLastWordsWait)));
    if (!filled) break;
  }
  if (parser_->is_header_done()) co_return Result<void>();
  co_return std::unexpected(failed(std::move(sent.error)));
}

bool Exchange::is_answered_early() {
  while (connection_->fill_now()) {
    if (parse_head() == ParseStep::kReady) return true;
  }
  return false;
}

ParseStep Exchange::parse_head() {
  while (true) {
    const auto step = parser_->is_header_done() ? ParseStep::kReady : parser_->parse_head(connection_->buffer());
    if (step != ParseStep::kReady || status_ >= 200) return step;
    if (status_ == 101) return ParseStep::kBad;  // nobody asked to switch protocols
    has_interim_answer_ = true;
    headers_.clear();
    parser_.emplace(status_, headers_, pool_->settings().options.max_header_bytes, request_.method == "HEAD");
  }
}

Task<void> Exchange::receive_head() {
  while (true) {
    switch (parse_head()) {
      case ParseStep::kReady:
        co_return Result<void>();
      case ParseStep::kNeedMore:
        break;
      case ParseStep::kEnd:
      case ParseStep::kBad:
        co_return std::unexpected(failed({ErrorCode::kUnavailable, parser_->problem()}));
    }
    auto filled = co_await connection_->fill(deadline_);
    if (!filled) co_return std::unexpected(failed(std::move(filled).error()));
  }
}

Error Exchange::failed(Error cause) {
  const bool is_certainly_unsent = connection_->written_bytes() == 0;
  const bool is_silent = !parser_->has_begun() && !has_interim_answer_;
  may_be_repeated_ = cause.code == ErrorCode::kUnavailable && is_silent && !has_pulled_body_ &&
                     (is_certainly_unsent || is_idempotent_) && !deadline_.has_passed();
  if (is_certainly_unsent) return std::move(cause).while_doing(name()).error();
  return {ErrorCode::kOutcomeUnknown, name() + ": sent, and no answer: " + cause.message};
}

Task<ByteView> Exchange::next() {
  if (body_error_) co_return std::unexpected(*body_error_);
  while (connection_ != nullptr) {
    ByteView piece;
    switch (parser_->next_piece(connection_->buffer(), piece)) {
      case ParseStep::kReady:
        co_return piece;
      case ParseStep::kEnd:
        leave_connection();
        co_return ByteView();
      case ParseStep::kBad:
        co_return std::unexpected(fail_body(ErrorCode::kUnavailable, "the response's chunked coding is malformed"));
      case ParseStep::kNeedMore:
        break;
    }
    connection_->buffer().grow(kBodyBufferBytes);
    const auto limit = earlier(deadline_, Deadline::after(pool_->settings().options.body_timeout));
    auto filled = co_await connection_->fill(limit);
    if (filled) continue;
    if (connection_->has_ended() && parser_->need_eof()) break;
    co_return std::unexpected(
        fail_body(deadline_.has_passed() ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable,
                  filled.error().message + ", after " + parser_->progress() + " of the response"));
  }
  if (connection_ != nullptr) leave_connection();
  co_return ByteView();
}

Error Exchange::fail_body(ErrorCode code, const std::string& message) {
  leave_connection();
  body_error_ = Error{code, name() + ": " + message};
  return *body_error_;
}

void Exchange::leave_connection() {
  auto connection = std::move(connection_);
  if (is_request_sent_ && parser_->is_done() && parser_->keep_alive()) pool_->give_back(std::move(connection));
  connection.reset();  // before the permit, so that there are never more than the limit
  permit_.release();
}

void Exchange::abandon() {
  ByteView piece;
  const auto limit = parser_->received() + kMaxReadOffBytes;
  while (parser_->received() < limit) {
    const auto step = parser_->next_piece(connection_->buffer(), piece);
    if (step == ParseStep::kReady || (step == ParseStep::kNeedMore && connection_->fill_now())) continue;
    break;
  }
  leave_connection();
}

}  // namespace tarn::http
