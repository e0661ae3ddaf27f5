#include "catalog_api/grpc_client.h"

#include <chrono>
#include <utility>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include "async/suspend.h"
#include "catalog_api/client_internal.h"
#include "catalog_api/errors.h"
#include "catalog_api/json.h"
#include "catalog_api/proto_internal.h"
#include "catalog_api/server.h"
#include "tarn/catalog/v1/catalog.grpc.pb.h"

namespace tarn::catalog_api {
namespace {

namespace v1 = catalog::v1;

/// Whether the call reached a connection: before that, what gRPC knows of the peer is the channel's target, and after
/// it an address.
bool was_sent(const grpc::ClientContext& context) {
  const std::string peer = context.peer();
  return peer.starts_with("ipv4:") || peer.starts_with("ipv6:") || peer.starts_with("unix:");
}

Error error_of(const grpc::Status& status, const grpc::ClientContext& context, Effect effect) {
  const int code = status.error_code();
  std::string message = status.error_message();
  if (const auto reason = code_of_status_details(status.error_details())) {
    return error_of_grpc(code, *reason, std::move(message));
  }
  if (was_sent(context)) return error_of_foreign_grpc(code, effect, "gRPC: " + message);
  const bool is_late = code == grpc::StatusCode::DEADLINE_EXCEEDED;
  return Error{is_late ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable, "gRPC: " + message};
}

/// A server's answer that is not as documented is no fault of the caller.
template <class T>
Result<T> read_answer(Result<T> answer) {
  if (answer) return answer;
  return failure(ErrorCode::kInternal, "the server's answer: " + answer.error().message);
}

}  // namespace

struct GrpcClient::Impl {
  explicit Impl(GrpcClientOptions client_options) : options(std::move(client_options)) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(static_cast<int>(kMaxResponseBytes));
    // A connection of its own, and no retries by the library: who calls decides what may be sent twice.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    stub =
        v1::Catalog::NewStub(grpc::CreateCustomChannel(options.target, grpc::InsecureChannelCredentials(), arguments));
  }

  template <class Request, class Response>
  using Method = void (v1::Catalog::StubInterface::async_interface::*)(grpc::ClientContext*, const Request*, Response*,
                                                                       std::function<void(grpc::Status)>);

  /// One call, from the request to an OK answer or an error.
  template <class Request, class Response>
  Task<Response> call(Method<Request, Response> method, Request request, Effect effect, Deadline deadline) {
    if (deadline.has_passed()) {
      co_return failure(ErrorCode::kDeadlineExceeded, "the deadline passed before it was sent");
    }
    if (request.ByteSizeLong() > kMaxRequestBytes) {
      co_return failure(ErrorCode::kTooLarge,
                        "the request has more than " + std::to_string(kMaxRequestBytes) + " bytes");
    }
    grpc::ClientContext context;
    // The server keeps the time for its answer's way back.
    const auto left = std::min<std::chrono::nanoseconds>(deadline.remaining(), kMaxTimeout);
    context.set_deadline(std::chrono::system_clock::now() + left);
    if (!options.token.empty()) context.AddMetadata("authorization", "Bearer " + options.token);

    Response response;
    const auto status = co_await async::suspend<grpc::Status>(
        [this, method, &context, &request, &response](async::Resume<grpc::Status> resume) {
          // gRPC copies its callback.
          auto shared_resume = std::make_shared<async::Resume<grpc::Status>>(std::move(resume));
          (stub->async()->*method)(&context, &request, &response, [shared_resume](const grpc::Status& answer) {
            (*shared_resume)(Result<grpc::Status>(answer));
          });
        });
    if (!status) co_return std::unexpected(status.error());
    if (!status->ok()) co_return std::unexpected(error_of(*status, context, effect));
    co_return response;
  }

  const GrpcClientOptions options;
  std::unique_ptr<v1::Catalog::Stub> stub;
};

GrpcClient::GrpcClient(GrpcClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
GrpcClient::~GrpcClient() = default;

Task<catalog::RegisterResult> GrpcClient::register_dataset(catalog::RegisterRequest request, Deadline deadline) {
  TARN_CO_TRY_VOID(expect_utf8(request));
  v1::RegisterRequest message;
  to_proto(request, message);
  TARN_CO_TRY(const auto answer, co_await impl_->call<v1::RegisterRequest, v1::RegisterResponse>(
                                     &v1::Catalog::StubInterface::async_interface::Register, std::move(message),
                                     Effect::kWrite, deadline));
  TARN_CO_TRY(auto manifest, read_answer(from_proto(answer.dataset())));
  co_return catalog::RegisterResult{.manifest = std::move(manifest), .is_existing = answer.existing()};
}

Task<catalog::ManifestPtr> GrpcClient::get(std::string name, catalog::Freshness freshness, Deadline deadline) {
  TARN_CO_TRY_VOID(expect_addressable(name));
  v1::GetRequest message;
  message.set_name(std::move(name));
  message.set_freshness(freshness == catalog::Freshness::kCurrent ? v1::FRESHNESS_CURRENT : v1::FRESHNESS_CACHED);
  TARN_CO_TRY(const auto answer,
              co_await impl_->call<v1::GetRequest, v1::GetResponse>(&v1::Catalog::StubInterface::async_interface::Get,
                                                                    std::move(message), Effect::kRead, deadline));
  co_return read_answer(from_proto(answer.dataset()));
}

Task<catalog::DatasetPage> GrpcClient::list(catalog::ListDatasets query, Deadline deadline) {
  TARN_CO_TRY_VOID(expect_utf8("prefix", query.prefix));
  if (query.limit == 0) co_return failure(ErrorCode::kInvalidArgument, "limit: expected 1 to 1000");
  v1::ListRequest message;
  to_proto(query, message);
  TARN_CO_TRY(const auto answer,
              co_await impl_->call<v1::ListRequest, v1::ListResponse>(
                  &v1::Catalog::StubInterface::async_interface::List, std::move(message), Effect::kRead, deadline));
  TARN_CO_TRY(auto page, read_answer(from_proto(answer)));
  cut_to_bytes(page, query.limit_bytes);
  co_return page;
}

Task<void> GrpcClient::drop(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(expect_addressable(name));
  v1::DropRequest message;
  message.set_name(std::move(name));
  TARN_CO_TRY_VOID(co_await impl_->call<v1::DropRequest, v1::DropResponse>(
      &v1::Catalog::StubInterface::async_interface::Drop, std::move(message), Effect::kWrite, deadline));
  co_return Result<void>();
}

Task<catalog::ManifestPtr> GrpcClient::undrop(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(expect_addressable(name));
  v1::UndropRequest message;
  message.set_name(std::move(name));
  TARN_CO_TRY(const auto answer,
              co_await impl_->call<v1::UndropRequest, v1::UndropResponse>(
                  &v1::Catalog::StubInterface::async_interface::Undrop, std::move(message), Effect::kWrite, deadline));
  co_return read_answer(from_proto(answer.dataset()));
}

}  // namespace tarn::catalog_api
