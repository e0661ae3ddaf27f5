#include <algorithm>
#include <limits>

#include <boost/beast/http/error.hpp>

#include "http/parser_internal.h"

namespace tarn::http {
namespace {

namespace beast_http = boost::beast::http;

// "0 CRLF CRLF": no chunked body has less than that left where a chunk's header begins.
constexpr std::size_t kShortestChunkedEnd = 5;

}  // namespace

template <bool IsRequest>
MessageParser<IsRequest>::MessageParser(Headers& headers, std::size_t max_header_bytes)
    : headers_(headers), max_header_bytes_(max_header_bytes) {
  // Beast's own limits come on top of ours: the head's counts from the end of the part it has parsed, the body's is the
  // handler's business.
  this->header_limit(static_cast<std::uint32_t>(
      std::min<std::size_t>(max_header_bytes + 1, std::numeric_limits<std::uint32_t>::max())));
  this->body_limit(boost::none);
}

template <bool IsRequest>
ParseStep MessageParser<IsRequest>::parse_head(ReadBuffer& buffer) {
  if (buffer.unread().empty()) return ParseStep::kNeedMore;
  const auto consumed = this->put(asio::buffer(buffer.unread()), error_);
  buffer.consume(consumed);
  head_bytes_ += consumed;
  const bool needs_more = error_ == beast_http::error::need_more;
  if (head_bytes_ + (needs_more ? buffer.unread().size() : 0) > max_header_bytes_ ||
      error_ == beast_http::error::header_limit) {
    is_over_limit_ = true;
    return ParseStep::kBad;
  }
  if (needs_more) {
    if (buffer.is_full()) buffer.grow(std::min(2 * buffer.capacity(), max_header_bytes_ + 1));
    return ParseStep::kNeedMore;
  }
  if (error_) return ParseStep::kBad;
  return this->is_header_done() ? ParseStep::kReady : ParseStep::kNeedMore;
}

template <bool IsRequest>
ParseStep MessageParser<IsRequest>::next_piece(ReadBuffer& buffer, ByteView& piece) {
  while (!this->is_done()) {
    if (buffer.unread().empty()) return ParseStep::kNeedMore;
    // Beast asks for more in a body only within a chunk's header, and asserts that its next call brings a whole end.
    if (error_ == beast_http::error::need_more && buffer.unread().size() < kShortestChunkedEnd) {
      return ParseStep::kNeedMore;
    }
    piece_ = {};
    buffer.consume(this->put(asio::buffer(buffer.unread()), error_));
    if (error_ == beast_http::error::need_more) {
      // A chunk's header or a trailer that fills the whole buffer will not end.
      return buffer.is_full() ? ParseStep::kBad : ParseStep::kNeedMore;
    }
    if (error_) return ParseStep::kBad;
    if (!piece_.empty()) {
      received_ += piece_.size();
      piece = piece_;
      return ParseStep::kReady;
    }
  }
  return ParseStep::kEnd;
}

template <bool IsRequest>
std::optional<std::uint64_t> MessageParser<IsRequest>::body_size() const {
  // Also of an answer to HEAD, whose Content-Length is that of another body.
  if (this->is_done() && received_ == 0) return 0;
  const auto length = this->content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

template <bool IsRequest>
std::string MessageParser<IsRequest>::progress() const {
  const auto size = body_size();
  return std::to_string(received_) + (size ? " of " + std::to_string(*size) : "") + " bytes";
}

template class MessageParser<true>;
template class MessageParser<false>;

RequestParser::RequestParser(Request& request, std::size_t max_header_bytes)
    : MessageParser(request.headers, max_header_bytes), request_(request) {}

ParseStep RequestParser::parse(ReadBuffer& buffer) {
  // RFC 9112 section 2.2: an empty line before the request line is to be ignored. One; more is somebody playing.
  if (!has_begun() && !has_skipped_line_) {
    if (buffer.unread() == "\r") return ParseStep::kNeedMore;
    if (buffer.unread().starts_with("\r\n")) {
      has_skipped_line_ = true;
      buffer.consume(2);
    }
  }
  const auto step = parse_head(buffer);
  if (step == ParseStep::kReady && !check_and_normalise()) return ParseStep::kBad;
  return step;
}

void RequestParser::on_request_impl(beast_http::verb, Text method, Text target, int version, ParseError& error) {
  error = {};
  version_ = version;
  has_request_line_ = true;
  request_.method.assign(method.data(), method.size());
  request_.target.assign(target.data(), target.size());
}

void RequestParser::on_field(beast_http::field name, std::string_view, std::string_view value, ParseError& error) {
  switch (name) {
    case beast_http::field::host:
      ++hosts_;
      break;
    case beast_http::field::expect:
      expects_continue_ = names_equal(value, "100-continue");
      break;
    case beast_http::field::transfer_encoding:
      // Beast passes codings it does not know, which then frame nothing: the way to smuggle a request past a proxy.
      if (!names_equal(value, "chunked")) {
        refusal_ = {501, "unsupported_transfer_encoding", "the only transfer coding supported is chunked"};
        error = beast_http::error::bad_transfer_encoding;
      } else if (is_http_1_0()) {
        refusal_ = {400, "bad_request", "HTTP/1.0 has no Transfer-Encoding"};
        error = beast_http::error::bad_transfer_encoding;
      }
      break;
    default:
      break;
  }
}

bool RequestParser::check_and_normalise() {
  if (hosts_ > 1 || (hosts_ == 0 && !is_http_1_0())) {
    refusal_ = {400, "bad_request", "a request has exactly one Host header field"};
    return false;
  }
  if (is_http_1_0()) expects_continue_ = false;
  std::string& target = request_.target;
  if (target.starts_with('/') || target == "*") return true;
  const auto scheme_end = target.find("://");
  const auto scheme = std::string_view(target).substr(0, std::min(scheme_end, target.size()));
  if (scheme_end == std::string::npos || (!names_equal(scheme, "http") && !names_equal(scheme, "https"))) {
    refusal_ = {400, "bad_request", "the request target must be a path that begins with '/'"};
    return false;
  }
  // RFC 9112 section 3.2.2: the authority of the absolute form replaces the Host field.
  const auto authority_begin = scheme_end + 3;
  const auto path_begin = std::min(target.find_first_of("/?", authority_begin), target.size());
  request_.headers.set("Host", std::string_view(target).substr(authority_begin, path_begin - authority_begin));
  target.erase(0, path_begin);
  if (!target.starts_with('/')) target.insert(0, "/");
  return true;
}

Refusal RequestParser::refusal() const {
  if (refusal_) return *refusal_;
  if (is_over_limit()) {
    if (!has_request_line_) return {414, "uri_too_long", "the request line is too long"};
    return {431, "header_too_large", "the request's header fields are too large"};
  }
  if (error() == beast_http::error::bad_version) {
    return {505, "version_not_supported", "this server speaks HTTP/1.1 and HTTP/1.0"};
  }
  if (error() == beast_http::error::multiple_content_length || error() == beast_http::error::bad_content_length) {
    return {400, "bad_request", "the Content-Length is malformed, repeated, or beside a Transfer-Encoding"};
  }
  if (error() == beast_http::error::bad_transfer_encoding) {
    return {400, "bad_request", "the Transfer-Encoding is malformed, repeated, or beside a Content-Length"};
  }
  return {400, "bad_request", "this is not a well-formed HTTP/1.1 request"};
}

ResponseParser::ResponseParser(int& status, Headers& headers, std::size_t max_header_bytes, bool is_answer_to_head)
    : MessageParser(headers, max_header_bytes), response_status_(status), max_header_bytes_(max_header_bytes) {
  if (is_answer_to_head) skip(true);
}

void ResponseParser::on_response_impl(int status, Text, int version, ParseError& error) {
  error = {};
  version_ = version;
  response_status_ = status;
}

void ResponseParser::on_field(beast_http::field name, std::string_view, std::string_view value, ParseError& error) {
  // As for requests: an unknown coding would be taken for a body that lasts until the connection ends.
  if (name == beast_http::field::transfer_encoding && !names_equal(value, "chunked")) {
    error = beast_http::error::bad_transfer_encoding;
  }
}

std::string ResponseParser::problem() const {
  if (is_over_limit()) return "the response's header is over " + std::to_string(max_header_bytes_) + " bytes";
  return "the response is not HTTP/1.1: " + error().message();
}

}  // namespace tarn::http
