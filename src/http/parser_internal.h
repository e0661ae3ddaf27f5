#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "base/bytes.h"
#include "http/message.h"
#include "http/read_buffer_internal.h"

namespace tarn::http {

/// What a parsing step came to.
enum class ParseStep : std::uint8_t {
  kNeedMore,  ///< read more into the buffer, then again
  kReady,     ///< the head is complete; or a piece of the body is there
  kEnd,       ///< the body is over
  kBad,       ///< not HTTP, or over a limit: nothing more can be read from this connection
};

/// Beast's incremental parser between a ReadBuffer and our types: header fields go straight into Headers, pieces of the
/// body are views of the buffer, transfer coding removed. One message, then it is done for.
template <bool IsRequest>
class MessageParser : public boost::beast::http::basic_parser<IsRequest> {
 public:
  /// Parses what the buffer holds, growing it up to the limit.
  ParseStep parse_head(ReadBuffer& buffer);
  /// After the head: the next bytes of the body into `piece`, which holds as long as views of the buffer do.
  ParseStep next_piece(ReadBuffer& buffer, ByteView& piece);

  /// After the head: its length as declared, 0 without a body, nothing where only the end will tell.
  std::optional<std::uint64_t> body_size() const;
  std::uint64_t received() const { return received_; }
  bool has_begun() const { return this->got_some(); }
  bool is_http_1_0() const { return version_ == 10; }
  /// "4096 of 10000 bytes", for messages about a body that ended early.
  std::string progress() const;

 protected:
  using ParseError = boost::beast::error_code;
  using Text = boost::beast::string_view;

  MessageParser(Headers& headers, std::size_t max_header_bytes);

  static std::string_view view(Text text) { return {text.data(), text.size()}; }
  /// Whether the last error was that limit.
  bool is_over_limit() const { return is_over_limit_; }
  const ParseError& error() const { return error_; }

  int version_ = 11;
  Headers& headers_;

 private:
  void on_header_impl(ParseError& error) override {
    is_head_done_ = true;
    error = {};
  }
  void on_field_impl(boost::beast::http::field name, Text name_text, Text value, ParseError& error) override {
    error = {};
    if (is_head_done_) return;  // a trailer's field: not trusted, not kept
    on_field(name, view(name_text), view(value), error);
    if (!error) headers_.add(view(name_text), view(value));
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ParseError& error) override { error = {}; }
  std::size_t on_body_impl(Text body, ParseError& error) override {
    error = {};
    piece_ = view(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, Text, ParseError& error) override { error = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, ParseError& error) override {
    return on_body_impl(body, error);
  }
  void on_finish_impl(ParseError& error) override { error = {}; }

  virtual void on_field(boost::beast::http::field name, std::string_view name_text, std::string_view value,
                        ParseError& error) = 0;

  const std::size_t max_header_bytes_;
  std::size_t head_bytes_ = 0;
  std::uint64_t received_ = 0;
  ByteView piece_;
  ParseError error_;
  bool is_head_done_ = false;
  bool is_over_limit_ = false;
};

/// Why a request cannot be taken: what Handler::refuse is asked to say.
struct Refusal {
  int status;
  std::string_view code;
  std::string_view message;
};

/// Fills `request`'s method, target and headers, and holds it to what RFC 9112 asks of a server: one Host, no two
/// lengths, no transfer coding but chunked. The absolute form of the target becomes the origin form.
class RequestParser final : public MessageParser<true> {
 public:
  RequestParser(Request& request, std::size_t max_header_bytes);

  /// parse_head() and then the checks.
  ParseStep parse(ReadBuffer& buffer);
  /// After kBad.
  Refusal refusal() const;
  /// Whether the client waits for "100 Continue".
  bool expects_continue() const { return expects_continue_; }

 private:
  void on_request_impl(boost::beast::http::verb, Text method, Text target, int version, ParseError& error) override;
  void on_response_impl(int, Text, int, ParseError&) override {}
  void on_field(boost::beast::http::field name, std::string_view name_text, std::string_view value,
                ParseError& error) override;
  bool check_and_normalise();

  Request& request_;
  std::optional<Refusal> refusal_;
  unsigned hosts_ = 0;
  bool has_skipped_line_ = false;
  bool has_request_line_ = false;
  bool expects_continue_ = false;
};

/// Fills `status` and `headers`. To be made anew after an interim (1xx) response.
class ResponseParser final : public MessageParser<false> {
 public:
  ResponseParser(int& status, Headers& headers, std::size_t max_header_bytes, bool is_answer_to_head);

  /// "the response's header is over 65536 bytes", "not HTTP/1.1: bad version".
  std::string problem() const;

 private:
  void on_request_impl(boost::beast::http::verb, Text, Text, int, ParseError&) override {}
  void on_response_impl(int status, Text, int version, ParseError& error) override;
  void on_field(boost::beast::http::field name, std::string_view name_text, std::string_view value,
                ParseError& error) override;

  int& response_status_;
  const std::size_t max_header_bytes_;
};

}  // namespace tarn::http
