// The HTTP client where it differs from the promise's everyday: answers that are foreign, late or missing, and what it
// sends. contract_test.cc has the rest.
#include "catalog_api/client.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "async/sync.h"
#include "async/test_support.h"
#include "catalog_api/client_internal.h"
#include "catalog_api/fake_catalog.h"
#include "catalog_api/server.h"
#include "catalog_api/test_support.h"
#include "http/server.h"

namespace tarn::catalog_api {
namespace {

using async::soon;

/// A body that fails after its first bytes, which cuts the connection.
class BrokenBody final : public async::ByteSource {
 public:
  Task<ByteView> next() override {
    if (!std::exchange(has_begun_, true)) co_return ByteView("{");
    co_return failure(ErrorCode::kInternal, "broken");
  }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }

 private:
  bool has_begun_ = false;
};

/// Answers every request as it is told, and remembers the last.
class ScriptedHandler final : public http::Handler {
 public:
  int status = 200;
  Bytes body;
  bool is_broken = false;        ///< the answer breaks off
  async::Event* gate = nullptr;  ///< answers once it is set
  std::string last_method, last_target, last_authorization, last_timeout, last_cache_control;

  Task<http::Response> handle(http::Request& request) override {
    last_method = request.method;
    last_target = request.target;
    last_authorization = request.headers.get("Authorization").value_or("");
    last_timeout = request.headers.get("X-Request-Timeout-Ms").value_or("");
    last_cache_control = request.headers.get("Cache-Control").value_or("");
    if (gate != nullptr) co_await gate->wait(soon());
    http::Response response;
    response.status = status;
    response.body = body;
    if (is_broken) response.body = std::make_unique<BrokenBody>();
    co_return response;
  }
  http::Response refuse(int refused, std::string_view, std::string_view, std::string_view) override {
    http::Response response;
    response.status = refused;
    return response;
  }
};

class ClientTest : public testing::Test {
 protected:
  ~ClientTest() override {
    if (http_) EXPECT_TRUE(runtime_.run(http_->close()));
    if (server_) EXPECT_TRUE(runtime_.run(server_->stop(soon())));
  }
  Client& client(http::Handler& handler, ClientOptions options = {}) {
    server_.emplace(*runtime_, http::ServerOptions{}, handler);
    EXPECT_TRUE(server_->start());
    http_.emplace(*runtime_, http::Origin{.host = "127.0.0.1", .port = server_->port()}, http::ClientOptions{});
    return client_.emplace(*http_, std::move(options));
  }
  static catalog::RegisterRequest flights() {
    return {.name = "flights", .schema_fingerprint = "f", .objects = {}, .row_count = {}};
  }

  async::TestRuntime runtime_;
  ScriptedHandler handler_;
  std::optional<http::Server> server_;
  std::optional<http::Client> http_;
  std::optional<Client> client_;
};

TEST_F(ClientTest, EveryFieldArrives) {
  FakeCatalog catalog;
  catalog.put(full_manifest());
  const Access access({});
  async::ThreadPool pool("test", 1);
  NullLogger logger;
  Metrics metrics;
  Server server({catalog, access, pool, logger, metrics}, {});

  const auto got = runtime_.run(client(server).get("nyc.flights", catalog::Freshness::kCached, soon()));
  const auto page = runtime_.run(client_->list({}, soon()));

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(**got, full_manifest());
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(*page->datasets.at(0), full_manifest());
}

TEST_F(ClientTest, ErrorsComeBackWithTheirReason) {
  handler_.status = 409;
  handler_.body = R"({"error":{"code":"fingerprint_conflict","message":"f1 is not f2"}})";

  const auto result = runtime_.run(client(handler_).register_dataset(flights(), soon()));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kConflict);
  EXPECT_EQ(result.error().reason, catalog::kFingerprintConflict);
  EXPECT_EQ(result.error().message, "f1 is not f2");
}

TEST_F(ClientTest, AProxysAnswerLeavesAWriteInDoubtAndAReadUnavailable) {
  handler_.status = 502;
  handler_.body = "<html>Bad Gateway</html>";

  const auto written = runtime_.run(client(handler_).register_dataset(flights(), soon()));
  const auto dropped = runtime_.run(client_->drop("a", soon()));
  const auto restored = runtime_.run(client_->undrop("a", soon()));
  const auto read = runtime_.run(client_->get("a", catalog::Freshness::kCached, soon()));
  const auto listed = runtime_.run(client_->list({}, soon()));

  ASSERT_FALSE(written || dropped || restored || read || listed);
  EXPECT_EQ(written.error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(dropped.error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(restored.error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(read.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(listed.error().code, ErrorCode::kUnavailable);
}

TEST_F(ClientTest, AnAnswerThatBreaksOffLeavesAWriteInDoubtAndAReadUnavailable) {
  handler_.is_broken = true;

  const auto written = runtime_.run(client(handler_).register_dataset(flights(), soon()));
  const auto read = runtime_.run(client_->get("a", catalog::Freshness::kCached, soon()));

  ASSERT_FALSE(written || read);
  EXPECT_EQ(written.error().code, ErrorCode::kOutcomeUnknown) << written.error().message;
  EXPECT_EQ(read.error().code, ErrorCode::kUnavailable) << read.error().message;
}

TEST_F(ClientTest, AnAnswerThatIsLateLeavesAWriteInDoubtAndAReadTooLate) {
  async::Event gate;
  handler_.gate = &gate;
  const auto shortly = [] { return Deadline::after(std::chrono::milliseconds(50)); };

  const auto written = runtime_.run(client(handler_).register_dataset(flights(), shortly()));
  const auto read = runtime_.run(client_->get("a", catalog::Freshness::kCached, shortly()));
  gate.set();

  ASSERT_FALSE(written || read);
  EXPECT_EQ(written.error().code, ErrorCode::kOutcomeUnknown) << written.error().message;
  EXPECT_EQ(read.error().code, ErrorCode::kDeadlineExceeded) << read.error().message;
  ASSERT_TRUE(runtime_.run(server_->stop(soon())));  // the handlers use the gate
}

TEST_F(ClientTest, AnAnswerThatIsNotAsDocumentedIsTheServersFault) {
  handler_.body = R"({"dataset":{}})";

  const auto result = runtime_.run(client(handler_).register_dataset(flights(), soon()));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kInternal);
  EXPECT_TRUE(result.error().message.starts_with("the server's answer: ")) << result.error().message;
}

TEST_F(ClientTest, NobodyListeningIsUnavailable) {
  client(handler_);
  ASSERT_TRUE(runtime_.run(server_->stop(soon())));

  const auto result = runtime_.run(client_->register_dataset(flights(), soon()));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable) << result.error().message;
}

TEST_F(ClientTest, SendsTokenDeadlineAndFreshness) {
  handler_.status = 404;

  (void)runtime_.run(client(handler_, {.token = "s3cret"})
                         .get("a/b c", catalog::Freshness::kCurrent, Deadline::after(std::chrono::seconds(20))));

  EXPECT_EQ(handler_.last_target, "/v1/datasets/a%2Fb%20c");
  EXPECT_EQ(handler_.last_authorization, "Bearer s3cret");
  EXPECT_EQ(handler_.last_cache_control, "no-cache");
  EXPECT_LE(std::stol(handler_.last_timeout), 19'900);
  EXPECT_GT(std::stol(handler_.last_timeout), 10'000);
}

TEST_F(ClientTest, ADeadlineThatHasPassedSendsNothing) {
  const auto result =
      runtime_.run(client(handler_).register_dataset(flights(), Deadline::after(std::chrono::seconds(-1))));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(handler_.last_method, "");
}

TEST_F(ClientTest, TextThatIsNotUtf8IsNotSent) {
  auto request = flights();
  request.objects = {{"a", 1, {}}, {"b\xff", 1, {}}};

  const auto result = runtime_.run(client(handler_).register_dataset(std::move(request), soon()));
  const auto listed = runtime_.run(client_->list({.prefix = "\xff"}, soon()));
  const auto got = runtime_.run(client_->get("\xff", catalog::Freshness::kCached, soon()));

  ASSERT_FALSE(result || listed || got);
  EXPECT_EQ(result.error().message, "objects.key: expected UTF-8");
  EXPECT_EQ(listed.error().message, "prefix: expected UTF-8");
  EXPECT_EQ(got.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(handler_.last_method, "");
}

TEST(TimeoutForServer, IsLessThanIsLeftAndWithinTheServersBounds) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;

  EXPECT_LE(timeout_for_server(Deadline::after(milliseconds(500))), milliseconds(450));
  EXPECT_GT(timeout_for_server(Deadline::after(seconds(20))), seconds(15));
  EXPECT_EQ(timeout_for_server(Deadline::after(seconds(-1))), milliseconds(1));
  EXPECT_EQ(timeout_for_server(Deadline::never()), kMaxTimeout);
}

TEST(CutToBytes, LeavesAtLeastOneAndSaysThatMoreFollow) {
  const auto page_of = [](std::size_t count) {
    catalog::DatasetPage page;
    for (std::size_t i = 0; i < count; ++i) {
      page.datasets.push_back(std::make_shared<const catalog::Manifest>(full_manifest()));
    }
    return page;
  };
  auto tiny = page_of(3), middle = page_of(3), enough = page_of(3), empty = page_of(0);

  cut_to_bytes(tiny, 1);
  cut_to_bytes(middle, 1'000);
  cut_to_bytes(enough, 1 << 20);
  cut_to_bytes(empty, 1);

  EXPECT_EQ(tiny.datasets.size(), 1U);
  EXPECT_TRUE(tiny.is_truncated);
  EXPECT_EQ(middle.datasets.size(), 2U);
  EXPECT_TRUE(middle.is_truncated);
  EXPECT_EQ(enough.datasets.size(), 3U);
  EXPECT_FALSE(enough.is_truncated);
  EXPECT_FALSE(empty.is_truncated);
}

}  // namespace
}  // namespace tarn::catalog_api
