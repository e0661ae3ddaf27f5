// Client and server over a real connection, and what only gRPC has.
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include "async/sync.h"
#include "async/test_support.h"
#include "base/digest.h"
#include "catalog_api/fake_catalog.h"
#include "catalog_api/grpc_client.h"
#include "catalog_api/grpc_server.h"
#include "catalog_api/json.h"
#include "catalog_api/proto_internal.h"
#include "catalog_api/server.h"
#include "catalog_api/test_support.h"
#include "tarn/catalog/v1/catalog.grpc.pb.h"

namespace tarn::catalog_api {
namespace {

namespace v1 = catalog::v1;

using async::soon;

catalog::RegisterRequest flights() {
  return {.name = "flights", .schema_fingerprint = "f1", .objects = {{"a", 1, "e"}, {"b", 2, {}}}, .row_count = 3};
}

class GrpcTest : public testing::Test {
 protected:
  void SetUp() override {
    if (TARN_THREAD_SANITIZER) GTEST_SKIP() << "gRPC is not instrumented";
  }
  ~GrpcTest() override {
    if (server_) {
      const auto stopped = runtime_.run(server_->stop(soon()));
      EXPECT_TRUE(stopped) << stopped.error().message;
    }
  }

  GrpcServer& server(const GrpcServerOptions& options = {}) {
    if (!server_) {
      server_.emplace(GrpcServer::Dependencies{catalog_, *access_, *runtime_, pool_, logger_, metrics_}, options);
      const auto started = server_->start();
      EXPECT_TRUE(started) << started.error().message;
    }
    return *server_;
  }
  std::string address() { return "127.0.0.1:" + std::to_string(server().port()); }
  GrpcClient& client(std::string token = {}) {
    client_ = std::make_unique<GrpcClient>(GrpcClientOptions{.target = address(), .token = std::move(token)});
    return *client_;
  }
  std::unique_ptr<v1::Catalog::Stub> stub() {
    return v1::Catalog::NewStub(grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  }

  async::TestRuntime runtime_{2};
  async::ThreadPool pool_{"test", 1};
  FakeCatalog catalog_;
  NullLogger logger_;
  Metrics metrics_;
  std::optional<Access> access_{std::vector<TokenHash>{}};
  std::optional<GrpcServer> server_;
  std::unique_ptr<GrpcClient> client_;
};

TEST_F(GrpcTest, EveryVerbWorks) {
  auto& grpc = client();

  const auto created = runtime_.run(grpc.register_dataset(flights(), soon()));
  const auto existing = runtime_.run(grpc.register_dataset(flights(), soon()));
  const auto got = runtime_.run(grpc.get("flights", catalog::Freshness::kCurrent, soon()));
  const auto page = runtime_.run(grpc.list({}, soon()));
  const auto dropped = runtime_.run(grpc.drop("flights", soon()));
  const auto gone = runtime_.run(grpc.get("flights", catalog::Freshness::kCached, soon()));
  const auto restored = runtime_.run(grpc.undrop("flights", soon()));

  ASSERT_TRUE(created) << created.error().message;
  EXPECT_FALSE(created->is_existing);
  EXPECT_EQ(created->manifest->objects, flights().objects);
  ASSERT_TRUE(existing) << existing.error().message;
  EXPECT_TRUE(existing->is_existing);
  EXPECT_EQ(existing->manifest->revision, 2U);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(**got, *existing->manifest);
  EXPECT_EQ(catalog_.last_freshness(), catalog::Freshness::kCached);
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->datasets.size(), 1U);
  EXPECT_EQ(*page->datasets[0], **got);
  EXPECT_TRUE(dropped) << dropped.error().message;
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ((*restored)->state, catalog::DatasetState::kLive);
}

TEST_F(GrpcTest, EveryFieldArrives) {
  catalog_.put(full_manifest());

  const auto got = runtime_.run(client().get("nyc.flights", catalog::Freshness::kCached, soon()));

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(**got, full_manifest());
}

TEST_F(GrpcTest, PagesGoOnWhereTheLastOneEnded) {
  auto& grpc = client();
  for (const auto* name : {"a", "b", "c"}) {
    auto request = flights();
    request.name = name;
    ASSERT_TRUE(runtime_.run(grpc.register_dataset(std::move(request), soon())));
  }
  catalog::ListDatasets query;
  query.limit = 2;

  const auto first = runtime_.run(grpc.list(query, soon()));
  query.after = "b";
  const auto second = runtime_.run(grpc.list(query, soon()));
  query.after = "";
  query.limit_bytes = 1;
  const auto tiny = runtime_.run(grpc.list(query, soon()));

  ASSERT_TRUE(first && second && tiny);
  EXPECT_TRUE(first->is_truncated);
  EXPECT_EQ(first->datasets.size(), 2U);
  EXPECT_FALSE(second->is_truncated);
  ASSERT_EQ(second->datasets.size(), 1U);
  EXPECT_EQ(second->datasets[0]->name, "c");
  EXPECT_EQ(tiny->datasets.size(), 1U);
  EXPECT_TRUE(tiny->is_truncated);
}

TEST_F(GrpcTest, ErrorsComeBackWithTheirReason) {
  auto& grpc = client();
  for (const Error& error :
       {Error{ErrorCode::kInvalidArgument, "m", catalog::kInvalidName}, Error{ErrorCode::kInvalidArgument, "m"},
        Error{ErrorCode::kConflict, "m", catalog::kFingerprintConflict}, Error{ErrorCode::kNotFound, "m"},
        Error{ErrorCode::kUnavailable, "m"}, Error{ErrorCode::kOutcomeUnknown, "m"},
        Error{ErrorCode::kDeadlineExceeded, "m"}, Error{ErrorCode::kNoSpace, "m"}, Error{ErrorCode::kTooLarge, "m"},
        Error{ErrorCode::kCorrupt, "m"}, Error{ErrorCode::kInternal, "m"}}) {
    catalog_.fail_with(error);

    const auto result = runtime_.run(grpc.register_dataset(flights(), soon()));

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, error.code) << to_string(error.code);
    EXPECT_EQ(result.error().reason, error.reason);
    EXPECT_EQ(result.error().message, "m");
  }
}

TEST_F(GrpcTest, TheReasonStandsInTheTrailersAsWell) {
  catalog_.fail_with(Error{ErrorCode::kOutcomeUnknown, "no proof"});
  grpc::ClientContext context;
  v1::DropRequest request;
  v1::DropResponse response;

  const auto status = stub()->Drop(&context, request, &response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNKNOWN);
  EXPECT_EQ(code_of_status_details(status.error_details()), "commit_state_unknown");
  const auto trailer = context.GetServerTrailingMetadata().find("tarn-reason");
  ASSERT_NE(trailer, context.GetServerTrailingMetadata().end());
  EXPECT_EQ(trailer->second, "commit_state_unknown");
  EXPECT_NE(context.GetServerInitialMetadata().find("x-request-id"), context.GetServerInitialMetadata().end());
}

TEST_F(GrpcTest, ALongMessageIsCutToWhatTrailersHold) {
  std::string ascii(100'000, 'a');
  std::string cyrillic;
  for (int i = 0; i < 50'000; ++i) cyrillic += "ж";
  for (const auto& message : {ascii, cyrillic}) {
    catalog_.fail_with(Error{ErrorCode::kConflict, message, catalog::kFingerprintConflict});

    const auto result = runtime_.run(client().drop("a", soon()));

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kConflict) << result.error().message;
    EXPECT_TRUE(message.starts_with(result.error().message));
    EXPECT_GT(result.error().message.size(), 1'000U);
  }
}

TEST_F(GrpcTest, BadRequestsAreRefusedNamingTheField) {
  auto catalog = stub();
  const auto call = [](auto method) {
    grpc::ClientContext context;
    return method(context);
  };
  v1::RegisterRequest negative_size, negative_rows;
  negative_size.add_objects()->set_size(1);
  negative_size.add_objects()->set_size(-1);
  negative_rows.set_row_count(-1);
  v1::ListRequest too_many, bad_token, bad_view;
  too_many.set_page_size(1001);
  bad_token.set_page_token("x");
  bad_view.set_view(static_cast<v1::DatasetView>(9));
  v1::RegisterResponse registered;
  v1::ListResponse listed;

  const auto size = call([&](auto& context) { return catalog->Register(&context, negative_size, &registered); });
  const auto rows = call([&](auto& context) { return catalog->Register(&context, negative_rows, &registered); });
  const auto many = call([&](auto& context) { return catalog->List(&context, too_many, &listed); });
  const auto token = call([&](auto& context) { return catalog->List(&context, bad_token, &listed); });
  const auto view = call([&](auto& context) { return catalog->List(&context, bad_view, &listed); });

  for (const auto* status : {&size, &rows, &many, &token, &view}) {
    EXPECT_EQ(status->error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(code_of_status_details(status->error_details()), "invalid_argument");
  }
  EXPECT_EQ(size.error_message(), "objects[1].size: expected an integer from 0 to 9223372036854775807, got -1");
  EXPECT_TRUE(rows.error_message().starts_with("row_count: ")) << rows.error_message();
  EXPECT_TRUE(many.error_message().starts_with("page_size: ")) << many.error_message();
}

TEST_F(GrpcTest, NamesViewHasIdAndNameAlone) {
  catalog_.put(full_manifest());
  v1::ListRequest request;
  request.set_view(v1::DATASET_VIEW_NAMES);
  v1::ListResponse response;
  grpc::ClientContext context;

  const auto status = stub()->List(&context, request, &response);

  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.datasets_size(), 1);
  EXPECT_EQ(response.datasets(0).name(), "nyc.flights");
  EXPECT_EQ(response.datasets(0).dataset_id(), full_manifest().dataset_id.to_string());
  EXPECT_EQ(response.datasets(0).schema_fingerprint(), "");
}

TEST_F(GrpcTest, TokensDecideWhoMayDoWhat) {
  access_.emplace(std::vector<TokenHash>{{.name = "reader", .sha256 = sha256("r"), .role = Role::kRead},
                                         {.name = "writer", .sha256 = sha256("w"), .role = Role::kWrite}});

  const auto written = runtime_.run(client("w").register_dataset(flights(), soon()));
  const auto read = runtime_.run(client("r").get("flights", catalog::Freshness::kCached, soon()));
  const auto denied = runtime_.run(client("r").drop("flights", soon()));
  const auto unknown = runtime_.run(client("x").list({}, soon()));
  const auto none = runtime_.run(client().list({}, soon()));

  EXPECT_TRUE(written) << written.error().message;
  EXPECT_TRUE(read) << read.error().message;
  ASSERT_FALSE(denied || unknown || none);
  EXPECT_EQ(denied.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(none.error().code, ErrorCode::kUnauthenticated);
}

TEST_F(GrpcTest, TheClientsDeadlineReachesTheCatalogWithTimeForTheAnswer) {
  (void)runtime_.run(client().list({}, Deadline::after(std::chrono::seconds(20))));
  const auto of_twenty = catalog_.last_time_left();
  grpc::ClientContext context;
  v1::ListResponse response;
  const auto status = stub()->List(&context, {}, &response);
  const auto by_default = catalog_.last_time_left();
  (void)runtime_.run(client().list({}, Deadline::never()));
  const auto at_most = catalog_.last_time_left();

  EXPECT_LE(of_twenty, std::chrono::milliseconds(19'900));
  EXPECT_GT(of_twenty, std::chrono::seconds(10));
  EXPECT_TRUE(status.ok());
  EXPECT_LE(by_default, std::chrono::seconds(30));
  EXPECT_GT(by_default, std::chrono::seconds(20));
  EXPECT_LE(at_most, std::chrono::minutes(10));
}

TEST_F(GrpcTest, ADeadlineThatHasPassedSendsNothing) {
  const auto result = runtime_.run(client().register_dataset(flights(), Deadline::after(std::chrono::seconds(0))));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(catalog_.last_request().name, "");
}

TEST_F(GrpcTest, AMessageAtTheLimitPassesAndOneBeyondDoesNot) {
  auto catalog = stub();
  v1::RegisterRequest request;
  request.set_name("big");
  const auto fill = [&request](std::size_t size) {
    request.clear_schema_fingerprint();
    request.set_schema_fingerprint(std::string(size - 10, 'f'));  // the rest: the name, tags and lengths
    return request.ByteSizeLong();
  };
  ASSERT_EQ(fill(kMaxRequestBytes), kMaxRequestBytes);
  v1::RegisterResponse response;
  grpc::ClientContext at_limit, beyond;
  // So that the answer, which has the fingerprint too, is short.
  catalog_.fail_with(Error{ErrorCode::kUnavailable, "it arrived"});

  const auto passed = catalog->Register(&at_limit, request, &response);
  fill(kMaxRequestBytes + 1);
  const auto refused = catalog->Register(&beyond, request, &response);
  auto wish = flights();
  wish.schema_fingerprint = request.schema_fingerprint();
  const auto not_sent = runtime_.run(client().register_dataset(std::move(wish), soon()));

  EXPECT_EQ(passed.error_message(), "it arrived");
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(code_of_status_details(refused.error_details()), std::nullopt);
  ASSERT_FALSE(not_sent);
  EXPECT_EQ(not_sent.error().code, ErrorCode::kTooLarge);
}

TEST_F(GrpcTest, NobodyListeningIsUnavailableEvenForAWrite) {
  GrpcClient nobody({.target = "127.0.0.1:1", .token = {}});

  const auto result = runtime_.run(nobody.register_dataset(flights(), soon()));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable) << result.error().message;
}

TEST_F(GrpcTest, TheAddressOfAnotherServerIsToldNotShared) {
  GrpcServer second({catalog_, *access_, *runtime_, pool_, logger_, metrics_}, {.port = server().port()});

  const auto started = second.start();

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(started.error().message, "cannot listen on " + address() + " for gRPC");
}

/// Sends `payload` to a method of a service that we have no stub of.
grpc::Status call_raw(const std::string& address, const std::string& method, const std::string& payload,
                      std::string& answer) {
  grpc::GenericStub generic(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const grpc::Slice slice(payload);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> done;
  generic.UnaryCall(&context, method, {}, &request, &response,
                    [&done](const grpc::Status& status) { done.set_value(status); });
  auto status = done.get_future().get();
  std::vector<grpc::Slice> slices;
  if (status.ok() && response.Dump(&slices).ok()) {
    answer.clear();
    for (const auto& part : slices) answer.append(reinterpret_cast<const char*>(part.begin()), part.size());
  }
  return status;
}

TEST_F(GrpcTest, HealthFollowsWhetherItServes) {
  // HealthCheckRequest{service = 1}; HealthCheckResponse{status = 1}: 1 serving, 2 not serving.
  const std::string name = "tarn.catalog.v1.Catalog";
  const std::string request = std::string("\x0a") + static_cast<char>(name.size()) + name;
  std::string before, after;

  const auto asked_before = call_raw(address(), "/grpc.health.v1.Health/Check", request, before);
  server().set_serving(true);
  const auto asked_after = call_raw(address(), "/grpc.health.v1.Health/Check", request, after);

  ASSERT_TRUE(asked_before.ok() && asked_after.ok()) << asked_before.error_message();
  EXPECT_EQ(before, "\x08\x02");
  EXPECT_EQ(after, "\x08\x01");
}

TEST_F(GrpcTest, ReflectionListsTheService) {
  grpc::GenericStub generic(grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  void* tag = nullptr;
  bool ok = false;
  const auto next = [&] {
    EXPECT_TRUE(queue.Next(&tag, &ok));
    EXPECT_TRUE(ok);
  };
  const grpc::Slice list_services(std::string("\x3a\x01*"));  // ServerReflectionRequest{list_services = "*"}
  grpc::ByteBuffer response;

  auto stream = generic.PrepareCall(&context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  stream->StartCall(nullptr);
  next();
  stream->Write(grpc::ByteBuffer(&list_services, 1), nullptr);
  next();
  stream->Read(&response, nullptr);
  next();
  context.TryCancel();

  grpc::Slice answer;
  ASSERT_TRUE(response.DumpToSingleSlice(&answer).ok());
  const std::string text(reinterpret_cast<const char*>(answer.begin()), answer.size());
  EXPECT_NE(text.find("tarn.catalog.v1.Catalog"), std::string::npos);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
}

/// A catalog whose writes wait until they are let go.
class GatedCatalog final : public catalog::Catalog {
 public:
  Task<catalog::RegisterResult> register_dataset(catalog::RegisterRequest, Deadline) override {
    arrived.set();
    const bool is_open = co_await gate.wait(soon());
    if (is_open) finished.set();
    co_return failure(ErrorCode::kUnavailable, "gated");
  }
  Task<catalog::ManifestPtr> get(std::string, catalog::Freshness, Deadline) override {
    co_return failure(ErrorCode::kNotFound, "none");
  }
  Task<catalog::DatasetPage> list(catalog::ListDatasets, Deadline) override { co_return catalog::DatasetPage{}; }
  Task<void> drop(std::string, Deadline) override { co_return failure(ErrorCode::kNotFound, "none"); }
  Task<catalog::ManifestPtr> undrop(std::string, Deadline) override { co_return failure(ErrorCode::kNotFound, "none"); }

  async::Event arrived, gate, finished;
};

Task<bool> wait_for(async::Event& event) {
  const bool is_set = co_await event.wait(soon());
  co_return is_set;
}

class GatedGrpcTest : public testing::Test {
 protected:
  void SetUp() override {
    if (TARN_THREAD_SANITIZER) GTEST_SKIP() << "gRPC is not instrumented";
  }
  void start(const GrpcServerOptions& options = {}) {
    server_.emplace(GrpcServer::Dependencies{catalog_, access_, *runtime_, pool_, logger_, metrics_}, options);
    ASSERT_TRUE(server_->start());
    stub_ = v1::Catalog::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials()));
  }
  /// Begins a register that the catalog holds back; the outcome arrives in the future.
  std::future<grpc::Status> begin_register() {
    auto done = std::make_shared<std::promise<grpc::Status>>();
    stub_->async()->Register(&context_, &request_, &response_,
                             [done](grpc::Status status) { done->set_value(std::move(status)); });
    EXPECT_TRUE(runtime_.run(wait_for(catalog_.arrived)));
    return done->get_future();
  }

  async::TestRuntime runtime_{2};
  async::ThreadPool pool_{"test", 1};
  GatedCatalog catalog_;
  Access access_{{}};
  NullLogger logger_;
  Metrics metrics_;
  std::optional<GrpcServer> server_;
  std::unique_ptr<v1::Catalog::Stub> stub_;
  grpc::ClientContext context_;
  v1::RegisterRequest request_;
  v1::RegisterResponse response_;
};

TEST_F(GatedGrpcTest, AClientThatCancelsDoesNotEndWhatItBegan) {
  start();
  auto outcome = begin_register();

  context_.TryCancel();
  const auto status = outcome.get();
  catalog_.gate.set();
  const auto finished = runtime_.run(wait_for(catalog_.finished));
  const auto stopped = runtime_.run(server_->stop(soon()));

  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(*finished);
  EXPECT_TRUE(stopped) << stopped.error().message;
}

TEST_F(GatedGrpcTest, StopLetsWhatRunsFinish) {
  start();
  auto outcome = begin_register();

  const auto early = runtime_.run(server_->stop(Deadline::after(std::chrono::milliseconds(20))));
  catalog_.gate.set();
  const auto late = runtime_.run(server_->stop(soon()));

  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(late) << late.error().message;
  EXPECT_FALSE(outcome.get().ok());
}

TEST_F(GatedGrpcTest, OneCallTooManyIsRefused) {
  start({.max_calls = 1});
  auto outcome = begin_register();
  auto other = v1::Catalog::NewStub(
      grpc::CreateChannel("localhost:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::ListResponse response;

  const auto status = other->List(&context, {}, &response);
  catalog_.gate.set();
  outcome.wait();
  const auto stopped = runtime_.run(server_->stop(soon()));

  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(code_of_status_details(status.error_details()), "store_unavailable");
  EXPECT_TRUE(stopped) << stopped.error().message;
}

}  // namespace
}  // namespace tarn::catalog_api
