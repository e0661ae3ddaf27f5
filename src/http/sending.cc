#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/clock.h"
#include "http/sending_internal.h"

namespace tarn::http {
namespace {

void append_number(std::string& text, std::uint64_t number, int base) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  text.append(digits.data(), end);
}

bool is_the_senders(std::string_view name, MessageKind kind) {
  switch (name.size()) {
    case 4:
      return names_equal(name, kind == MessageKind::kRequest ? "Host" : "Date");
    case 10:
      return names_equal(name, "Connection") || names_equal(name, "Keep-Alive");
    case 14:
      return names_equal(name, "Content-Length");
    case 17:
      return names_equal(name, "Transfer-Encoding");
    default:
      return false;
  }
}

void append_clean(std::string& head, std::string_view value) {
  const auto begin = head.size();
  head.append(value);
  constexpr std::string_view kForbidden("\r\n\0", 3);
  if (value.find_first_of(kForbidden) == std::string_view::npos) [[likely]]
    return;
  std::replace_if(
      head.begin() + static_cast<std::ptrdiff_t>(begin), head.end(), [&](char c) { return kForbidden.contains(c); },
      ' ');
}

}  // namespace

void append_fields(std::string& head, const Headers& headers, MessageKind kind) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers[i];
    if (is_the_senders(name, kind)) continue;
    append_clean(head, name);
    head.append(": ");
    append_clean(head, value);
    head.append("\r\n");
  }
}

void append_framing(std::string& head, Framing framing, std::uint64_t length) {
  switch (framing) {
    case Framing::kLength:
      head.append("Content-Length: ");
      append_number(head, length, 10);
      head.append("\r\n");
      break;
    case Framing::kChunked:
      head.append("Transfer-Encoding: chunked\r\n");
      break;
    case Framing::kNone:
    case Framing::kUntilClose:
      break;
  }
}

void append_status_line(std::string& head, int status) {
  head.append("HTTP/1.1 ");
  append_number(head, static_cast<std::uint64_t>(status), 10);
  head.append(" ").append(reason_phrase(status)).append("\r\n");
}

std::string_view DateField::text() {
  const std::time_t now = std::time(nullptr);
  if (now != second_) {
    second_ = now;
    text_ = "Date: " + to_http_date(Timestamp(std::chrono::seconds(now))) + "\r\n";
  }
  return text_;
}

namespace {

/// Frames the pieces of one body.
class BodySender {
 public:
  BodySender(std::string& pending, Framing framing, std::uint64_t length)
      : pending_(pending), framing_(framing), length_(length) {}

  /// Takes a piece of the body; what remains to be written now is pending() and then `rest()`. Returns false when the
  /// source gives more than it said.
  bool take(ByteView piece) {
    switch (framing_) {
      case Framing::kLength:
        return take_of_known_length(piece);
      case Framing::kChunked:
        append_number(pending_, piece.size(), 16);
        pending_ += "\r\n";
        rest_ = piece;
        is_inside_chunk_ = true;
        return true;
      case Framing::kUntilClose:
        rest_ = piece;
        return true;
      case Framing::kNone:
        return false;
    }
    return false;
  }
  bool has_to_write() const { return !rest_.empty(); }
  ByteView rest() const { return rest_; }
  void written() {
    rest_ = {};
    pending_.clear();
    if (is_inside_chunk_) pending_ += "\r\n";
    is_inside_chunk_ = false;
  }
  /// Appends what completes the message to pending. Returns false when the source gave less than it said.
  bool finish() {
    if (framing_ == Framing::kLength && taken_ != length_) return false;
    if (framing_ == Framing::kChunked) pending_ += "0\r\n\r\n";
    if (has_last_byte_) pending_ += last_byte_;
    return true;
  }
  /// After take() or finish() refused.
  Error wrong_length() const {
    return {ErrorCode::kInternal, "a body of " + std::to_string(length_) + " bytes had " +
                                      (has_overrun_ ? "more" : "only " + std::to_string(taken_))};
  }

 private:
  bool take_of_known_length(ByteView piece) {
    if (piece.size() > length_ - taken_) {
      has_overrun_ = true;
      return false;
    }
    taken_ += piece.size();
    if (taken_ == length_) {
      last_byte_ = piece.back();
      has_last_byte_ = true;
      piece.remove_suffix(1);
    }
    if (length_ <= kCopiedBodyBytes) {
      pending_.append(piece);
    } else {
      rest_ = piece;
    }
    return true;
  }

  std::string& pending_;
  const Framing framing_;
  const std::uint64_t length_;
  std::uint64_t taken_ = 0;
  ByteView rest_;
  bool is_inside_chunk_ = false;
  bool has_last_byte_ = false;
  bool has_overrun_ = false;
  char last_byte_ = 0;
};

}  // namespace

asio::awaitable<SendResult> send_body(Sink& sink, std::string& head, async::ByteSource& body, Framing framing,
                                      std::uint64_t length) {
  BodySender sender(head, framing, length);
  bool has_begun = false;
  const auto failed = [&has_begun](SendOutcome outcome, Error error) {
    return SendResult{outcome, has_begun, std::move(error)};
  };
  while (true) {
    auto piece = co_await body.next();
    if (!piece) co_return failed(SendOutcome::kSourceFailed, std::move(piece).error());
    if (piece->empty()) break;
    if (!sender.take(*piece)) co_return failed(SendOutcome::kSourceFailed, sender.wrong_length());
    if (!sender.has_to_write()) continue;
    has_begun = true;
    auto written = co_await sink.write(head, sender.rest());
    if (!written) co_return failed(SendOutcome::kSinkFailed, std::move(written).error());
    sender.written();
  }
  if (!sender.finish()) co_return failed(SendOutcome::kSourceFailed, sender.wrong_length());
  if (!head.empty()) {
    has_begun = true;
    auto written = co_await sink.write(head, ByteView());
    if (!written) co_return failed(SendOutcome::kSinkFailed, std::move(written).error());
    head.clear();
  }
  co_return SendResult{SendOutcome::kSent, has_begun, {}};
}

}  // namespace tarn::http
