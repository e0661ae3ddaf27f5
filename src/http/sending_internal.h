#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "async/byte_source.h"
#include "http/message.h"

namespace tarn::http {

/// Bodies up to this are sent behind their head in one write: copying them costs less than a system call.
constexpr std::uint64_t kCopiedBodyBytes = 32 * 1024;

/// How the receiver knows where a body ends (RFC 9112 section 6.3).
enum class Framing : std::uint8_t {
  kNone,        ///< no body, and no header field about it
  kLength,      ///< Content-Length
  kChunked,     ///< Transfer-Encoding: chunked
  kUntilClose,  ///< the connection's end; for HTTP/1.0 clients
};

enum class MessageKind : std::uint8_t { kRequest, kResponse };

/// Appends every field but those that the sender itself decides: framing, connection, a request's Host, a response's
/// Date. Line breaks and NULs in values become spaces, so no value can add a field.
void append_fields(std::string& head, const Headers& headers, MessageKind kind);
/// Appends Content-Length or Transfer-Encoding, as the framing needs.
void append_framing(std::string& head, Framing framing, std::uint64_t length);
/// Appends "HTTP/1.1 404 Not Found\r\n".
void append_status_line(std::string& head, int status);

/// "Date: ...\r\n" of the current second, formatted once a second.
class DateField {
 public:
  std::string_view text();

 private:
  std::time_t second_ = -1;
  std::string text_;
};

/// Where send_body() writes.
class Sink {
 public:
  /// Writes all of both. Any error is the connection's end.
  virtual Task<void> write(ByteView first, ByteView second) = 0;

 protected:
  ~Sink() = default;
};

/// What became of a body.
enum class SendOutcome : std::uint8_t {
  kSent,
  kSourceFailed,  ///< the source reported an error, or had another length than it said; the message was not completed
  kSinkFailed,
};
struct SendResult {
  SendOutcome outcome = SendOutcome::kSent;
  bool has_begun = false;  ///< whether anything was given to the sink
  Error error;             ///< unless kSent
};

/// Writes `head` and the whole of `body` behind it. The last byte (of a chunked body: the last chunk) goes out only
/// after the source has confirmed its end, since sources report a failed check there: a receiver never takes a body for
/// whole that its source did not vouch for. Small bodies go out with the head in one write. Uses up `head`.
asio::awaitable<SendResult> send_body(Sink& sink, std::string& head, async::ByteSource& body, Framing framing,
                                      std::uint64_t length);

}  // namespace tarn::http
