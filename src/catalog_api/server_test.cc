#include "catalog_api/server.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "async/byte_source.h"
#include "async/test_support.h"
#include "base/digest.h"
#include "catalog_api/fake_catalog.h"
#include "catalog_api/json.h"
#include "catalog_api/test_support.h"

namespace tarn::catalog_api {
namespace {

/// Keeps the lines of the requests.
class RecordingLogger final : public Logger {
 public:
  bool is_enabled(LogLevel) const override { return true; }
  std::string last() const { return lines_.empty() ? "" : lines_.back(); }
  std::size_t size() const { return lines_.size(); }

 protected:
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override {
    lines_.push_back(format_log_line(LogFormat::kText, Timestamp(), level, event, fields));
  }

 private:
  std::vector<std::string> lines_;
};

/// A body that claims a size, or none, and yields `pieces` pieces of 256 KiB.
class LongBody final : public async::ByteSource {
 public:
  LongBody(std::size_t pieces, std::optional<std::uint64_t> size) : pieces_(pieces), size_(size) {}
  Task<ByteView> next() override {
    if (pieces_ == 0) co_return ByteView();
    --pieces_;
    co_return ByteView(piece_);
  }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  const Bytes piece_ = Bytes(256 * 1024, ' ');
  std::size_t pieces_;
  std::optional<std::uint64_t> size_;
};

struct Answer {
  int status = 0;
  http::Headers headers;
  std::string body;
};

std::string text_of(const http::Response& response) {
  if (const auto* bytes = std::get_if<Bytes>(&response.body)) return *bytes;
  if (const auto* shared = std::get_if<std::shared_ptr<const Bytes>>(&response.body)) return **shared;
  return "a stream";
}

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The server over a fake catalog, without sockets.
class ServerTest : public testing::Test {
 protected:
  Answer call(std::string method, std::string target, const Fields& fields = {}, std::string body = {}) {
    return call_with(std::move(method), std::move(target), fields, async::source_of(std::move(body)));
  }
  Answer call_with(std::string method, std::string target, const Fields& fields,
                   std::unique_ptr<async::ByteSource> body) {
    http::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.peer = "127.0.0.1:40112";
    request.id = "r-1";
    request.body = std::move(body);
    bool has_host = false;
    for (const auto& [name, value] : fields) {
      has_host = has_host || name == "Host";
      request.headers.add(name, value);
    }
    if (!has_host) request.headers.add("Host", "localhost:8181");
    auto response = runtime_.run(server().handle(request));
    EXPECT_TRUE(response) << "handlers map their own errors";
    if (!response) return {};
    return {response->status, response->headers, text_of(*response)};
  }
  Answer post(std::string body) {
    return call("POST", "/v1/datasets", {{"Content-Type", "application/json"}}, std::move(body));
  }
  void use_tokens() {
    access_.emplace(std::vector<TokenHash>{{.name = "reader", .sha256 = sha256("r"), .role = Role::kRead},
                                           {.name = "writer", .sha256 = sha256("w"), .role = Role::kWrite}});
  }
  Server& server() {
    if (!server_) {
      server_.emplace(Server::Dependencies{catalog_, *access_, pool_, logger_, metrics_},
                      ServerOptions{.is_ready = [this] { return is_ready_; },
                                    .cached_bodies = cached_bodies_,
                                    .large_requests_at_once = large_requests_at_once_,
                                    .has_access_log = has_access_log_});
    }
    return *server_;
  }

  async::TestRuntime runtime_{1};
  async::ThreadPool pool_{"test", 1};
  FakeCatalog catalog_;
  RecordingLogger logger_;
  Metrics metrics_;
  std::optional<Access> access_{std::vector<TokenHash>{}};
  bool is_ready_ = true;
  std::size_t cached_bodies_ = 1024;
  std::size_t large_requests_at_once_ = 4;
  bool has_access_log_ = true;
  std::optional<Server> server_;
};

void expect_error(const Answer& answer, int status, std::string_view code) {
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/json");
  const auto error = parse_error(answer.body);
  ASSERT_TRUE(error) << answer.body;
  EXPECT_EQ(error->code, code);
  EXPECT_FALSE(error->message.empty());
}

constexpr auto* kFlights = R"({"name":"flights","schema_fingerprint":"f1","objects":[{"key":"a","size":1}]})";

TEST_F(ServerTest, RegisterCreatesAndThenReplaces) {
  const auto created = post(kFlights);
  const auto replaced = post(kFlights);

  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.headers.get("Location"), "/v1/datasets/flights");
  EXPECT_TRUE(created.body.ends_with(R"("existing":false})")) << created.body;
  EXPECT_EQ(replaced.status, 200);
  EXPECT_FALSE(replaced.headers.has("Location"));
  const auto result = parse_register_result(replaced.body);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->is_existing);
  EXPECT_EQ(result->manifest->revision, 2U);
  EXPECT_EQ(replaced.headers.get("ETag"), '"' + result->manifest->commit_id.to_string() + '"');
}

TEST_F(ServerTest, RegisterAcceptsAMediaTypeWithParameters) {
  EXPECT_EQ(call("POST", "/v1/datasets", {{"Content-Type", "Application/JSON ; charset=utf-8"}}, kFlights).status, 201);
}

TEST_F(ServerTest, RegisterRefusesWhatIsNotJsonByItsType) {
  for (const auto* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"}) {
    const auto answer = call("POST", "/v1/datasets", {{"Content-Type", type}}, kFlights);
    expect_error(answer, 415, "invalid_argument");
  }
  expect_error(call("POST", "/v1/datasets", {}, kFlights), 415, "invalid_argument");
}

TEST_F(ServerTest, RegisterTellsTheFieldThatIsWrong) {
  const auto answer = post(R"({"name":"flights","schema_fingerprint":"f1","objects":[{"key":"a","size":-1}]})");

  expect_error(answer, 400, "invalid_argument");
  EXPECT_TRUE(answer.body.contains("objects[0].size")) << answer.body;
}

TEST_F(ServerTest, RegisterRefusesABodyOverTheLimitBeforeReadingIt) {
  const auto answer = call_with("POST", "/v1/datasets", {{"Content-Type", "application/json"}},
                                std::make_unique<LongBody>(0, kMaxRequestBytes + 1));

  expect_error(answer, 413, "too_large");
}

TEST_F(ServerTest, RegisterRefusesAStreamedBodyOverTheLimit) {
  constexpr std::size_t kPieces = kMaxRequestBytes / (256 * 1024);

  const auto at_limit = call_with("POST", "/v1/datasets", {{"Content-Type", "application/json"}},
                                  std::make_unique<LongBody>(kPieces, std::nullopt));
  const auto beyond = call_with("POST", "/v1/datasets", {{"Content-Type", "application/json"}},
                                std::make_unique<LongBody>(kPieces + 1, std::nullopt));

  // White space alone is no JSON; it was read whole to find that out.
  expect_error(at_limit, 400, "invalid_argument");
  expect_error(beyond, 413, "too_large");
}

TEST_F(ServerTest, RegisterReadsALargeBody) {
  catalog::RegisterRequest request;
  request.name = "big";
  request.schema_fingerprint = "f";
  for (int i = 0; i < 30'000; ++i)
    request.objects.push_back({"some/rather/long/key/of/a/file/" + std::to_string(i), 1, {}});
  const auto body = render_register_request(request);
  ASSERT_GT(body.size(), std::size_t{1} << 20);

  const auto answer = post(body);
  const auto again = call("GET", "/v1/datasets/big");

  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(catalog_.last_request().objects, request.objects);
  const auto read = parse_dataset(again.body);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ((*read)->objects, request.objects);
}

TEST_F(ServerTest, ALargeBodyWithoutATurnInTimeIsNotRead) {
  large_requests_at_once_ = 0;

  const auto large =
      call_with("POST", "/v1/datasets", {{"Content-Type", "application/json"}, {"X-Request-Timeout-Ms", "20"}},
                std::make_unique<LongBody>(8, std::nullopt));
  const auto small = post(kFlights);

  expect_error(large, 504, "deadline_exceeded");
  EXPECT_EQ(small.status, 201);
}

TEST_F(ServerTest, AFingerprintConflictIs409) {
  post(kFlights);

  const auto answer = post(R"({"name":"flights","schema_fingerprint":"f2","objects":[]})");

  expect_error(answer, 409, "fingerprint_conflict");
  EXPECT_TRUE(answer.body.contains("f1") && answer.body.contains("f2")) << answer.body;
}

TEST_F(ServerTest, GetAnswersTheDatasetWithItsEtag) {
  catalog_.put(full_manifest());

  const auto answer = call("GET", "/v1/datasets/nyc.flights");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/json");
  EXPECT_EQ(answer.headers.get("ETag"), "\"0199a0e4-7f5c-7abc-8def-0123456789ab\"");
  EXPECT_EQ(answer.headers.get("X-Request-Id"), "r-1");
  EXPECT_EQ(answer.body, render_dataset(full_manifest()));
}

TEST_F(ServerTest, GetAnswersTheNewCommitAfterTheCachedOne) {
  post(kFlights);
  const auto first = call("GET", "/v1/datasets/flights");
  post(kFlights);

  const auto second = call("GET", "/v1/datasets/flights");

  EXPECT_TRUE(first.body.contains(R"("revision":1)"));
  EXPECT_TRUE(second.body.contains(R"("revision":2)"));
}

TEST_F(ServerTest, DatasetsThatShareAPlaceInTheCacheAreNotMixedUp) {
  for (const std::size_t places : {1, 0}) {
    cached_bodies_ = places;
    server_.reset();
    for (const auto* name : {"a", "b", "a"}) {
      post(R"({"name":")" + std::string(name) + R"(","schema_fingerprint":"f","objects":[]})");

      const auto answer = call("GET", "/v1/datasets/" + std::string(name));

      EXPECT_TRUE(answer.body.contains("\"name\":\"" + std::string(name) + '"')) << answer.body;
    }
  }
}

TEST_F(ServerTest, GetDecodesTheName) {
  catalog_.put(full_manifest());

  EXPECT_EQ(call("GET", "/v1/datasets/nyc%2Eflights").status, 200);
  expect_error(call("GET", "/v1/datasets/nyc%2"), 400, "invalid_argument");
}

TEST_F(ServerTest, GetOfAnUnknownNameIs404) {
  expect_error(call("GET", "/v1/datasets/nobody"), 404, "not_found");
  expect_error(call("GET", "/v1/datasets/a%FFb"), 404, "not_found");
}

TEST_F(ServerTest, IfNoneMatchAnswers304ForTheSameCommit) {
  catalog_.put(full_manifest());
  const std::string etag = "\"0199a0e4-7f5c-7abc-8def-0123456789ab\"";

  for (const auto& value : {etag, "W/" + etag, "\"x\" , " + etag, std::string("*")}) {
    const auto answer = call("GET", "/v1/datasets/nyc.flights", {{"If-None-Match", value}});
    EXPECT_EQ(answer.status, 304) << value;
    EXPECT_EQ(answer.headers.get("ETag"), etag);
    EXPECT_EQ(answer.body, "");
  }
  for (const auto* value : {"\"x\"", "", "0199a0e4-7f5c-7abc-8def-0123456789ab", ","}) {
    EXPECT_EQ(call("GET", "/v1/datasets/nyc.flights", {{"If-None-Match", value}}).status, 200) << value;
  }
}

TEST_F(ServerTest, NoCacheAsksTheStore) {
  catalog_.put(full_manifest());

  call("GET", "/v1/datasets/nyc.flights", {{"Cache-Control", "max-age=0, No-Cache"}});
  const auto with_no_cache = catalog_.last_freshness();
  call("GET", "/v1/datasets/nyc.flights", {{"Cache-Control", "no-cached"}});

  EXPECT_EQ(with_no_cache, catalog::Freshness::kCurrent);
  EXPECT_EQ(catalog_.last_freshness(), catalog::Freshness::kCached);
}

TEST_F(ServerTest, ListGoesPageByPage) {
  for (const auto* name : {"a", "b", "c"}) {
    post(R"({"name":")" + std::string(name) + R"(","schema_fingerprint":"f","objects":[]})");
  }

  const auto first = call("GET", "/v1/datasets?page_size=2&view=names");
  const auto page = parse_page(call("GET", "/v1/datasets?page_size=2").body);
  const auto second = call("GET", "/v1/datasets?page_size=2&view=names&page_token=n62");

  EXPECT_TRUE(first.body.ends_with(R"("name":"b"}],"next_page_token":"n62"})")) << first.body;
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->is_truncated);
  EXPECT_EQ(page->datasets.size(), 2U);
  EXPECT_TRUE(second.body.ends_with(R"("name":"c"}]})")) << second.body;
}

TEST_F(ServerTest, ListRefusesABadPageSize) {
  expect_error(call("GET", "/v1/datasets?page_size=0"), 400, "invalid_argument");
  expect_error(call("GET", "/v1/datasets?page_size=1001"), 400, "invalid_argument");
}

TEST_F(ServerTest, DropAndUndrop) {
  post(kFlights);

  const auto dropped = call("DELETE", "/v1/datasets/flights");
  const auto gone = call("GET", "/v1/datasets/flights");
  const auto listed = call("GET", "/v1/datasets?state=dropped");
  const auto dropped_again = call("DELETE", "/v1/datasets/flights");
  const auto restored = call("POST", "/v1/datasets/flights:undrop");

  EXPECT_EQ(dropped.status, 204);
  EXPECT_EQ(dropped.body, "");
  expect_error(gone, 404, "not_found");
  EXPECT_TRUE(listed.body.contains(R"("state":"dropped")")) << listed.body;
  expect_error(dropped_again, 404, "not_found");
  EXPECT_EQ(restored.status, 200);
  EXPECT_TRUE(restored.body.contains(R"("state":"live")")) << restored.body;
  expect_error(call("POST", "/v1/datasets/nobody:undrop"), 404, "not_found");
}

TEST_F(ServerTest, ErrorsOfTheCatalogAreMapped) {
  post(kFlights);
  struct Case {
    Error error;
    int status;
    std::string_view code;
  };
  for (const Case& c : {Case{{ErrorCode::kUnavailable, "down"}, 503, "store_unavailable"},
                        {{ErrorCode::kOutcomeUnknown, "no proof"}, 503, "commit_state_unknown"},
                        {{ErrorCode::kDeadlineExceeded, "late"}, 504, "deadline_exceeded"},
                        {{ErrorCode::kNoSpace, "full"}, 507, "store_unavailable"},
                        {{ErrorCode::kCorrupt, "bad bytes"}, 500, "internal"}}) {
    catalog_.fail_with(c.error);
    expect_error(post(kFlights), c.status, c.code);
    expect_error(call("GET", "/v1/datasets/flights"), c.status, c.code);
    expect_error(call("GET", "/v1/datasets"), c.status, c.code);
    expect_error(call("DELETE", "/v1/datasets/flights"), c.status, c.code);
    expect_error(call("POST", "/v1/datasets/flights:undrop"), c.status, c.code);
  }
}

TEST_F(ServerTest, UnknownQueryParametersAreRefused) {
  catalog_.put(full_manifest());

  expect_error(call("GET", "/v1/datasets?pagesize=1"), 400, "invalid_argument");
  expect_error(call("GET", "/v1/datasets/nyc.flights?force=1"), 400, "invalid_argument");
  expect_error(call("DELETE", "/v1/datasets/nyc.flights?force=1"), 400, "invalid_argument");
  expect_error(call("POST", "/v1/datasets/nyc.flights:undrop?x"), 400, "invalid_argument");
  expect_error(call("POST", "/v1/datasets?x=1", {{"Content-Type", "application/json"}}, kFlights), 400,
               "invalid_argument");
}

TEST_F(ServerTest, UnknownPathsAndMethodsAreTold) {
  expect_error(call("GET", "/v1/nothing"), 404, "not_found");
  expect_error(call("GET", "/"), 404, "not_found");
  const auto put = call("PUT", "/v1/datasets/flights");
  expect_error(put, 405, "invalid_argument");
  EXPECT_EQ(put.headers.get("Allow"), "GET, HEAD, DELETE");
}

TEST_F(ServerTest, ADeadlineComesFromTheHeaderOrIsHalfAMinute) {
  call("GET", "/v1/datasets");
  const auto by_default = catalog_.last_time_left();
  call("GET", "/v1/datasets", {{"X-Request-Timeout-Ms", "600000"}});
  const auto longest = catalog_.last_time_left();

  EXPECT_LE(by_default, std::chrono::seconds(30));
  EXPECT_GT(by_default, std::chrono::seconds(20));
  EXPECT_LE(longest, std::chrono::minutes(10));
  EXPECT_GT(longest, std::chrono::minutes(9));
}

TEST_F(ServerTest, ADeadlineOutOfBoundsIsRefused) {
  for (const auto* value : {"", "0", "-1", "600001", "1.5", "30s", "99999999999999999999"}) {
    expect_error(call("GET", "/v1/datasets", {{"X-Request-Timeout-Ms", value}}), 400, "invalid_argument");
  }
}

TEST_F(ServerTest, WithoutTokensOnlyLoopbackMayAsk) {
  for (const auto* path : {"/v1/datasets", "/healthz", "/readyz", "/metrics", "/openapi.json", "/nothing"}) {
    expect_error(call("GET", path, {{"Host", "evil.example"}}), 403, "permission_denied");
    expect_error(call("GET", path, {{"Origin", "http://evil.example"}}), 403, "permission_denied");
  }
  EXPECT_EQ(call("GET", "/v1/datasets", {{"Host", "127.0.0.1:8181"}, {"Origin", "http://localhost:3000"}}).status, 200);
}

TEST_F(ServerTest, WithTokensTheRoleDecides) {
  use_tokens();
  const Fields reader = {{"Host", "tarn.example"}, {"Authorization", "Bearer r"}};
  const Fields writer = {{"Host", "tarn.example"}, {"Authorization", "Bearer w"}, {"Content-Type", "application/json"}};

  EXPECT_EQ(call("POST", "/v1/datasets", writer, kFlights).status, 201);
  EXPECT_EQ(call("GET", "/v1/datasets/flights", reader).status, 200);
  EXPECT_EQ(call("GET", "/v1/datasets", reader).status, 200);
  EXPECT_EQ(call("GET", "/metrics", reader).status, 200);
  expect_error(call("POST", "/v1/datasets", reader, kFlights), 403, "permission_denied");
  expect_error(call("DELETE", "/v1/datasets/flights", reader), 403, "permission_denied");
  expect_error(call("POST", "/v1/datasets/flights:undrop", reader), 403, "permission_denied");
  EXPECT_EQ(call("DELETE", "/v1/datasets/flights", writer).status, 204);
  EXPECT_EQ(call("POST", "/v1/datasets/flights:undrop", writer).status, 200);
}

TEST_F(ServerTest, WithoutAKnownTokenOnlyOpenPathsAnswer) {
  use_tokens();

  for (const auto* path : {"/v1/datasets", "/v1/datasets/flights", "/metrics"}) {
    const auto answer = call("GET", path, {{"Authorization", "Bearer wrong"}});
    expect_error(answer, 401, "unauthenticated");
    EXPECT_EQ(answer.headers.get("WWW-Authenticate"), "Bearer");
  }
  for (const auto* path : {"/healthz", "/readyz", "/openapi.json"}) EXPECT_EQ(call("GET", path).status, 200) << path;
}

TEST_F(ServerTest, HealthIsGoodWhileReadinessWaits) {
  is_ready_ = false;

  EXPECT_EQ(call("GET", "/healthz").status, 200);
  expect_error(call("GET", "/readyz"), 503, "store_unavailable");
  is_ready_ = true;
  EXPECT_EQ(call("GET", "/readyz").body, R"({"status":"ready"})");
}

TEST_F(ServerTest, MetricsCountRequestsByOperationAndResult) {
  call("GET", "/v1/datasets/nobody");
  call("GET", "/v1/datasets");

  const auto answer = call("GET", "/metrics");

  EXPECT_EQ(answer.headers.get("Content-Type"), Metrics::kContentType);
  EXPECT_TRUE(answer.body.contains(
      R"(tarn_catalog_api_requests_total{wire="http",operation="getDataset",result="client_error"} 1)"))
      << answer.body;
  EXPECT_TRUE(
      answer.body.contains(R"(tarn_catalog_api_requests_total{wire="http",operation="listDatasets",result="ok"} 1)"));
}

TEST_F(ServerTest, EveryRequestIsOneLogLine) {
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  call("GET", "/v1/datasets/nobody", {{"traceparent", trace}});
  const auto line = logger_.last();
  call("GET", "/nothing", {{"traceparent", "00-xyz"}});

  EXPECT_TRUE(line.contains("info request wire=http op=getDataset code=404 ms=")) << line;
  EXPECT_TRUE(line.contains("request_id=r-1 peer=127.0.0.1:40112 key=nobody traceparent=" + trace)) << line;
  EXPECT_EQ(logger_.size(), 2U);
  EXPECT_TRUE(logger_.last().contains("op=unmatched")) << logger_.last();
  EXPECT_FALSE(logger_.last().contains("traceparent")) << logger_.last();
}

TEST_F(ServerTest, WithoutAnAccessLogOnlyFailuresOfOursAreLines) {
  has_access_log_ = false;

  call("GET", "/v1/datasets");
  call("GET", "/v1/datasets/nobody");
  EXPECT_EQ(logger_.size(), 0U);
  catalog_.fail_with(Error{.code = ErrorCode::kUnavailable, .message = "the store is away"});
  call("GET", "/v1/datasets");

  ASSERT_EQ(logger_.size(), 1U);
  EXPECT_TRUE(logger_.last().contains("warning request wire=http op=listDatasets code=503")) << logger_.last();
}

TEST_F(ServerTest, WhatTheHttpServerRefusesHasOurErrorForm) {
  for (const auto& [status, code] : std::vector<std::pair<int, std::string_view>>{{400, "invalid_argument"},
                                                                                  {408, "deadline_exceeded"},
                                                                                  {431, "invalid_argument"},
                                                                                  {500, "internal"},
                                                                                  {503, "store_unavailable"},
                                                                                  {505, "invalid_argument"}}) {
    const auto response = server().refuse(status, "bad_request", "no", "r-2");

    expect_error({response.status, response.headers, text_of(response)}, status, code);
    EXPECT_EQ(response.headers.get("X-Request-Id"), "r-2");
  }
}

}  // namespace
}  // namespace tarn::catalog_api
