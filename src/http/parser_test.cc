#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "http/parser_internal.h"

namespace tarn::http {
namespace {

void append(ReadBuffer& buffer, std::string_view bytes) {
  const auto room = buffer.prepare();
  ASSERT_LE(bytes.size(), room.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  buffer.commit(bytes.size());
}

/// Parses `message` in parts of `part_bytes`; "refused", or the target, the fields and the body.
std::string parse_in_parts(std::string_view message, std::size_t part_bytes) {
  Request request;
  RequestParser parser(request, 1000);
  ReadBuffer buffer(64);
  std::string body;
  bool is_head_done = false;
  while (true) {
    ByteView piece;
    const auto step = is_head_done ? parser.next_piece(buffer, piece) : parser.parse(buffer);
    if (step == ParseStep::kBad) return "refused";
    if (step == ParseStep::kEnd) break;
    if (step == ParseStep::kReady) {
      is_head_done = true;
      body += piece;
      continue;
    }
    if (message.empty()) return "cut short";
    const auto size = std::min({part_bytes, message.size(), buffer.prepare().size()});
    append(buffer, message.substr(0, size));
    message.remove_prefix(size);
  }
  std::string text = request.target;
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    text.append("|").append(request.headers[i].name).append("=").append(request.headers[i].value);
  }
  return text + "|" + body;
}

TEST(RequestParser, TheSameWhereverTheBytesAreSplit) {
  const std::string sized =
      "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nX-Long: " + std::string(200, 'x') + "\r\n\r\nhello world";
  const std::string chunked =
      "PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "6;ext=\"v\"\r\nhello \r\n00005\r\nworld\r\n0\r\nTrailer: not kept\r\n\r\n";
  const std::string empty = "PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n";

  for (std::size_t part_bytes = 1; part_bytes < 64; ++part_bytes) {
    EXPECT_EQ(parse_in_parts(empty, part_bytes), "/a|Host=h|Transfer-Encoding=chunked|");
    EXPECT_EQ(parse_in_parts(sized, part_bytes),
              "/a|Host=h|Content-Length=11|X-Long=" + std::string(200, 'x') + "|hello world");
    EXPECT_EQ(parse_in_parts(chunked, part_bytes), "/a|Host=h|Transfer-Encoding=chunked|hello world");
  }
}

TEST(RequestParser, TheHeadLimitCountsEveryByteHoweverTheyCome) {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\n";
  const std::string just_fits = start + "X: " + std::string(1000 - start.size() - 7, 'x') + "\r\n\r\n";
  std::string over = just_fits;
  over.insert(over.size() - 4, "x");
  ASSERT_EQ(just_fits.size(), 1000U);

  for (const std::size_t part_bytes : {1, 20, 63, 5000}) {
    EXPECT_NE(parse_in_parts(just_fits, part_bytes), "refused") << part_bytes;
    EXPECT_EQ(parse_in_parts(over, part_bytes), "refused") << part_bytes;
  }
}

TEST(RequestParser, WhatFollowsTheRequestStaysInTheBuffer) {
  Request request;
  RequestParser parser(request, 1000);
  ReadBuffer buffer(1000);
  append(buffer, "PUT /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\n");
  ByteView piece;

  ASSERT_EQ(parser.parse(buffer), ParseStep::kReady);
  ASSERT_EQ(parser.next_piece(buffer, piece), ParseStep::kReady);
  EXPECT_EQ(piece, "abc");
  EXPECT_EQ(parser.next_piece(buffer, piece), ParseStep::kEnd);

  EXPECT_EQ(buffer.unread(), "GET /2 HTTP/1.1\r\n");
}

TEST(ReadBuffer, WinsBackRoomWithoutLosingWhatIsUnread) {
  ReadBuffer buffer(16);
  append(buffer, "0123456789abcdef");
  EXPECT_TRUE(buffer.is_full());
  buffer.consume(13);

  append(buffer, "ghij");
  EXPECT_EQ(buffer.unread(), "defghij");
  buffer.grow(100);
  EXPECT_EQ(buffer.unread(), "defghij");
  buffer.shrink(8);

  EXPECT_EQ(buffer.unread(), "defghij");
  EXPECT_EQ(buffer.capacity(), 8U);
}

}  // namespace
}  // namespace tarn::http
