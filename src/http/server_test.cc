#include "http/server.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "async/sync.h"
#include "http/test_support.h"

namespace tarn::http {
namespace {

using namespace std::chrono_literals;

constexpr auto kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

Task<Response> say_hello(Request&) {
  Response response;
  response.body = "hello";
  co_return response;
}

/// Answers once `gate` is open.
FunctionHandler::Function wait_for(async::Event& begun, async::Event& gate) {
  static const auto respond = [](async::Event& has_begun, async::Event& opened) -> Task<Response> {
    has_begun.set();
    (void)co_await opened.wait(Deadline::never());
    Response response;
    response.body = "waited";
    co_return response;
  };
  return [&](Request&) { return respond(begun, gate); };
}

void wait_until_set(const async::Event& event) {
  while (!event.is_set()) std::this_thread::yield();
}

TEST(Server, APortInUseIsAClearError) {
  TestServer first(say_hello);
  async::TestRuntime runtime;
  FunctionHandler handler(say_hello);
  ServerOptions options;
  options.port = first.port();
  Server second(*runtime, options, handler);

  const auto started = second.start();

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(started.error().message,
            "listen on 127.0.0.1:" + std::to_string(first.port()) + ": Address already in use");
}

TEST(Server, AForeignAddressIsAClearError) {
  async::TestRuntime runtime;
  FunctionHandler handler(say_hello);
  ServerOptions options;
  options.host = "192.0.2.1";  // RFC 5737: nobody's
  Server server(*runtime, options, handler);

  const auto started = server.start();

  ASSERT_FALSE(started);
  EXPECT_TRUE(started.error().message.starts_with("listen on 192.0.2.1:0: ")) << started.error().message;
}

TEST(Server, ListensOnAName) {
  ServerOptions options;
  options.host = "localhost";
  TestServer server(say_hello, options);

  EXPECT_EQ(RawClient(server.port()).exchange(kGet).body, "hello");
}

TEST(Server, ConnectionsOverTheLimitAreToldSoAndClosed) {
  ServerOptions options;
  options.max_connections = 2;
  TestServer server(say_hello, options);
  RawClient first(server.port());
  auto second = std::make_unique<RawClient>(server.port());
  EXPECT_EQ(first.exchange(kGet).status, 200);
  EXPECT_EQ(second->exchange(kGet).status, 200);

  RawClient third(server.port());
  const auto refused = third.exchange(kGet);
  third.close();
  second.reset();
  while ((*server).statistics().connections_open != 1) std::this_thread::yield();
  RawClient fourth(server.port());

  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.body.starts_with("too_many_connections: ")) << refused.body;
  EXPECT_EQ((*server).statistics().connections_refused, 1U);
  EXPECT_EQ(fourth.exchange(kGet).status, 200);
}

TEST(Server, ASlowHeadIsRefused) {
  ServerOptions options;
  options.header_timeout = 50ms;
  TestServer server(say_hello, options);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost");

  EXPECT_EQ(client.receive_reply().status, 408);
  EXPECT_EQ(client.receive_rest(), "");
}

TEST(Server, AHeadThatTricklesInIsRefusedAllTheSame) {
  ServerOptions options;
  options.header_timeout = 50ms;
  options.max_header_bytes = 100'000'000;
  TestServer server(say_hello, options);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\nX: ");

  // Byte after byte: each one alone would be in time.
  while (!client.has_answer()) client.send("x");

  EXPECT_EQ(client.receive_reply().status, 408);
}

TEST(Server, AnIdleConnectionIsClosed) {
  ServerOptions options;
  options.idle_timeout = 500ms;
  TestServer server(say_hello, options);
  RawClient silent(server.port());
  RawClient used(server.port());
  EXPECT_EQ(used.exchange(kGet).status, 200);

  EXPECT_EQ(silent.receive_rest(), "");
  EXPECT_EQ(used.receive_rest(), "");
  server.wait_until_ended(2);
}

TEST(Server, ABodyThatStopsArrivingIsAnErrorForTheHandler) {
  ServerOptions options;
  options.body_timeout = 50ms;
  TestServer server(
      [](Request& request) -> Task<Response> {
        const auto body = co_await async::read_all(*request.body, 1000);
        Response response;
        response.status = 400;
        response.body = body ? "whole" : to_string(body.error());
        co_return response;
      },
      options);
  RawClient client(server.port());
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");

  const auto reply = client.receive_reply();

  EXPECT_EQ(reply.body, "deadline_exceeded: the body stopped arriving, after 3 of 10 bytes");
  EXPECT_EQ(client.receive_rest(), "");
}

TEST(Server, AClientThatDoesNotReadIsCutOff) {
  ServerOptions options;
  options.body_timeout = 50ms;
  TestServer server(
      [](Request&) -> Task<Response> {
        Response response;
        response.body = std::make_shared<const Bytes>(50'000'000, 'x');
        co_return response;
      },
      options);
  RawClient client(server.port());
  client.send(kGet);

  server.wait_until_ended(1);

  EXPECT_LT(client.receive_rest().size(), 50'000'000U);
}

TEST(Server, AClientThatGoesAwayDoesNotCancelTheHandler) {
  async::Event begun;
  async::Event gate;
  std::atomic<bool> has_ended = false;
  static const auto respond = [](async::Event& has_begun, async::Event& opened,
                                 std::atomic<bool>& ended) -> Task<Response> {
    has_begun.set();
    (void)co_await opened.wait(Deadline::never());
    ended = true;
    co_return Response();
  };
  TestServer server([&](Request&) { return respond(begun, gate, has_ended); });
  {
    RawClient client(server.port());
    client.send(kGet);
    wait_until_set(begun);
  }

  EXPECT_EQ((*server).statistics().connections_open, 1U);
  gate.set();
  server.wait_until_ended(1);

  EXPECT_TRUE(has_ended);
}

TEST(Server, StopClosesIdleConnectionsAndLetsRunningRequestsFinish) {
  async::Event begun;
  async::Event gate;
  async::TestRuntime runtime(1);  // so that all connections learn of the stop at once
  FunctionHandler handler(wait_for(begun, gate));
  Server server(*runtime, {}, handler);
  ASSERT_TRUE(server.start());
  RawClient idle(server.port());
  RawClient busy(server.port());
  busy.send(kGet);
  wait_until_set(begun);

  std::optional<Result<void>> stopped;
  std::thread stopper([&] { stopped = runtime.run(server.stop(async::soon())); });
  const auto rest_of_idle = idle.receive_rest();
  gate.set();
  const auto reply = busy.receive_reply();
  const auto rest_of_busy = busy.receive_rest();
  stopper.join();

  EXPECT_EQ(rest_of_idle, "");
  EXPECT_EQ(reply.body, "waited");
  EXPECT_EQ(reply.field("Connection"), "close");
  EXPECT_EQ(rest_of_busy, "");
  EXPECT_TRUE(*stopped);
  EXPECT_EQ(server.statistics().connections_open, 0U);
}

TEST(Server, StopCutsWhatIsNotDoneByItsDeadline) {
  async::TestRuntime runtime;
  FunctionHandler handler([](Request& request) -> Task<Response> {
    (void)co_await async::read_all(*request.body, 1000);  // which never arrives
    co_return Response();
  });
  Server server(*runtime, {}, handler);
  ASSERT_TRUE(server.start());
  RawClient client(server.port());
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
  client.receive_through("\r\n\r\n");

  const auto stopped = runtime.run(server.stop(Deadline::after(50ms)));

  EXPECT_TRUE(stopped);
  EXPECT_EQ(client.receive_rest(), "");
  EXPECT_EQ(server.statistics().connections_open, 0U);
}

TEST(Server, StopReportsHandlersThatStillRunAndCanBeCalledAgain) {
  async::Event begun;
  async::Event gate;
  async::TestRuntime runtime;
  FunctionHandler handler(wait_for(begun, gate));
  Server server(*runtime, {}, handler);
  ASSERT_TRUE(server.start());
  RawClient client(server.port());
  client.send(kGet);
  wait_until_set(begun);

  const auto early = runtime.run(server.stop(Deadline::after(10ms)));
  gate.set();
  const auto late = runtime.run(server.stop(async::soon()));

  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(late);
}

TEST(Server, StopsWithoutHavingStarted) {
  async::TestRuntime runtime;
  FunctionHandler handler(say_hello);
  Server server(*runtime, {}, handler);

  EXPECT_TRUE(runtime.run(server.stop(async::soon())));
}

TEST(Server, ManyClientsAtOnceLeaveNoConnectionBehind) {
  TestServer server(say_hello);
  std::vector<std::thread> threads;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 25; ++j) {
        RawClient client(server.port());
        for (int k = 0; k < 4; ++k) answered += client.exchange(kGet).body == "hello" ? 1 : 0;
        // Every other one goes away in the middle of a request.
        if (j % 2 == 0) client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
      }
    });
  }
  for (auto& thread : threads) thread.join();

  server.wait_until_ended(8 * 25);
  EXPECT_EQ(answered, 8 * 25 * 4);
  EXPECT_EQ((*server).statistics().connections_accepted, 8U * 25);
}

}  // namespace
}  // namespace tarn::http
