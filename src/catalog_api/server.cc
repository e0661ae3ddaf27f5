#include "catalog_api/server.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/sync.h"
#include "base/encoding.h"
#include "catalog_api/body_cache_internal.h"
#include "catalog_api/errors.h"
#include "catalog_api/json.h"
#include "catalog_api/paging.h"
#include "catalog_api/rendering_internal.h"
#include "catalog_api/request_record_internal.h"
#include "http/router.h"

namespace tarn::catalog_api {
namespace {

using catalog::ManifestPtr;
using http::Headers;
using http::Request;
using http::Response;

/// From here on a body waits for its turn to be held in memory, and is decoded off the I/O thread.
constexpr std::size_t kLargeBodyBytes = std::size_t{1} << 20;
constexpr std::string_view kJson = "application/json";

std::string etag_of(const catalog::Manifest& manifest) {
  return '"' + manifest.commit_id.to_string() + '"';
}

Response response_with(int status, std::string_view content_type, decltype(Response::body) body) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

Response error_response(const Error& error) {
  const ErrorMapping& mapping = mapping_of(error);
  Response response = response_with(mapping.http_status, kJson, render_error(mapping.code, error.message));
  if (error.code == ErrorCode::kUnauthenticated) response.headers.add("WWW-Authenticate", "Bearer");
  return response;
}

/// Calls `matches` with each element of a comma-separated header until it answers true.
template <class Matches>
bool any_element(std::string_view list, Matches matches) {
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    std::string_view element = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const auto begin = std::min(element.find_first_not_of(" \t"), element.size());
    element.remove_prefix(begin);
    element = element.substr(0, element.find_last_not_of(" \t") + 1);
    if (matches(element)) return true;
  }
  return false;
}

/// RFC 9110 section 13.1.2, by weak comparison.
bool none_match_fails(std::string_view if_none_match, std::string_view etag) {
  return any_element(if_none_match, [etag](std::string_view candidate) {
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    return candidate == "*" || candidate == etag;
  });
}

catalog::Freshness freshness_of(const Headers& headers) {
  const auto cache_control = headers.get("Cache-Control");
  const bool asks_store = cache_control && any_element(*cache_control, [](std::string_view directive) {
                            return http::names_equal(directive, "no-cache");
                          });
  return asks_store ? catalog::Freshness::kCurrent : catalog::Freshness::kCached;
}

Result<Deadline> deadline_of(const Headers& headers) {
  const auto text = headers.get("X-Request-Timeout-Ms");
  if (!text) return Deadline::after(kDefaultTimeout);
  std::int64_t milliseconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), milliseconds);
  if (error != std::errc() || end != text->data() + text->size() || milliseconds < 1 ||
      milliseconds > kMaxTimeout.count()) {
    return failure(ErrorCode::kInvalidArgument, "X-Request-Timeout-Ms: expected an integer from 1 to 600000");
  }
  return Deadline::after(std::chrono::milliseconds(milliseconds));
}

/// A page of another site may make a browser send other types without asking first; never this one.
Result<void> expect_json(const Headers& headers) {
  const auto content_type = headers.get("Content-Type").value_or("");
  std::string_view media_type = content_type.substr(0, content_type.find(';'));
  media_type = media_type.substr(0, media_type.find_last_not_of(" \t") + 1);
  if (http::names_equal(media_type, kJson)) return {};
  return failure(ErrorCode::kUnsupported, "Content-Type: expected application/json", kUnsupportedMediaType);
}

Result<void> expect_no_query(const Request& request) {
  if (request.query().empty()) return {};
  return failure(ErrorCode::kInvalidArgument, "this path takes no query parameters");
}

/// What an operation's method is given.
struct Call {
  Request& request;
  const http::PathParameters& parameters;
  Deadline deadline;

  std::string name() const { return std::string(parameters["name"]); }
};

}  // namespace

struct Server::Impl {
  struct Route {
    Operation operation;
    std::optional<Role> role;  ///< none: open to everyone
    Task<Response> (Impl::*answer)(Call call);
  };
  static constexpr std::size_t kRouteCount = 9;
  static const std::array<Route, kRouteCount> kRoutes;

  Impl(Dependencies dependencies, ServerOptions server_options)
      : catalog(dependencies.catalog),
        access(dependencies.access),
        pool(dependencies.pool),
        logger(dependencies.logger),
        metrics(dependencies.metrics),
        options(std::move(server_options)),
        bodies(options.cached_bodies),
        large_requests(options.large_requests_at_once),
        unmatched_metrics(metrics, "http", "unmatched") {
    route_metrics.reserve(kRouteCount);  // what the handlers refer to must not move
    for (const Route& route : kRoutes) {
      auto& route_metric = route_metrics.emplace_back(metrics, "http", route.operation.name);
      router.add(route.operation.method, route.operation.pattern,
                 [this, &route, &route_metric](Request& request, const http::PathParameters& parameters) {
                   return serve(route, route_metric, request, parameters);
                 });
    }
  }

  Task<Response> serve(const Route& route, OperationMetrics& route_metric, Request& request,
                       const http::PathParameters& parameters);
  Response answer_unmatched(Request& request, const http::Router::NoMatch& no_match);
  Result<Principal> admit(const Route& route, const Headers& headers) const;
  /// Everything an answer passes on its way out: request id, metrics, log.
  Response finish(std::string_view operation, OperationMetrics& operation_metrics, const Request& request,
                  std::string_view name, std::string_view principal, std::chrono::steady_clock::time_point begin,
                  Result<Response> answer);

  Task<Response> register_dataset(Call call);
  Task<Response> list(Call call);
  Task<Response> get(Call call);
  Task<Response> drop(Call call);
  Task<Response> undrop(Call call);
  Task<Response> health(Call call);
  Task<Response> readiness(Call call);
  Task<Response> metrics_text(Call call);
  Task<Response> openapi(Call call);

  Task<catalog::RegisterRequest> read_register_request(async::ByteSource& body, Deadline deadline,
                                                       async::Semaphore::Permit& permit);
  Task<Bytes> read_body(async::ByteSource& body, Deadline deadline, async::Semaphore::Permit& permit);
  Task<std::shared_ptr<const Bytes>> body_of(ManifestPtr manifest);
  Task<Response> dataset_response(ManifestPtr manifest);

  catalog::Catalog& catalog;
  const Access& access;
  async::ThreadPool& pool;
  Logger& logger;
  Metrics& metrics;
  const ServerOptions options;
  BodyCache bodies;
  async::Semaphore large_requests;
  http::Router router;
  std::vector<OperationMetrics> route_metrics;
  OperationMetrics unmatched_metrics;
};

constexpr std::array<Server::Impl::Route, Server::Impl::kRouteCount> Server::Impl::kRoutes = {{
    {{"POST", "/v1/datasets", "registerDataset"}, Role::kWrite, &Impl::register_dataset},
    {{"GET", "/v1/datasets", "listDatasets"}, Role::kRead, &Impl::list},
    {{"GET", "/v1/datasets/{name}", "getDataset"}, Role::kRead, &Impl::get},
    {{"DELETE", "/v1/datasets/{name}", "dropDataset"}, Role::kWrite, &Impl::drop},
    {{"POST", "/v1/datasets/{name}:undrop", "undropDataset"}, Role::kWrite, &Impl::undrop},
    {{"GET", "/healthz", "getHealth"}, std::nullopt, &Impl::health},
    {{"GET", "/readyz", "getReadiness"}, std::nullopt, &Impl::readiness},
    {{"GET", "/metrics", "getMetrics"}, Role::kRead, &Impl::metrics_text},
    {{"GET", "/openapi.json", "getOpenapi"}, std::nullopt, &Impl::openapi},
}};

Task<Response> Server::Impl::serve(const Route& route, OperationMetrics& route_metric, Request& request,
                                   const http::PathParameters& parameters) {
  const auto begin = std::chrono::steady_clock::now();
  std::string_view principal;
  Result<Response> answer;
  const auto admitted = admit(route, request.headers);
  const auto deadline = deadline_of(request.headers);
  if (!admitted) {
    answer = std::unexpected(admitted.error());
  } else if (!deadline) {
    answer = std::unexpected(deadline.error());
  } else {
    principal = admitted->name;
    answer = co_await (this->*route.answer)(Call{.request = request, .parameters = parameters, .deadline = *deadline});
  }
  const bool has_name = route.operation.pattern.contains("{name}");
  const std::string_view name = has_name ? parameters["name"] : std::string_view();
  co_return finish(route.operation.name, route_metric, request, name, principal, begin, std::move(answer));
}

Response Server::Impl::answer_unmatched(Request& request, const http::Router::NoMatch& no_match) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string path(request.path());
  Error error{ErrorCode::kNotFound, "there is no path " + path};
  if (no_match.status == 400) error = {ErrorCode::kInvalidArgument, "a broken percent escape in the path " + path};
  if (no_match.status == 405) {
    error = {ErrorCode::kUnsupported, "the path " + path + " is for " + no_match.allow, kMethodNotAllowed};
  }
  // A page that may not ask learns nothing of the paths there are.
  if (!access.needs_tokens()) {
    const auto local = loopback_only(request.headers.get("Host"), request.headers.get("Origin"));
    if (!local) error = local.error();
  }
  Response response = finish("unmatched", unmatched_metrics, request, {}, {}, begin, std::unexpected(error));
  if (response.status == 405) response.headers.add("Allow", no_match.allow);
  return response;
}

Result<Principal> Server::Impl::admit(const Route& route, const Headers& headers) const {
  if (!access.needs_tokens()) TARN_TRY_VOID(loopback_only(headers.get("Host"), headers.get("Origin")));
  if (!route.role) return Principal{};
  return access.admit(headers.get("Authorization"), *route.role);
}

Response Server::Impl::finish(std::string_view operation, OperationMetrics& operation_metrics, const Request& request,
                              std::string_view name, std::string_view principal,
                              std::chrono::steady_clock::time_point begin, Result<Response> answer) {
  const auto duration = std::chrono::steady_clock::now() - begin;
  Response response = answer ? std::move(*answer) : error_response(answer.error());
  response.headers.add("X-Request-Id", request.id);
  operation_metrics.observe(response.status, duration);

  const LogLevel level = level_of(response.status);
  if (is_logged(logger, level, options.has_access_log)) {
    log_request(logger, level,
                {.wire = "http",
                 .operation = operation,
                 .code = {"code", response.status},
                 .duration = duration,
                 .request_id = request.id,
                 .peer = request.peer,
                 .dataset = name,
                 .principal = principal,
                 .traceparent = request.headers.get("traceparent"),
                 .error = answer ? nullptr : &answer.error()});
  }
  return response;
}

Task<Response> Server::Impl::register_dataset(Call call) {
  TARN_CO_TRY_VOID(expect_json(call.request.headers));
  TARN_CO_TRY_VOID(expect_no_query(call.request));
  async::Semaphore::Permit permit;
  TARN_CO_TRY(auto wish, co_await read_register_request(*call.request.body, call.deadline, permit));
  TARN_CO_TRY(const auto result, co_await catalog.register_dataset(std::move(wish), call.deadline));
  const auto render = [&result]() -> Result<Bytes> { return render_register_result(result); };
  TARN_CO_TRY(Bytes body, co_await render_off_thread_if_large(*result.manifest, pool, render));
  Response response = response_with(result.is_existing ? 200 : 201, kJson, std::move(body));
  response.headers.add("ETag", etag_of(*result.manifest));
  if (!result.is_existing) {
    response.headers.add("Location", "/v1/datasets/" + percent_encode(result.manifest->name));
  }
  co_return response;
}

Task<catalog::RegisterRequest> Server::Impl::read_register_request(async::ByteSource& body, Deadline deadline,
                                                                   async::Semaphore::Permit& permit) {
  TARN_CO_TRY(const Bytes bytes, co_await read_body(body, deadline, permit));
  if (bytes.size() < kLargeBodyBytes) co_return parse_register_request(bytes);
  const auto parse = [&bytes] { return parse_register_request(bytes); };
  co_return co_await async::offload(pool, parse);
}

Task<Bytes> Server::Impl::read_body(async::ByteSource& body, Deadline deadline, async::Semaphore::Permit& permit) {
  const auto too_large = [] {
    return failure(ErrorCode::kTooLarge, "the body has more than " + std::to_string(kMaxRequestBytes) + " bytes");
  };
  if (body.size().value_or(0) > kMaxRequestBytes) co_return too_large();
  Bytes bytes;
  bool has_permit = false;
  while (true) {
    TARN_CO_TRY(const ByteView piece, co_await body.next());
    if (piece.empty()) co_return bytes;
    if (bytes.size() + piece.size() > kMaxRequestBytes) co_return too_large();
    if (deadline.has_passed()) co_return failure(ErrorCode::kDeadlineExceeded, "the body took too long to arrive");
    bytes.append(piece);
    if (has_permit || bytes.size() < kLargeBodyBytes) continue;
    TARN_CO_TRY(permit, co_await large_requests.acquire(deadline));
    has_permit = true;
  }
}

Task<Response> Server::Impl::list(Call call) {
  TARN_CO_TRY(const auto query, parse_list_query(call.request.query()));
  TARN_CO_TRY(const auto page, co_await catalog.list(query.datasets, call.deadline));
  co_return response_with(200, kJson, render_page(page, query.view));
}

Task<Response> Server::Impl::get(Call call) {
  TARN_CO_TRY_VOID(expect_no_query(call.request));
  const auto freshness = freshness_of(call.request.headers);
  TARN_CO_TRY(auto manifest, co_await catalog.get(call.name(), freshness, call.deadline));
  if (const auto if_none_match = call.request.headers.get("If-None-Match")) {
    const std::string etag = etag_of(*manifest);
    if (none_match_fails(*if_none_match, etag)) {
      Response response;
      response.status = 304;
      response.headers.add("ETag", etag);
      co_return response;
    }
  }
  co_return co_await dataset_response(std::move(manifest));
}

Task<Response> Server::Impl::drop(Call call) {
  TARN_CO_TRY_VOID(expect_no_query(call.request));
  TARN_CO_TRY_VOID(co_await catalog.drop(call.name(), call.deadline));
  Response response;
  response.status = 204;
  co_return response;
}

Task<Response> Server::Impl::undrop(Call call) {
  TARN_CO_TRY_VOID(expect_no_query(call.request));
  TARN_CO_TRY(auto manifest, co_await catalog.undrop(call.name(), call.deadline));
  co_return co_await dataset_response(std::move(manifest));
}

Task<Response> Server::Impl::dataset_response(ManifestPtr manifest) {
  std::string etag = etag_of(*manifest);
  TARN_CO_TRY(auto body, co_await body_of(std::move(manifest)));
  Response response = response_with(200, kJson, std::move(body));
  response.headers.add("ETag", etag);
  // A browser may keep it, and asks whether it is still so.
  response.headers.add("Cache-Control", "no-cache");
  co_return response;
}

Task<std::shared_ptr<const Bytes>> Server::Impl::body_of(ManifestPtr manifest) {
  if (auto cached = bodies.find(manifest->commit_id)) co_return cached;
  const auto render = [&manifest]() -> Result<Bytes> { return render_dataset(*manifest); };
  TARN_CO_TRY(Bytes rendered, co_await render_off_thread_if_large(*manifest, pool, render));
  auto body = std::make_shared<const Bytes>(std::move(rendered));
  if (body->size() <= kMaxCachedBodyBytes) bodies.put(manifest->commit_id, body);
  co_return body;
}

Task<Response> Server::Impl::health(Call) {
  co_return response_with(200, kJson, Bytes(R"({"status":"ok"})"));
}

Task<Response> Server::Impl::readiness(Call) {
  if (options.is_ready()) co_return response_with(200, kJson, Bytes(R"({"status":"ready"})"));
  co_return failure(ErrorCode::kUnavailable, "not every manifest is loaded yet");
}

Task<Response> Server::Impl::metrics_text(Call) {
  co_return response_with(200, Metrics::kContentType, metrics.text());
}

Task<Response> Server::Impl::openapi(Call) {
  co_return response_with(200, kJson, Bytes(openapi_json()));
}

Server::Server(Dependencies dependencies, ServerOptions options)
    : impl_(std::make_unique<Impl>(dependencies, std::move(options))) {}

Server::~Server() = default;

Task<Response> Server::handle(Request& request) {
  const auto match = impl_->router.match(request.method, request.path());
  if (!match) co_return impl_->answer_unmatched(request, match.error());
  co_return co_await (*match->handler)(request, match->parameters);
}

Response Server::refuse(int status, std::string_view, std::string_view message, std::string_view request_id) {
  std::string_view code = "invalid_argument";
  if (status == 408) code = "deadline_exceeded";
  if (status == 500) code = "internal";
  if (status == 503) code = "store_unavailable";
  Response response = response_with(status, kJson, render_error(code, message));
  response.headers.add("X-Request-Id", request_id);
  if (impl_->logger.is_enabled(LogLevel::kInfo)) {
    impl_->logger.info("refused", {{"wire", "http"}, {"code", status}, {"error", message}, {"request_id", request_id}});
  }
  return response;
}

std::vector<Server::Operation> Server::operations() {
  std::vector<Operation> operations;
  for (const Impl::Route& route : Impl::kRoutes) operations.push_back(route.operation);
  return operations;
}

}  // namespace tarn::catalog_api
