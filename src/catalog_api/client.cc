#include "catalog_api/client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "async/byte_source.h"
#include "base/encoding.h"
#include "catalog_api/client_internal.h"
#include "catalog_api/errors.h"
#include "catalog_api/json.h"
#include "catalog_api/paging.h"
#include "catalog_api/server.h"

namespace tarn::catalog_api {
namespace {

using http::Request;

Request request_of(std::string method, std::string target, Bytes body = {}) {
  Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = async::source_of(std::move(body));
  return request;
}

std::string path_of(std::string_view name) {
  return "/v1/datasets/" + percent_encode(name);
}

/// An answer that does not come leaves a read just as it was.
Error error_of_failed_read(Error error, Deadline deadline) {
  if (error.code != ErrorCode::kOutcomeUnknown) return error;
  error.code = deadline.has_passed() ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable;
  return error;
}

Error error_of_answer(int status, ByteView body, Effect effect) {
  if (auto error = parse_error(body)) return error_of_http(status, error->code, std::move(error->message));
  return error_of_foreign_http(status, effect);
}

}  // namespace

Client::Client(http::Client& http, ClientOptions options) : http_(http), options_(std::move(options)) {}

Task<Bytes> Client::exchange(Request request, bool is_write, Deadline deadline) {
  if (deadline.has_passed()) co_return failure(ErrorCode::kDeadlineExceeded, "the deadline passed before it was sent");
  const auto timeout = timeout_for_server(deadline);
  request.headers.add("X-Request-Timeout-Ms", std::to_string(timeout.count()));
  if (!options_.token.empty()) request.headers.add("Authorization", "Bearer " + options_.token);

  auto response = co_await http_.send(std::move(request), !is_write, deadline);
  if (!response && is_write) co_return std::unexpected(std::move(response).error());
  if (!response) co_return std::unexpected(error_of_failed_read(std::move(response).error(), deadline));

  auto body = co_await async::read_all(*response->body, kMaxResponseBytes);
  if (!body && is_write) {
    co_return failure(ErrorCode::kOutcomeUnknown, "the answer broke off: " + body.error().message);
  }
  if (!body) co_return std::unexpected(error_of_failed_read(std::move(body).error(), deadline));

  if (response->status >= 200 && response->status < 300) co_return body;
  const Effect effect = is_write ? Effect::kWrite : Effect::kRead;
  co_return std::unexpected(error_of_answer(response->status, *body, effect));
}

Task<catalog::RegisterResult> Client::register_dataset(catalog::RegisterRequest request, Deadline deadline) {
  TARN_CO_TRY_VOID(expect_utf8(request));
  Request sent = request_of("POST", "/v1/datasets", render_register_request(request));
  sent.headers.add("Content-Type", "application/json");
  TARN_CO_TRY(const auto body, co_await exchange(std::move(sent), true, deadline));
  co_return parse_register_result(body);
}

Task<catalog::ManifestPtr> Client::get(std::string name, catalog::Freshness freshness, Deadline deadline) {
  TARN_CO_TRY_VOID(expect_addressable(name));
  Request sent = request_of("GET", path_of(name));
  if (freshness == catalog::Freshness::kCurrent) sent.headers.add("Cache-Control", "no-cache");
  TARN_CO_TRY(const auto body, co_await exchange(std::move(sent), false, deadline));
  co_return parse_dataset(body);
}

Task<catalog::DatasetPage> Client::list(catalog::ListDatasets query, Deadline deadline) {
  TARN_CO_TRY_VOID(expect_utf8("prefix", query.prefix));
  Request sent = request_of("GET", "/v1/datasets?" + render_list_query(query));
  TARN_CO_TRY(const auto body, co_await exchange(std::move(sent), false, deadline));
  TARN_CO_TRY(auto page, parse_page(body));
  cut_to_bytes(page, query.limit_bytes);
  co_return page;
}

Task<void> Client::drop(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(expect_addressable(name));
  Request sent = request_of("DELETE", path_of(name));
  TARN_CO_TRY_VOID(co_await exchange(std::move(sent), true, deadline));
  co_return Result<void>();
}

Task<catalog::ManifestPtr> Client::undrop(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(expect_addressable(name));
  Request sent = request_of("POST", path_of(name) + ":undrop");
  TARN_CO_TRY(const auto body, co_await exchange(std::move(sent), true, deadline));
  co_return parse_dataset(body);
}

}  // namespace tarn::catalog_api
