#include "catalog_api/grpc_server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_context.h>

#include "async/sync.h"
#include "async/task_group.h"
#include "catalog_api/errors.h"
#include "catalog_api/json.h"
#include "catalog_api/proto_internal.h"
#include "catalog_api/rendering_internal.h"
#include "catalog_api/request_record_internal.h"
#include "catalog_api/server.h"
#include "tarn/catalog/v1/catalog.grpc.pb.h"

namespace tarn::catalog_api {
namespace {

namespace v1 = catalog::v1;

constexpr const char* kServiceName = "tarn.catalog.v1.Catalog";
constexpr const char* kReasonKey = "tarn-reason";
/// What gRPC may hold of messages that are arriving or leaving.
constexpr std::size_t kMaxBufferedBytes = std::size_t{512} << 20;

/// By when a call must be answered. A part of the client's time is kept for the answer's way back: at the deadline
/// itself gRPC drops the call, and the client would not learn what became of it. It is a tenth, 100 ms at most, but
/// never less than a fiftieth, since gRPC rounds long timeouts up by as much as a hundredth on the way.
Deadline deadline_of(const grpc::CallbackServerContext& context) {
  using Clock = std::chrono::system_clock;
  using std::chrono::milliseconds;
  if (context.deadline() == Clock::time_point::max()) return Deadline::after(kDefaultTimeout);
  const auto left = std::chrono::duration_cast<milliseconds>(
      std::clamp<Clock::duration>(context.deadline() - Clock::now(), Clock::duration::zero(), kMaxTimeout));
  return Deadline::after(left - std::max(left / 50, std::min(left / 10, milliseconds(100))));
}

std::optional<std::string_view> metadata_of(const grpc::CallbackServerContext& context, const char* key) {
  const auto found = context.client_metadata().find(key);
  if (found == context.client_metadata().end()) return std::nullopt;
  return std::string_view(found->second.data(), found->second.size());
}

grpc::Status status_of(const Error& error) {
  const ErrorMapping& mapping = mapping_of(error);
  const std::string message(fit_into_trailers(error.message));
  return {static_cast<grpc::StatusCode>(mapping.grpc), message,
          render_status_details(mapping.grpc, message, mapping.code)};
}

/// One of the service's methods: what differs between them before they are served.
struct Operation {
  std::string_view name;
  Role role;
  OperationMetrics metrics;
};

/// A call on its way through. What it points to is gRPC's, and lives until the reactor has been told the outcome.
template <class Request, class Response>
struct Call {
  grpc::CallbackServerContext* context;
  const Request* request;
  Response* response;
  grpc::ServerUnaryReactor* reactor;
  Deadline deadline;
  std::string id;
};

}  // namespace

struct GrpcServer::Impl final : v1::Catalog::CallbackService {
  Impl(Dependencies dependencies, GrpcServerOptions server_options)
      : catalog(dependencies.catalog),
        access(dependencies.access),
        runtime(dependencies.runtime),
        pool(dependencies.pool),
        logger(dependencies.logger),
        options(std::move(server_options)),
        register_operation{"Register", Role::kWrite, {dependencies.metrics, "grpc", "Register"}},
        get_operation{"Get", Role::kRead, {dependencies.metrics, "grpc", "Get"}},
        list_operation{"List", Role::kRead, {dependencies.metrics, "grpc", "List"}},
        drop_operation{"Drop", Role::kWrite, {dependencies.metrics, "grpc", "Drop"}},
        undrop_operation{"Undrop", Role::kWrite, {dependencies.metrics, "grpc", "Undrop"}} {
    // As with HTTP, ids of servers, one after another, differ by when they were made.
    const auto made = std::chrono::system_clock::now().time_since_epoch();
    std::array<char, 16> digits;
    const auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                          std::chrono::duration_cast<std::chrono::microseconds>(made).count(), 16)
                                .ptr;
    id_prefix.assign(static_cast<const char*>(digits.data()), end);
  }

  grpc::ServerUnaryReactor* Register(grpc::CallbackServerContext* context, const v1::RegisterRequest* request,
                                     v1::RegisterResponse* response) override {
    return start_call(register_operation, &Impl::register_dataset, context, request, response);
  }
  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context, const v1::GetRequest* request,
                                v1::GetResponse* response) override {
    return start_call(get_operation, &Impl::get, context, request, response);
  }
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const v1::ListRequest* request,
                                 v1::ListResponse* response) override {
    return start_call(list_operation, &Impl::list, context, request, response);
  }
  grpc::ServerUnaryReactor* Drop(grpc::CallbackServerContext* context, const v1::DropRequest* request,
                                 v1::DropResponse* response) override {
    return start_call(drop_operation, &Impl::drop, context, request, response);
  }
  grpc::ServerUnaryReactor* Undrop(grpc::CallbackServerContext* context, const v1::UndropRequest* request,
                                   v1::UndropResponse* response) override {
    return start_call(undrop_operation, &Impl::undrop, context, request, response);
  }

  template <class Request, class Response>
  using Method = Task<void> (Impl::*)(const Request& request, Response& response, Deadline deadline);

  template <class Request, class Response>
  grpc::ServerUnaryReactor* start_call(Operation& operation, Method<Request, Response> method,
                                       grpc::CallbackServerContext* context, const Request* request,
                                       Response* response);
  template <class Request, class Response>
  Task<void> serve(Operation& operation, Method<Request, Response> method, Call<Request, Response> call);
  template <class Request, class Response>
  void finish(Operation& operation, const Call<Request, Response>& call, std::string_view principal,
              std::chrono::steady_clock::time_point begin, const Result<void>& outcome);

  Task<void> register_dataset(const v1::RegisterRequest& request, v1::RegisterResponse& response, Deadline deadline);
  Task<void> get(const v1::GetRequest& request, v1::GetResponse& response, Deadline deadline);
  Task<void> list(const v1::ListRequest& request, v1::ListResponse& response, Deadline deadline);
  Task<void> drop(const v1::DropRequest& request, v1::DropResponse& response, Deadline deadline);
  Task<void> undrop(const v1::UndropRequest& request, v1::UndropResponse& response, Deadline deadline);
  /// Puts the manifest into the message, on the pool when it is large. Never fails: what it tells of is committed.
  Task<void> write_dataset(const catalog::Manifest& manifest, v1::Dataset& message);

  catalog::Catalog& catalog;
  const Access& access;
  async::Runtime& runtime;
  async::ThreadPool& pool;
  Logger& logger;
  const GrpcServerOptions options;
  Operation register_operation, get_operation, list_operation, drop_operation, undrop_operation;
  std::string id_prefix;
  std::atomic<std::uint64_t> next_id{1};

  async::TaskGroup calls;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::thread shutdown;  // grpc::Server::Shutdown blocks
  async::Event has_shut_down;
};

template <class Request, class Response>
grpc::ServerUnaryReactor* GrpcServer::Impl::start_call(Operation& operation, Method<Request, Response> method,
                                                       grpc::CallbackServerContext* context, const Request* request,
                                                       Response* response) {
  std::string id = id_prefix + "-g" + std::to_string(next_id.fetch_add(1, std::memory_order_relaxed));
  context->AddInitialMetadata("x-request-id", id);
  Call<Request, Response> call{.context = context,
                               .request = request,
                               .response = response,
                               .reactor = context->DefaultReactor(),
                               .deadline = deadline_of(*context),
                               .id = std::move(id)};
  auto* const reactor = call.reactor;
  const bool has_room = calls.size() < options.max_calls;
  if (!has_room || !calls.spawn(runtime.executor(), serve(operation, method, call))) {
    const auto begin = std::chrono::steady_clock::now();
    const auto* const why =
        has_room ? "the server is stopping" : "the server has as many calls as it may; try again later";
    finish(operation, call, {}, begin, failure(ErrorCode::kUnavailable, why));
  }
  return reactor;
}

template <class Request, class Response>
Task<void> GrpcServer::Impl::serve(Operation& operation, Method<Request, Response> method,
                                   Call<Request, Response> call) {
  const auto begin = std::chrono::steady_clock::now();
  std::string_view principal;
  Result<void> outcome;
  const auto admitted = access.admit(metadata_of(*call.context, "authorization"), operation.role);
  if (admitted) {
    principal = admitted->name;
    outcome = co_await (this->*method)(*call.request, *call.response, call.deadline);
  } else {
    outcome = std::unexpected(admitted.error());
  }
  finish(operation, call, principal, begin, outcome);
  co_return Result<void>();
}

template <class Request, class Response>
void GrpcServer::Impl::finish(Operation& operation, const Call<Request, Response>& call, std::string_view principal,
                              std::chrono::steady_clock::time_point begin, const Result<void>& outcome) {
  const auto duration = std::chrono::steady_clock::now() - begin;
  const ErrorMapping* const mapping = outcome ? nullptr : &mapping_of(outcome.error());
  const int http_status = mapping == nullptr ? 200 : mapping->http_status;
  operation.metrics.observe(http_status, duration);
  if (const LogLevel level = level_of(http_status); is_logged(logger, level, options.has_access_log)) {
    const std::string peer = call.context->peer();
    std::string_view dataset;
    if constexpr (requires { call.request->name(); }) dataset = call.request->name();
    log_request(logger, level,
                {.wire = "grpc",
                 .operation = operation.name,
                 .code = {"code", mapping == nullptr ? std::string_view("ok") : mapping->code},
                 .duration = duration,
                 .request_id = call.id,
                 .peer = peer,
                 .dataset = dataset,
                 .principal = principal,
                 .traceparent = metadata_of(*call.context, "traceparent"),
                 .error = outcome ? nullptr : &outcome.error()});
  }
  if (mapping != nullptr) call.context->AddTrailingMetadata(kReasonKey, std::string(mapping->code));
  // From here on nothing of the call is ours any more.
  call.reactor->Finish(outcome ? grpc::Status::OK : status_of(outcome.error()));
}

Task<void> GrpcServer::Impl::register_dataset(const v1::RegisterRequest& request, v1::RegisterResponse& response,
                                              Deadline deadline) {
  const auto read = [&request] { return from_proto(request); };
  const bool is_large = static_cast<std::size_t>(request.objects_size()) >= kManyObjects;
  Result<catalog::RegisterRequest> wish;
  if (is_large) {
    wish = co_await async::offload(pool, read);
  } else {
    wish = read();
  }
  if (!wish) co_return std::unexpected(wish.error());
  TARN_CO_TRY(const auto result, co_await catalog.register_dataset(*std::move(wish), deadline));
  response.set_existing(result.is_existing);
  co_return co_await write_dataset(*result.manifest, *response.mutable_dataset());
}

Task<void> GrpcServer::Impl::get(const v1::GetRequest& request, v1::GetResponse& response, Deadline deadline) {
  if (!v1::Freshness_IsValid(request.freshness())) {
    co_return failure(ErrorCode::kInvalidArgument, "freshness: expected a Freshness");
  }
  const auto freshness =
      request.freshness() == v1::FRESHNESS_CURRENT ? catalog::Freshness::kCurrent : catalog::Freshness::kCached;
  TARN_CO_TRY(const auto manifest, co_await catalog.get(request.name(), freshness, deadline));
  co_return co_await write_dataset(*manifest, *response.mutable_dataset());
}

Task<void> GrpcServer::Impl::list(const v1::ListRequest& request, v1::ListResponse& response, Deadline deadline) {
  TARN_CO_TRY(const auto query, from_proto(request));
  TARN_CO_TRY(const auto page, co_await catalog.list(query.datasets, deadline));
  to_proto(page, query.view, response);
  co_return Result<void>();
}

Task<void> GrpcServer::Impl::drop(const v1::DropRequest& request, v1::DropResponse&, Deadline deadline) {
  co_return co_await catalog.drop(request.name(), deadline);
}

Task<void> GrpcServer::Impl::undrop(const v1::UndropRequest& request, v1::UndropResponse& response, Deadline deadline) {
  TARN_CO_TRY(const auto manifest, co_await catalog.undrop(request.name(), deadline));
  co_return co_await write_dataset(*manifest, *response.mutable_dataset());
}

Task<void> GrpcServer::Impl::write_dataset(const catalog::Manifest& manifest, v1::Dataset& message) {
  const auto write = [&manifest, &message]() -> Result<void> {
    to_proto(manifest, message);
    return {};
  };
  co_return co_await render_off_thread_if_large(manifest, pool, write);
}

GrpcServer::GrpcServer(Dependencies dependencies, GrpcServerOptions options)
    : impl_(std::make_unique<Impl>(dependencies, std::move(options))) {}

GrpcServer::~GrpcServer() {
  if (impl_->shutdown.joinable()) impl_->shutdown.join();
}

Result<void> GrpcServer::start() {
  // Both are gRPC's own process-wide switches, and may be set again.
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  const std::string host = impl_->options.host.contains(':') ? "[" + impl_->options.host + "]" : impl_->options.host;
  const std::string address = host + ":" + std::to_string(impl_->options.port);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &impl_->port);
  // A second server on this address is told so, and does not share its clients.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(impl_->options.max_calls));
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxRequestBytes));
  builder.SetResourceQuota(grpc::ResourceQuota("tarn").Resize(kMaxBufferedBytes));
  builder.RegisterService(impl_.get());
  impl_->server = builder.BuildAndStart();
  if (!impl_->server || impl_->port == 0) {
    return failure(ErrorCode::kUnavailable, "cannot listen on " + address + " for gRPC");
  }
  set_serving(false);
  return {};
}

std::uint16_t GrpcServer::port() const {
  return static_cast<std::uint16_t>(impl_->port);
}

void GrpcServer::set_serving(bool is_serving) {
  auto* const health = impl_->server->GetHealthCheckService();
  health->SetServingStatus("", is_serving);
  health->SetServingStatus(kServiceName, is_serving);
}

Task<void> GrpcServer::stop(Deadline deadline) {
  if (!impl_->server) co_return Result<void>();
  if (!impl_->shutdown.joinable()) {
    impl_->shutdown = std::thread([impl = impl_.get(), deadline] {
      const auto left = std::min<std::chrono::nanoseconds>(deadline.remaining(), kMaxTimeout);
      impl->server->Shutdown(std::chrono::system_clock::now() + left);
      impl->has_shut_down.set();
    });
  }
  const bool is_shut_down = co_await impl_->has_shut_down.wait(deadline);
  if (!is_shut_down) co_return failure(ErrorCode::kDeadlineExceeded, "gRPC calls are still running");
  co_return co_await impl_->calls.stop(deadline);
}

}  // namespace tarn::catalog_api
