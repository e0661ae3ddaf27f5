// Whatever a connection may bring, as a request and as a response, whole and in parts: what is parsed must not depend
// on where the bytes were split. The first byte of the input says how long the parts are.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "http/parser_internal.h"

namespace {

using tarn::http::ParseStep;

constexpr std::size_t kMaxHeaderBytes = 512;

template <class Parser>
ParseStep parse_head(Parser& parser, tarn::http::ReadBuffer& buffer) {
  if constexpr (requires { parser.parse(buffer); }) {
    return parser.parse(buffer);
  } else {
    return parser.parse_head(buffer);
  }
}

/// "refused", or where it ended and what the body was.
template <class Parser>
std::string parse(Parser& parser, std::string_view input, std::size_t part_bytes) {
  tarn::http::ReadBuffer buffer(64);
  std::string body;
  bool is_head_done = false;
  while (true) {
    tarn::ByteView piece;
    const auto step = is_head_done ? parser.next_piece(buffer, piece) : parse_head(parser, buffer);
    switch (step) {
      case ParseStep::kBad:
        return "refused";
      case ParseStep::kEnd:
        TARN_ASSERT(parser.received() == body.size());
        return "whole " + body;
      case ParseStep::kReady:
        TARN_ASSERT(!is_head_done || !piece.empty());
        is_head_done = true;
        body += piece;
        continue;
      case ParseStep::kNeedMore:
        break;
    }
    if (input.empty()) return "cut short";
    // As connections do while a body arrives; heads grow the buffer themselves.
    if (is_head_done) buffer.grow(1024);
    const auto room = buffer.prepare();
    TARN_ASSERT(room.size() > 0);
    const auto size = std::min({part_bytes, input.size(), room.size()});
    std::memcpy(room.data(), input.data(), size);
    buffer.commit(size);
    input.remove_prefix(size);
  }
}

std::string parse_request(std::string_view input, std::size_t part_bytes) {
  tarn::http::Request request;
  tarn::http::RequestParser parser(request, kMaxHeaderBytes);
  auto result = parse(parser, input, part_bytes);
  if (result == "refused") return result;
  return request.method + " " + request.target + " " + std::to_string(request.headers.size()) + " " + result;
}

std::string parse_response(std::string_view input, std::size_t part_bytes) {
  int status = 0;
  tarn::http::Headers headers;
  tarn::http::ResponseParser parser(status, headers, kMaxHeaderBytes, false);
  auto result = parse(parser, input, part_bytes);
  if (result == "refused") return result;
  return std::to_string(status) + " " + std::to_string(headers.size()) + " " + result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t part_bytes = 1 + bytes[0] % 64U;
  const std::string_view input(reinterpret_cast<const char*>(bytes) + 1, size - 1);

  // Which of two reasons to refuse comes first may depend on the parts, and so may whether a refusal comes before the
  // end of the input; what is accepted may not.
  const auto agree = [](const std::string& whole, const std::string& parts) {
    if (whole.contains("whole ") && parts.contains("whole ")) TARN_ASSERT(whole == parts);
    if (whole.contains(" whole ")) TARN_ASSERT(parts != "refused");
  };
  agree(parse_request(input, 1024), parse_request(input, part_bytes));
  agree(parse_response(input, 1024), parse_response(input, part_bytes));
  return 0;
}
