// How one connection behaves, seen from a raw socket; server_test.cc has what concerns the server as a whole.
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "http/test_support.h"

namespace tarn::http {
namespace {

using namespace std::chrono_literals;

Response text(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Task<Response> say_hello(Request&) {
  co_return text("hello");
}

/// "GET /path peer-is-set, then every header field a line".
Task<Response> describe(Request& request) {
  std::string body = request.method + " " + request.target + "\n";
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    body.append(request.headers[i].name).append("=").append(request.headers[i].value).append("\n");
  }
  co_return text(std::move(body));
}

/// Answers the body, or the error of reading it, and the largest piece.
Task<Response> read_body(Request& request) {
  Response response;
  std::string body;
  std::size_t largest = 0;
  const auto declared = request.body->size();
  response.headers.add("Declared", declared ? std::to_string(*declared) : "unknown");
  while (true) {
    const auto piece = co_await request.body->next();
    if (!piece) {
      response.status = 400;
      response.body = to_string(piece.error());
      co_return response;
    }
    if (piece->empty()) break;
    largest = std::max(largest, piece->size());
    body.append(*piece);
  }
  response.headers.add("Largest", std::to_string(largest));
  response.body = std::move(body);
  co_return response;
}

/// Yields `pieces` of `piece_bytes` each; fails in place of the piece or the end numbered `failing_step`.
class TestSource final : public ByteSource {
 public:
  TestSource(int pieces, std::size_t piece_bytes, std::optional<std::uint64_t> size, int failing_step = -1)
      : pieces_(pieces), failing_step_(failing_step), size_(size), piece_(piece_bytes, 'x') {}
  Task<ByteView> next() override {
    const int step = step_++;
    if (step == failing_step_) co_return failure(ErrorCode::kCorrupt, "a checksum does not match");
    co_return step < pieces_ ? ByteView(piece_) : ByteView();
  }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  int step_ = 0;
  const int pieces_;
  const int failing_step_;
  const std::optional<std::uint64_t> size_;
  const Bytes piece_;
};

FunctionHandler::Function streaming(int pieces, std::size_t piece_bytes, std::optional<std::uint64_t> size,
                                    int failing_step = -1) {
  static const auto respond = [](std::unique_ptr<ByteSource> source) -> Task<Response> {
    Response response;
    response.body = std::move(source);
    co_return response;
  };
  return [=](Request&) { return respond(std::make_unique<TestSource>(pieces, piece_bytes, size, failing_step)); };
}

TEST(ServerConnection, AnswersWithLengthAndDate) {
  TestServer server(say_hello);
  RawClient client(server.port());

  const auto reply = client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

  EXPECT_TRUE(reply.head.starts_with("HTTP/1.1 200 OK\r\n")) << reply.head;
  EXPECT_EQ(reply.field("Content-Length"), "5");
  EXPECT_TRUE(reply.field("Date").ends_with(" GMT")) << reply.head;
  EXPECT_EQ(reply.field("Connection"), "");
  EXPECT_EQ(reply.body, "hello");
}

TEST(ServerConnection, ServesManyRequestsOnOneConnectionAlsoPipelined) {
  TestServer server(describe);
  RawClient client(server.port());

  client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3");
  EXPECT_TRUE(client.receive_reply().body.starts_with("GET /1\n"));
  EXPECT_TRUE(client.receive_reply().body.starts_with("GET /2\n"));
  client.send(" HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client.receive_reply().body.starts_with("GET /3\n"));

  EXPECT_EQ((*server).statistics().connections_accepted, 1U);
  EXPECT_EQ((*server).statistics().requests, 3U);
}

TEST(ServerConnection, TakesAHeadByteByByte) {
  TestServer server(describe);
  RawClient client(server.port());

  for (const char c : std::string("GET /a HTTP/1.1\r\nHost: h\r\nX-Y:  z \r\n\r\n")) client.send({&c, 1});

  EXPECT_EQ(client.receive_reply().body, "GET /a\nHost=h\nX-Y=z\n");
}

TEST(ServerConnection, IgnoresOneEmptyLineBeforeARequest) {
  TestServer server(say_hello);
  RawClient one(server.port());
  RawClient two(server.port());

  EXPECT_EQ(one.exchange("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
  one.send("\r");
  EXPECT_EQ(one.exchange("\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
  EXPECT_EQ(two.exchange("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 400);
}

TEST(ServerConnection, ClosesWhenTheClientAsks) {
  TestServer server(say_hello);
  RawClient client(server.port());

  const auto reply = client.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");

  EXPECT_EQ(reply.field("Connection"), "close");
  EXPECT_EQ(client.receive_rest(), "");
}

TEST(ServerConnection, AnswersAClientThatHasEndedSending) {
  TestServer server(say_hello);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  client.end_sending();

  EXPECT_EQ(client.receive_reply().body, "hello");
  EXPECT_EQ(client.receive_rest(), "");
}

TEST(ServerConnection, Http10ClosesUnlessKeepAliveIsAsked) {
  TestServer server(say_hello);
  RawClient first(server.port());
  RawClient second(server.port());

  EXPECT_EQ(first.exchange("GET / HTTP/1.0\r\n\r\n").field("Connection"), "close");
  EXPECT_EQ(first.receive_rest(), "");
  EXPECT_EQ(second.exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").field("Connection"), "keep-alive");
  EXPECT_EQ(second.exchange("GET / HTTP/1.0\r\n\r\n").body, "hello");
}

TEST(ServerConnection, Http10GetsABodyOfUnknownLengthUntilTheEnd) {
  TestServer server(streaming(3, 10, std::nullopt));
  RawClient client(server.port());

  const auto reply = client.exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

  EXPECT_EQ(reply.field("Transfer-Encoding"), "");
  EXPECT_EQ(reply.body, std::string(30, 'x'));
}

TEST(ServerConnection, HeadHasTheLengthAndNoBody) {
  TestServer server([](Request& request) -> Task<Response> {
    Response response = text("hello");
    if (request.path() == "/stated") response.content_length = 5'000'000'000;
    co_return response;
  });
  RawClient client(server.port());

  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nHEAD /stated HTTP/1.1\r\nHost: h\r\n\r\n");

  EXPECT_EQ(client.receive_reply(false).field("Content-Length"), "5");
  EXPECT_EQ(client.receive_reply(false).field("Content-Length"), "5000000000");
  EXPECT_EQ(client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").body, "hello");
}

TEST(ServerConnection, StatusesWithoutBodySendNone) {
  TestServer server([](Request& request) -> Task<Response> {
    co_return text("must not show", request.path() == "/204" ? 204 : 304);
  });
  RawClient client(server.port());

  client.send("GET /204 HTTP/1.1\r\nHost: h\r\n\r\nGET /304 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const auto all = client.receive_rest();

  EXPECT_TRUE(all.contains("HTTP/1.1 204 No Content\r\n")) << all;
  EXPECT_TRUE(all.contains("HTTP/1.1 304 Not Modified\r\n")) << all;
  EXPECT_FALSE(all.contains("must not show")) << all;
  EXPECT_FALSE(all.contains("Content-Length")) << all;
}

TEST(ServerConnection, StreamsOfUnknownLengthAreChunked) {
  TestServer server(streaming(5, 100'000, std::nullopt));
  RawClient client(server.port());

  for (int i = 0; i < 2; ++i) {
    const auto reply = client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(reply.field("Transfer-Encoding"), "chunked");
    EXPECT_EQ(reply.body, std::string(500'000, 'x'));
  }
}

TEST(ServerConnection, StreamsOfKnownLengthCarryIt) {
  for (const int pieces : {0, 1, 3, 1000}) {
    TestServer server(streaming(pieces, 10'000, pieces * 10'000));
    RawClient client(server.port());
    for (int i = 0; i < 2; ++i) {
      const auto reply = client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      EXPECT_EQ(reply.field("Content-Length"), std::to_string(pieces * 10'000));
      EXPECT_EQ(reply.body, std::string(static_cast<std::size_t>(pieces) * 10'000, 'x'));
    }
  }
}

TEST(ServerConnection, LargeBodiesInMemoryAreSentWhole) {
  static const auto shared = std::make_shared<const Bytes>(20'000'000, 'y');
  TestServer server([](Request& request) -> Task<Response> {
    Response response;
    if (request.path() == "/shared") {
      response.body = shared;
    } else {
      response.body = *shared;
    }
    co_return response;
  });
  RawClient client(server.port());

  EXPECT_EQ(client.exchange("GET /shared HTTP/1.1\r\nHost: h\r\n\r\n").body, *shared);
  EXPECT_EQ(client.exchange("GET /own HTTP/1.1\r\nHost: h\r\n\r\n").body, *shared);
}

TEST(ServerConnection, AStreamThatFailsMidwayCutsTheConnection) {
  for (const auto size : {std::optional<std::uint64_t>(500'000), std::optional<std::uint64_t>()}) {
    TestServer server(streaming(5, 100'000, size, 3));
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

    const auto all = client.receive_rest();

    EXPECT_TRUE(all.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_LT(all.size(), 400'000U);
    EXPECT_FALSE(all.ends_with("0\r\n\r\n"));
  }
}

TEST(ServerConnection, AStreamThatFailsInPlaceOfItsEndIsNeverSentWhole) {
  TestServer server(streaming(5, 100'000, 500'000, 5));
  RawClient client(server.port());

  const auto reply = client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

  EXPECT_EQ(reply.field("Content-Length"), "500000");
  EXPECT_EQ(reply.body.size(), 499'999U);
}

TEST(ServerConnection, AStreamThatFailsBeforeAnythingWasSentBecomesA500) {
  TestServer at_once(streaming(5, 100'000, 500'000, 0));
  TestServer small_and_late(streaming(2, 100, 200, 2));
  RawClient first(at_once.port());
  RawClient second(small_and_late.port());

  EXPECT_EQ(first.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 500);
  EXPECT_EQ(second.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 500);
}

TEST(ServerConnection, AStreamOfAnotherLengthThanItSaidCutsTheConnection) {
  for (const int pieces : {4, 6}) {
    TestServer server(streaming(pieces, 100'000, 500'000));
    RawClient client(server.port());
    EXPECT_LT(client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").body.size(), 500'000U);
  }
}

TEST(ServerConnection, ReadsBodiesWithLengthAndChunked) {
  TestServer server(read_body);
  RawClient client(server.port());

  const auto sized = client.exchange("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde");
  const auto chunked = client.exchange(
      "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: "
      "t\r\n\r\n");
  const auto empty = client.exchange("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");

  EXPECT_EQ(sized.body, "abcde");
  EXPECT_EQ(sized.field("Declared"), "5");
  EXPECT_EQ(chunked.body, "abcde");
  EXPECT_EQ(chunked.field("Declared"), "unknown");
  EXPECT_EQ(empty.body, "");
  EXPECT_EQ(empty.field("Declared"), "0");
}

TEST(ServerConnection, ALargeBodyComesInPiecesOfAtMost64KiB) {
  TestServer server(read_body);
  RawClient client(server.port());
  const std::string body(8'000'000, 'b');

  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 8000000\r\n\r\n");
  client.send(body);
  const auto sized = client.receive_reply();
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7a1200\r\n");
  client.send(body);
  client.send("\r\n0\r\n\r\n");
  const auto chunked = client.receive_reply();

  EXPECT_EQ(sized.body, body);
  EXPECT_LE(std::stoul(sized.field("Largest")), 64U * 1024);
  EXPECT_EQ(chunked.body, body);
  EXPECT_LE(std::stoul(chunked.field("Largest")), 64U * 1024);
}

TEST(ServerConnection, ABodyShorterThanDeclaredIsAnErrorThatCounts) {
  TestServer server(read_body);
  RawClient sized(server.port());
  RawClient chunked(server.port());
  sized.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabcde");
  sized.end_sending();
  chunked.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n");
  chunked.end_sending();

  const auto of_sized = sized.receive_reply();
  const auto of_chunked = chunked.receive_reply();

  EXPECT_EQ(of_sized.status, 400);
  EXPECT_EQ(of_sized.body, "invalid_argument: the body ended early, after 5 of 10 bytes");
  EXPECT_EQ(of_sized.field("Connection"), "close");
  EXPECT_EQ(of_chunked.body, "invalid_argument: the body ended early, after 5 bytes");
}

TEST(ServerConnection, MalformedChunksAreAnError) {
  for (const auto* chunks : {"5\r\nabcdeXX\r\n0\r\n\r\n", "zz\r\nabc\r\n", "-1\r\n", "5 5\r\nabcde\r\n",
                             "10000000000000000\r\nabc\r\n", "\r\n\r\n"}) {
    TestServer server(read_body);
    RawClient client(server.port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(chunks));
    const auto reply = client.receive_reply();
    EXPECT_EQ(reply.status, 400) << chunks;
    EXPECT_TRUE(reply.body.starts_with("invalid_argument: the body's chunked coding is malformed")) << reply.body;
    EXPECT_EQ(reply.field("Connection"), "close");
  }
}

TEST(ServerConnection, AnEndlessChunkHeaderIsAnError) {
  TestServer server(read_body);
  RawClient client(server.port());
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(100'000, 'x'));

  EXPECT_EQ(client.receive_reply().status, 400);
}

TEST(ServerConnection, SaysContinueWhenTheBodyIsFirstPulled) {
  TestServer server(read_body);
  RawClient client(server.port());

  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive_through("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.exchange("abcde").body, "abcde");
}

TEST(ServerConnection, SaysNoContinueToAClientThatDidNotWait) {
  TestServer server(read_body);
  RawClient client(server.port());

  const auto reply =
      client.exchange("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nabcde");

  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "abcde");
}

TEST(ServerConnection, AnAnswerWithoutReadingSaysNoContinueAndCloses) {
  TestServer server(say_hello);
  RawClient client(server.port());

  const auto reply = client.exchange("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");

  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Connection"), "close");
  EXPECT_EQ(client.receive_rest(), "");
}

TEST(ServerConnection, AnUnreadBodyWithinTheLimitIsReadOff) {
  ServerOptions options;
  options.max_drained_bytes = 100'000;
  TestServer server(say_hello, options);
  RawClient client(server.port());

  EXPECT_EQ(
      client.exchange("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x')).body,
      "hello");
  EXPECT_EQ(
      client.exchange("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").body,
      "hello");
  EXPECT_EQ(client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").body, "hello");
}

TEST(ServerConnection, AnUnreadBodyOverTheLimitEndsTheConnectionAfterTheAnswer) {
  ServerOptions options;
  options.max_drained_bytes = 1000;
  TestServer server(say_hello, options);
  RawClient sized(server.port());
  RawClient chunked(server.port());

  const auto reply =
      sized.exchange("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
  EXPECT_EQ(reply.body, "hello");
  EXPECT_EQ(reply.field("Connection"), "close");
  EXPECT_EQ(sized.receive_rest(), "");
  chunked.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" + std::string(100'000, 'x'));
  EXPECT_EQ(chunked.receive_reply().body, "hello");
  EXPECT_EQ(chunked.receive_rest(), "");
}

TEST(ServerConnection, AnErrorOrAnExceptionOfTheHandlerIsA500AndTheConnectionLives) {
  TestServer server([](Request& request) -> Task<Response> {
    if (request.path() == "/throw") throw std::runtime_error("secret");
    if (request.path() == "/error") co_return failure(ErrorCode::kUnavailable, "secret");
    co_return text("hello");
  });
  RawClient client(server.port());

  for (const auto* path : {"/throw", "/error"}) {
    const auto reply = client.exchange("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(reply.status, 500);
    EXPECT_EQ(reply.body, "internal: the server failed to answer this request");
  }
  EXPECT_EQ(client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").body, "hello");
}

TEST(ServerConnection, LineBreaksInAResponseFieldCannotAddOne) {
  TestServer server([](Request&) -> Task<Response> {
    Response response = text("hello");
    response.headers.add("X", "a\r\nSet-Cookie: evil\nb");
    response.headers.add("Content-Length", "999");
    response.headers.add("Transfer-Encoding", "chunked");
    co_return response;
  });
  RawClient client(server.port());

  const auto reply = client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

  EXPECT_EQ(reply.field("X"), "a  Set-Cookie: evil b");
  EXPECT_EQ(reply.field("Set-Cookie"), "");
  EXPECT_EQ(reply.field("Transfer-Encoding"), "");
  EXPECT_EQ(reply.field("Content-Length"), "5");
}

TEST(ServerConnection, TheAbsoluteFormBecomesTheOriginForm) {
  TestServer server(describe);
  RawClient client(server.port());

  EXPECT_EQ(client.exchange("GET http://a.example:80/x?y HTTP/1.1\r\nHost: b\r\n\r\n").body,
            "GET /x?y\nHost=a.example:80\n");
  EXPECT_EQ(client.exchange("GET HTTP://a.example?y HTTP/1.1\r\nHost: b\r\n\r\n").body, "GET /?y\nHost=a.example\n");
}

TEST(ServerConnection, RequestsKnowTheirPeerAndHaveIdsOfTheirOwn) {
  TestServer server([](Request& request) -> Task<Response> { co_return text(request.peer + " " + request.id); });
  RawClient client(server.port());

  const auto first = client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").body;
  const auto second = client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").body;

  EXPECT_TRUE(first.starts_with("127.0.0.1:")) << first;
  EXPECT_NE(first, second);
}

TEST(ServerConnection, RefusesWhatIsNotARequest) {
  const std::pair<const char*, int> cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},                        // no Host
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},  // two
      {"GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400},             // not a path
      {"CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},  // space before the colon
      {"GET / HTTP/1.1\r\nHost: h\r\nNo colon\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\x01"
       "b\r\n\r\n",
       400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 6\r\n\r\n", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\n", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
  };
  TestServer server(say_hello);
  for (const auto& [bytes, status] : cases) {
    RawClient client(server.port());
    const auto reply = client.exchange(bytes);
    EXPECT_EQ(reply.status, status) << bytes;
    EXPECT_EQ(reply.field("Connection"), "close") << bytes;
    EXPECT_EQ(client.receive_rest(), "") << bytes;
  }
  EXPECT_EQ((*server).statistics().requests, 0U);
}

TEST(ServerConnection, RefusesAHeadOverTheLimit) {
  ServerOptions options;
  options.max_header_bytes = 16 * 1024;
  TestServer server(say_hello, options);
  RawClient fits(server.port());
  RawClient one_field(server.port());
  RawClient many_fields(server.port());
  RawClient line(server.port());
  std::string fields;
  while (fields.size() < 20'000) fields += "X-Field: some value\r\n";

  EXPECT_EQ(fits.exchange("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(16'000, 'x') + "\r\n\r\n").status, 200);
  EXPECT_EQ(one_field.exchange("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(20'000, 'x')).status, 431);
  EXPECT_EQ(many_fields.exchange("GET / HTTP/1.1\r\nHost: h\r\n" + fields).status, 431);
  EXPECT_EQ(line.exchange("GET /" + std::string(20'000, 'x')).status, 414);
}

}  // namespace
}  // namespace tarn::http
