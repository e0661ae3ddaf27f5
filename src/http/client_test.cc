#include "http/client.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "async/task_group.h"
#include "http/socket_internal.h"
#include "http/test_support.h"

namespace tarn::http {
namespace {

using namespace std::chrono_literals;
using async::soon;

struct Answer {
  int status = 0;
  std::optional<std::uint64_t> declared;
  std::string field;  // X-Field
  std::string body;
};

Task<Answer> send_and_read(Client& client, Request request, bool is_idempotent, Deadline deadline) {
  TARN_CO_TRY(const auto response, co_await client.send(std::move(request), is_idempotent, deadline));
  Answer answer;
  answer.status = response.status;
  answer.declared = response.body->size();
  answer.field = response.headers.get("X-Field").value_or("");
  TARN_CO_TRY(answer.body, co_await async::read_all(*response.body, 100'000'000));
  co_return answer;
}

/// Reads one piece of the body and drops the rest.
Task<int> send_and_drop(Client& client, Request request) {
  TARN_CO_TRY(auto response, co_await client.send(std::move(request), true, soon()));
  TARN_CO_TRY(const auto piece, co_await response.body->next());
  if (piece.empty()) co_return failure(ErrorCode::kInternal, "no body");
  response.body.reset();
  co_return response.status;
}

Request request(std::string method, std::string target, std::unique_ptr<ByteSource> body = nullptr) {
  Request made;
  made.method = std::move(method);
  made.target = std::move(target);
  made.body = std::move(body);
  return made;
}

/// Known or unknown size; `failing_step` as the number of the piece, or the end, in whose place an error comes.
class TestSource final : public ByteSource {
 public:
  TestSource(int pieces, std::size_t piece_bytes, bool has_size, int failing_step = -1)
      : pieces_(pieces), failing_step_(failing_step), has_size_(has_size), piece_(piece_bytes, 'x') {}
  Task<ByteView> next() override {
    const int step = step_++;
    if (step == failing_step_) co_return failure(ErrorCode::kCorrupt, "a checksum does not match");
    co_return step < pieces_ ? ByteView(piece_) : ByteView();
  }
  std::optional<std::uint64_t> size() const override {
    if (!has_size_) return std::nullopt;
    return static_cast<std::uint64_t>(pieces_) * piece_.size();
  }

 private:
  int step_ = 0;
  const int pieces_;
  const int failing_step_;
  const bool has_size_;
  const Bytes piece_;
};

/// A client with one I/O thread, so with one pool.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port, ClientOptions options = {}, bool is_tls = false)
      : client_(std::in_place, *runtime_, Origin{is_tls, is_tls ? "localhost" : "127.0.0.1", port}, options) {}

  Result<Answer> send(Request sent, bool is_idempotent = false, Deadline deadline = soon()) {
    return runtime_.run(send_and_read(*client_, std::move(sent), is_idempotent, deadline));
  }
  /// The same while the test plays the server.
  std::future<Result<Answer>> start(Request sent, bool is_idempotent = false, Deadline deadline = soon()) {
    return std::async(std::launch::async, [this, is_idempotent, deadline, sent = std::move(sent)]() mutable {
      return send(std::move(sent), is_idempotent, deadline);
    });
  }
  Client& operator*() { return *client_; }
  async::TestRuntime& runtime() { return runtime_; }
  void wait_for_open(std::size_t count) const {
    while (client_->open_connections() != count) std::this_thread::yield();
  }

 private:
  async::TestRuntime runtime_{1};
  std::optional<Client> client_;
};

Task<Response> echo(Request& received) {
  Response response;
  response.headers.add("X-Field", received.method + " " + received.target + " " +
                                      std::string(received.headers.get("Host").value_or("")) + " " +
                                      std::string(received.headers.get("Transfer-Encoding").value_or("")) +
                                      std::string(received.headers.get("Content-Length").value_or("")));
  TARN_CO_TRY(response.body, co_await async::read_all(*received.body, 100'000'000));
  co_return response;
}

const std::string kHead = "\r\n\r\n";
const std::string kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(Origin, ReadsSchemeHostAndPort) {
  const auto plain = Origin::parse("http://127.0.0.1:9000/");
  const auto tls = Origin::parse("https://s3.eu-central-1.amazonaws.com");
  const auto v6 = Origin::parse("http://[::1]:9000");

  ASSERT_TRUE(plain && tls && v6);
  EXPECT_EQ(plain->host_header(), "127.0.0.1:9000");
  EXPECT_FALSE(plain->is_tls);
  EXPECT_EQ(tls->host_header(), "s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(tls->port, 443);
  EXPECT_TRUE(tls->is_tls);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->host_header(), "[::1]:9000");
  EXPECT_EQ(Origin::parse("http://h:80")->host_header(), "h");
  EXPECT_EQ(Origin::parse("https://h:80")->host_header(), "h:80");
}

TEST(Origin, SaysWhatItExpected) {
  for (const auto* url : {"", "h:80", "ftp://h", "http://", "http://:80", "http://h:", "http://h:0", "http://h:65536",
                          "http://h:80x", "http://h/path", "http://u@h", "http://[::1", "http://[x]:1", "http://a b"}) {
    const auto origin = Origin::parse(url);
    ASSERT_FALSE(origin) << url;
    EXPECT_EQ(origin.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(origin.error().message.contains("expected http://host[:port]")) << origin.error().message;
  }
}

TEST(Client, KnowsAConnectionToItself) {
  asio::io_context context;
  asio::ip::tcp::socket itself(context, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  asio::ip::tcp::acceptor acceptor(context, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  asio::ip::tcp::socket other(context);

  itself.connect(itself.local_endpoint());
  other.connect(acceptor.local_endpoint());

  EXPECT_TRUE(is_connected_to_itself(itself));
  EXPECT_FALSE(is_connected_to_itself(other));
}

TEST(Client, SendsAndReadsOnOneConnection) {
  TestServer server(echo);
  TestClient client(server.port());
  const auto host = "127.0.0.1:" + std::to_string(server.port());

  for (int i = 0; i < 3; ++i) {
    const auto got = client.send(request("GET", "/a%20b?c"));
    const auto put = client.send(request("PUT", "/x", async::source_of(Bytes("body"))));
    ASSERT_TRUE(got && put);
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(got->field, "GET /a%20b?c " + host);
    EXPECT_EQ(put->field, "PUT /x " + host + " 4");
    EXPECT_EQ(put->body, "body");
  }

  EXPECT_EQ((*server).statistics().connections_accepted, 1U);
  EXPECT_EQ((*client).open_connections(), 1U);
}

TEST(Client, SendsBodiesOfAnySizeKnownAndUnknown) {
  TestServer server(echo);
  TestClient client(server.port());

  for (const bool has_size : {true, false}) {
    for (const int pieces : {0, 1, 3, 500}) {
      const auto put = client.send(request("PUT", "/x", std::make_unique<TestSource>(pieces, 20'000, has_size)));
      ASSERT_TRUE(put) << put.error().message;
      EXPECT_TRUE(put->field.ends_with(has_size ? " " + std::to_string(pieces * 20'000) : " chunked")) << put->field;
      EXPECT_EQ(put->body, std::string(static_cast<std::size_t>(pieces) * 20'000, 'x'));
    }
  }
  EXPECT_EQ((*server).statistics().connections_accepted, 1U);
}

TEST(Client, ReadsChunkedResponses) {
  TestServer server([](Request&) -> Task<Response> {
    Response response;
    response.body = std::make_unique<TestSource>(100, 10'000, false);
    co_return response;
  });
  TestClient client(server.port());

  const auto got = client.send(request("GET", "/"));

  ASSERT_TRUE(got);
  EXPECT_EQ(got->declared, std::nullopt);
  EXPECT_EQ(got->body, std::string(1'000'000, 'x'));
}

TEST(Client, AnAnswerToHeadHasNoBody) {
  TestServer server([](Request&) -> Task<Response> {
    Response response;
    response.content_length = 12345;
    response.headers.add("X-Field", "f");
    co_return response;
  });
  TestClient client(server.port());

  for (int i = 0; i < 2; ++i) {
    const auto head = client.send(request("HEAD", "/"));
    ASSERT_TRUE(head);
    EXPECT_EQ(head->declared, 0U);
    EXPECT_EQ(head->field, "f");
    EXPECT_EQ(head->body, "");
  }
  EXPECT_EQ((*server).statistics().connections_accepted, 1U);
}

TEST(Client, ABodyMayLastUntilTheConnectionEnds) {
  RawListener listener;
  TestClient client(listener.port());
  auto answer = client.start(request("GET", "/"));
  auto peer = listener.accept();
  peer.receive_through(kHead);
  peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
  peer.close();

  const auto got = answer.get();

  ASSERT_TRUE(got);
  EXPECT_EQ(got->body, "hello");
  client.wait_for_open(0);
}

TEST(Client, InterimAnswersAreSkipped) {
  RawListener listener;
  TestClient client(listener.port());
  auto answer = client.start(request("GET", "/"));
  auto peer = listener.accept();
  peer.receive_through(kHead);
  peer.send("HTTP/1.1 103 Early Hints\r\nX-Field: interim\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + kHello);

  const auto got = answer.get();

  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->field, "");
  EXPECT_EQ(got->body, "hello");
}

Request expecting(std::size_t body_bytes) {
  auto made = request("PUT", "/x", async::source_of(Bytes(body_bytes, 'b')));
  made.headers.add("Expect", "100-continue");
  return made;
}

TEST(Client, WithExpectTheBodyWaitsForTheInterimAnswer) {
  RawListener listener;
  TestClient client(listener.port());
  auto answer = client.start(expecting(10));
  auto peer = listener.accept();
  const auto head = peer.receive_through(kHead);
  EXPECT_FALSE(peer.has_answer());
  peer.send("HTTP/1.1 100 Continue\r\n\r\n");
  const auto body = peer.receive(10);
  peer.send(kHello);

  EXPECT_TRUE(head.contains("Expect: 100-continue\r\n")) << head;
  EXPECT_EQ(body, std::string(10, 'b'));
  EXPECT_TRUE(answer.get());
}

TEST(Client, WithExpectARefusalSparesTheBody) {
  RawListener listener;
  TestClient client(listener.port());
  auto answer = client.start(expecting(10));
  auto peer = listener.accept();
  peer.receive_through(kHead);
  peer.send("HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n");

  const auto got = answer.get();

  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 412);
  // What was declared was not sent, so the connection is of no further use.
  EXPECT_EQ(peer.receive_rest(), "");
}

TEST(Client, WithExpectASilentServerGetsTheBodyAfterAWhile) {
  RawListener listener;
  TestClient client(listener.port());
  auto answer = client.start(expecting(10));
  auto peer = listener.accept();
  peer.receive_through(kHead);
  EXPECT_EQ(peer.receive(10), std::string(10, 'b'));
  // The interim answer comes late, beside the real one.
  peer.send("HTTP/1.1 100 Continue\r\n\r\n" + kHello);

  EXPECT_TRUE(answer.get());
}

TEST(Client, AnEarlyAnswerEndsTheSending) {
  RawListener listener;
  TestClient client(listener.port());
  auto answer = client.start(request("PUT", "/x", std::make_unique<TestSource>(100'000, 100'000, true)));
  auto peer = listener.accept();
  peer.receive_through(kHead);
  peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
  // A server that lingers: it reads on until the client has seen the answer.
  peer.receive_rest();

  const auto got = answer.get();

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 413);
  EXPECT_EQ(got->body, "big");
  client.wait_for_open(0);
}

TEST(Client, NoConnectionIsUnavailable) {
  std::uint16_t port = 0;
  {
    RawListener listener;
    port = listener.port();
  }
  TestClient client(port);

  const auto got = client.send(request("GET", "/"));

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(got.error().message, "connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
  EXPECT_EQ((*client).open_connections(), 0U);
}

TEST(Client, ANameThatDoesNotResolveIsUnavailable) {
  async::TestRuntime runtime(1);
  Client client(*runtime, Origin{false, "no-such-host.invalid", 80}, {});

  const auto got = runtime.run(send_and_read(client, request("GET", "/"), true, soon()));

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kUnavailable);
}

TEST(Client, ADeadlineThatHasPassedSendsNothing) {
  RawListener listener;
  TestClient client(listener.port());

  const auto got = client.send(request("GET", "/"), true, Deadline::after(-1ms));

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ((*client).open_connections(), 0U);
}

TEST(Client, ConnectingIsBoundedByItsTimeoutAndByTheDeadline) {
  RawListener listener;  // which never shakes hands
  ClientOptions options;
  options.connect_timeout = 50ms;
  TestClient impatient(listener.port(), options, true);
  TestClient patient(listener.port(), {}, true);

  const auto timed_out = impatient.send(request("GET", "/"));
  const auto late = patient.send(request("GET", "/"), false, Deadline::after(50ms));

  ASSERT_FALSE(timed_out);
  EXPECT_EQ(timed_out.error().code, ErrorCode::kUnavailable);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kDeadlineExceeded);
}

TEST(Client, SentAndNotAnsweredIsUnknown) {
  RawListener listener;
  TestClient client(listener.port());
  for (const auto* reply : {"", "HTTP/1.1 200 OK\r\nContent-Le", "SSH-2.0-OpenSSH\r\n\r\n"}) {
    auto answer = client.start(request("PUT", "/x", async::source_of(Bytes("b"))), true);
    {
      auto peer = listener.accept();
      peer.receive_through("\r\n\r\nb");
      peer.send(reply);
    }
    const auto got = answer.get();
    ASSERT_FALSE(got) << reply;
    EXPECT_EQ(got.error().code, ErrorCode::kOutcomeUnknown) << reply;
  }
  EXPECT_EQ((*client).open_connections(), 0U);
}

TEST(Client, SentAndNotAnsweredByTheDeadlineIsUnknown) {
  RawListener listener;
  TestClient client(listener.port());

  const auto got = client.send(request("PUT", "/x"), true, Deadline::after(1s));

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_EQ((*client).open_connections(), 0U);
}

TEST(Client, AConnectionTheServerClosedIsNotUsedAgain) {
  RawListener listener;
  TestClient client(listener.port());
  auto first = client.start(request("PUT", "/1"));
  {
    auto peer = listener.accept();
    peer.receive_through(kHead);
    peer.send(kHello);
    EXPECT_TRUE(first.get());
  }

  auto second = client.start(request("PUT", "/2"));
  auto peer = listener.accept();
  peer.receive_through(kHead);
  peer.send(kHello);

  EXPECT_TRUE(second.get());
  EXPECT_EQ((*client).open_connections(), 1U);
}

TEST(Client, AConnectionWithUnaskedBytesIsNotUsedAgain) {
  RawListener listener;
  TestClient client(listener.port());
  auto first = client.start(request("PUT", "/1"));
  auto old = listener.accept();
  old.receive_through(kHead);
  old.send(kHello);
  EXPECT_TRUE(first.get());
  old.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");

  auto second = client.start(request("PUT", "/2"));
  auto peer = listener.accept();
  peer.receive_through(kHead);
  peer.send(kHello);

  EXPECT_EQ(second.get()->body, "hello");
}

TEST(Client, OnAPooledConnectionAnIdempotentRequestIsSentAgain) {
  RawListener listener;
  TestClient client(listener.port());
  auto first = client.start(request("GET", "/1"));
  std::optional<RawSocket> old(listener.accept());
  old->receive_through(kHead);
  old->send(kHello);
  ASSERT_TRUE(first.get());

  auto second = client.start(request("PUT", "/2", async::source_of(Bytes("body"))), true);
  old->receive_through("\r\n\r\nbody");
  old.reset();
  auto fresh = listener.accept();
  EXPECT_TRUE(fresh.receive_through("\r\n\r\nbody").starts_with("PUT /2 "));
  fresh.send(kHello);

  EXPECT_TRUE(second.get());
}

TEST(Client, OnAPooledConnectionAnyOtherRequestIsUnknown) {
  for (const bool is_large : {false, true}) {
    RawListener listener;
    TestClient client(listener.port());
    auto first = client.start(request("GET", "/1"));
    std::optional<RawSocket> old(listener.accept());
    old->receive_through(kHead);
    old->send(kHello);
    ASSERT_TRUE(first.get());

    // A large body is gone once it was pulled, so even where it would do no harm it cannot be sent twice.
    auto second = client.start(request("PUT", "/2", async::source_of(Bytes(is_large ? 100'000 : 4, 'b'))), is_large);
    old->receive_through("\r\n\r\nbbbb");
    old.reset();
    const auto got = second.get();

    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::kOutcomeUnknown);
    EXPECT_FALSE(listener.has_connection());
    client.wait_for_open(0);
  }
}

TEST(Client, AFreshConnectionIsNotTriedTwice) {
  RawListener listener;
  TestClient client(listener.port());
  auto answer = client.start(request("GET", "/1"), true);
  {
    auto peer = listener.accept();
    peer.receive_through(kHead);
  }

  const auto got = answer.get();

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_FALSE(listener.has_connection());
}

TEST(Client, ABodyThatFailsIsItsOwnErrorAndNeverSentWhole) {
  struct Case {
    int pieces;
    bool has_size;
    int failing_step;
  };
  for (const auto& [pieces, has_size, failing_step] :
       {Case{5, true, 2}, Case{5, true, 5}, Case{5, false, 5}, Case{1, true, 1}}) {
    RawListener listener;
    TestClient client(listener.port());
    const std::size_t piece_bytes = pieces == 1 ? 100 : 50'000;
    auto answer =
        client.start(request("PUT", "/x", std::make_unique<TestSource>(pieces, piece_bytes, has_size, failing_step)));
    if (pieces > 1) {
      auto peer = listener.accept();
      peer.receive_through(kHead);
      const auto body = peer.receive_rest();
      if (has_size) {
        EXPECT_LT(body.size(), static_cast<std::size_t>(pieces) * piece_bytes);
      } else {
        EXPECT_FALSE(body.ends_with("0\r\n\r\n"));
      }
    }
    const auto got = answer.get();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::kCorrupt);
    client.wait_for_open(0);
  }
}

TEST(Client, ATruncatedBodyIsAnErrorThatCounts) {
  for (const std::string head : {"Content-Length: 10\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\n"}) {
    RawListener listener;
    TestClient client(listener.port());
    auto answer = client.start(request("GET", "/"));
    auto peer = listener.accept();
    peer.receive_through(kHead);
    peer.send("HTTP/1.1 200 OK\r\n" + head + "hello");
    peer.close();
    const auto got = answer.get();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(got.error().message.contains("after 5 ")) << got.error().message;
    client.wait_for_open(0);
  }
}

TEST(Client, AResponseThatIsNotHttpIsRefused) {
  for (const std::string reply :
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 200 OK\r\nbad line\r\n\r\n"}) {
    RawListener listener;
    TestClient client(listener.port());
    auto answer = client.start(request("GET", "/"));
    auto peer = listener.accept();
    peer.receive_through(kHead);
    peer.send(reply);
    const auto got = answer.get();
    ASSERT_FALSE(got) << reply;
    EXPECT_EQ(got.error().code, ErrorCode::kOutcomeUnknown);
  }
}

TEST(Client, AResponseHeadOverTheLimitIsRefused) {
  RawListener listener;
  ClientOptions options;
  options.max_header_bytes = 20'000;
  TestClient client(listener.port(), options);
  auto answer = client.start(request("GET", "/"));
  auto peer = listener.accept();
  peer.receive_through(kHead);
  peer.send("HTTP/1.1 200 OK\r\nX: " + std::string(30'000, 'x'));

  const auto got = answer.get();

  ASSERT_FALSE(got);
  EXPECT_TRUE(got.error().message.contains("header is over 20000 bytes")) << got.error().message;
}

TEST(Client, ABodyThatStallsIsAnError) {
  RawListener listener;
  ClientOptions options;
  options.body_timeout = 50ms;
  TestClient impatient(listener.port(), options);
  TestClient patient(listener.port());
  auto by_timeout = impatient.start(request("GET", "/"));
  auto first = listener.accept();
  first.receive_through(kHead);
  first.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  auto by_deadline = patient.start(request("GET", "/"), false, Deadline::after(1s));
  auto second = listener.accept();
  second.receive_through(kHead);
  second.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");

  const auto stalled = by_timeout.get();
  const auto late = by_deadline.get();

  ASSERT_FALSE(stalled);
  EXPECT_EQ(stalled.error().code, ErrorCode::kUnavailable);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ((*impatient).open_connections(), 0U);
  EXPECT_EQ((*patient).open_connections(), 0U);
}

TEST(Client, ADroppedBodyKeepsTheConnectionOnlyWhereTheRestHasArrived) {
  RawListener listener;
  TestClient client(listener.port());
  auto small = std::async(std::launch::async,
                          [&] { return client.runtime().run(send_and_drop(*client, request("GET", "/small"))); });
  auto first = listener.accept();
  first.receive_through(kHead);
  first.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
  ASSERT_TRUE(small.get());

  auto large = std::async(std::launch::async,
                          [&] { return client.runtime().run(send_and_drop(*client, request("GET", "/large"))); });
  first.receive_through(kHead);
  first.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  ASSERT_TRUE(large.get());

  EXPECT_EQ(first.receive_rest(), "");
  client.wait_for_open(0);
}

TEST(Client, ABodyMayBeDroppedOnAnotherThread) {
  TestServer server(echo);
  TestClient client(server.port());
  {
    auto response = client.runtime().run(
        (*client).send(request("PUT", "/", std::make_unique<TestSource>(100, 100'000, true)), false, soon()));
    ASSERT_TRUE(response);
  }

  client.wait_for_open(0);
}

TEST(Client, WaitsForAConnectionUntilTheDeadline) {
  RawListener listener;
  ClientOptions options;
  options.max_connections = 1;
  TestClient client(listener.port(), options);
  auto first = client.start(request("GET", "/1"));
  auto peer = listener.accept();
  peer.receive_through(kHead);

  const auto refused = client.send(request("GET", "/2"), true, Deadline::after(50ms));
  auto third = client.start(request("GET", "/3"));
  peer.send(kHello);
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(peer.receive_through(kHead).starts_with("GET /3 "));
  peer.send(kHello);

  EXPECT_TRUE(third.get());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ((*client).open_connections(), 1U);
}

TEST(Client, AnIdleConnectionIsClosedAfterAWhile) {
  TestServer server(echo);
  ClientOptions options;
  options.idle_timeout = 50ms;
  TestClient client(server.port(), options);
  ASSERT_TRUE(client.send(request("GET", "/")));

  client.wait_for_open(0);
  server.wait_until_ended(1);
}

TEST(Client, CloseClosesIdleConnections) {
  TestServer server(echo);
  TestClient client(server.port());
  ASSERT_TRUE(client.send(request("GET", "/")));

  ASSERT_TRUE(client.runtime().run((*client).close()));

  EXPECT_EQ((*client).open_connections(), 0U);
  EXPECT_TRUE(client.send(request("GET", "/")));
}

TEST(Client, ARequestCannotSmuggleAnother) {
  TestServer server(echo);
  TestClient client(server.port());
  auto with_field = request("GET", "/");
  with_field.headers.add("X", "a\r\nX-Evil: b");
  with_field.headers.add("Host", "evil");
  with_field.headers.add("Transfer-Encoding", "chunked");

  EXPECT_FALSE(client.send(request("GET", "/ HTTP/1.1\r\nEvil: b\r\n\r\n")));
  EXPECT_FALSE(client.send(request("GE T", "/")));
  EXPECT_FALSE(client.send(request("GET", "")));
  const auto got = client.send(std::move(with_field));

  ASSERT_TRUE(got);
  EXPECT_EQ(got->field, "GET / 127.0.0.1:" + std::to_string(server.port()));
}

Task<void> get_many(Client& client, int count, std::atomic<int>& answered) {
  for (int i = 0; i < count; ++i) {
    const auto answer =
        co_await send_and_read(client, request("PUT", "/x", async::source_of(Bytes("body"))), true, soon());
    if (answer && answer->body == "body") ++answered;
  }
  co_return Result<void>();
}

TEST(Client, ManyRequestsAtOnceShareTheConnections) {
  TestServer server(echo);
  async::TestRuntime runtime(2);
  ClientOptions options;
  options.max_connections = 4;
  Client client(*runtime, Origin{false, "localhost", server.port()}, options);
  std::atomic<int> answered = 0;
  async::TaskGroup group;

  for (int i = 0; i < 40; ++i) group.spawn(runtime.executor(), get_many(client, 25, answered));
  ASSERT_TRUE(runtime.run(group.stop(soon())));

  EXPECT_EQ(answered, 40 * 25);
  EXPECT_LE((*server).statistics().connections_accepted, 8U);
  EXPECT_LE(client.open_connections(), 8U);
}

}  // namespace
}  // namespace tarn::http
