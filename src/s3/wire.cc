#include <array>
#include <utility>

#include "async/task_group.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "s3/answers_xml_internal.h"
#include "s3/wire_internal.h"

namespace tarn::s3 {
namespace {

/// Of an answer that says what went wrong.
constexpr std::size_t kMaxErrorBodyBytes = 64 * 1024;

bool is_success(int http_status) {
  return http_status >= 200 && http_status < 300;
}

/// What became of a request without an answer. A read changes nothing, so its outcome is never in doubt.
Error unanswered(Error error, Effect effect) {
  if (effect == Effect::kReads && error.code == ErrorCode::kOutcomeUnknown) error.code = ErrorCode::kUnavailable;
  return error;
}

/// The error that an answer's body and headers tell. The body is read to its end, or its connection closed.
Task<Error> read_error(http::ClientResponse response, Effect effect) {
  const auto body = co_await async::read_all(*response.body, kMaxErrorBodyBytes);
  ErrorBody error = body ? parse_error(*body) : ErrorBody();
  // HEAD has no body; these headers are ours and MinIO's.
  for (const std::string_view header : {"x-amz-error-code", "x-minio-error-code"}) {
    if (error.code.empty()) error.code = response.headers.get(header).value_or(std::string_view());
  }
  co_return error_from_answer(response.status, error.code, error.message, effect);
}

}  // namespace

Wire::Wire(async::Runtime& runtime, ClientOptions options, const Clock& clock, Random& random)
    : runtime_(runtime),
      options_(std::move(options)),
      signer_(options_.credentials, options_.region, clock),
      random_(random),
      client_(runtime, options_.endpoint, options_.http) {}

std::string Wire::target_of(const Question& question) const {
  std::string target = "/";
  if (!question.bucket.empty() && !options_.is_virtual_hosted) {
    target += percent_encode(question.bucket);
    if (!question.key.empty()) target += "/";
  }
  target += percent_encode_path(question.key);
  char separator = '?';
  for (const auto& [name, value] : question.query) {
    target.push_back(std::exchange(separator, '&'));
    target.append(name).append("=").append(percent_encode(value));
  }
  return target;
}

http::Origin Wire::origin_of(const std::string& bucket) const {
  http::Origin origin = options_.endpoint;
  if (options_.is_virtual_hosted && !bucket.empty()) origin.host.insert(0, bucket + ".");
  return origin;
}

Result<Wire::Address> Wire::address_of(const Question& question) {
  Address address{.client = &client_, .host = origin_of(question.bucket).host_header(), .target = target_of(question)};
  if (!options_.is_virtual_hosted || question.bucket.empty()) return address;
  const std::lock_guard lock(mutex_);
  std::unique_ptr<http::Client>& client = virtual_hosts_[question.bucket];
  if (client == nullptr) {
    if (virtual_hosts_.size() > Client::kMaxVirtualHosts) {
      virtual_hosts_.erase(question.bucket);
      return tarn::failure(ErrorCode::kTooLarge, "more buckets with a virtual host each than one client reaches");
    }
    client = std::make_unique<http::Client>(runtime_, origin_of(question.bucket), options_.http);
  }
  address.client = client.get();
  return address;
}

Task<http::ClientResponse> Wire::send(const Question& question, std::unique_ptr<async::ByteSource> body,
                                      std::string_view payload_hash, Effect effect, Deadline deadline,
                                      int& http_status) {
  http_status = 0;
  TARN_CO_TRY(Address address, address_of(question));
  http::Request request;
  request.method = question.method;
  request.target = std::move(address.target);
  request.headers = question.headers;
  request.body = std::move(body);
  signer_.sign(request, address.host, payload_hash);
  const bool is_idempotent = effect == Effect::kReads;
  auto response = co_await address.client->send(std::move(request), is_idempotent, deadline);
  if (!response) co_return std::unexpected(unanswered(std::move(response).error(), effect));
  http_status = response->status;
  if (is_success(response->status)) co_return response;
  TARN_CO_TRY(Error error, co_await read_error(*std::move(response), effect));
  std::string asked(question.method);
  asked.append(" ").append(question.bucket);
  if (!question.key.empty()) asked.append("/").append(question.key);
  co_return std::move(error).while_doing(asked);
}

/// A number in [0, 1).
double Wire::random_fraction() {
  std::array<unsigned char, 4> bytes{};
  random_.fill(bytes);
  std::uint32_t number = 0;
  for (const unsigned char byte : bytes) number = number << 8 | byte;
  return number * 0x1p-32;
}

/// Errors: `error` itself when there is to be no other attempt.
Task<void> Wire::wait_before_retry(int failed_attempts, int http_status, Error error, Deadline deadline) {
  if (!is_worth_repeating(http_status, error.code)) co_return std::unexpected(std::move(error));
  const auto delay = delay_before_retry(options_.retry, failed_attempts, deadline.remaining(), random_fraction());
  if (!delay) co_return std::unexpected(std::move(error));
  co_await async::sleep_for(*delay);
  co_return Result<void>();
}

Task<http::ClientResponse> Wire::open(Question question, Deadline deadline) {
  for (int attempt = 1;; ++attempt) {
    int http_status = 0;
    auto response = co_await send(question, nullptr, kEmptySha256, Effect::kReads, deadline, http_status);
    if (response) co_return response;
    TARN_CO_TRY_VOID(co_await wait_before_retry(attempt, http_status, std::move(response).error(), deadline));
  }
}

Task<Answer> Wire::read(Question question, Deadline deadline) {
  for (int attempt = 1;; ++attempt) {
    int http_status = 0;
    auto response = co_await send(question, nullptr, kEmptySha256, Effect::kReads, deadline, http_status);
    if (response) {
      auto body = co_await async::read_all(*response->body, kMaxAnswerXmlBytes);
      if (body) co_return Answer{.headers = std::move(response->headers), .body = *std::move(body)};
      http_status = 0;
      response = std::unexpected(std::move(body).error());
    }
    TARN_CO_TRY_VOID(co_await wait_before_retry(attempt, http_status, std::move(response).error(), deadline));
  }
}

Task<Answer> Wire::write(Question question, Bytes body, Deadline deadline) {
  const std::string hash = body.empty() ? std::string(kEmptySha256) : hex_encode(sha256(body));
  int http_status = 0;
  auto response =
      co_await send(question, async::source_of(std::move(body)), hash, Effect::kWrites, deadline, http_status);
  if (!response) co_return std::unexpected(std::move(response).error());
  auto answer = co_await async::read_all(*response->body, kMaxAnswerXmlBytes);
  if (answer) co_return Answer{.headers = std::move(response->headers), .body = *std::move(answer)};
  co_return tarn::failure(ErrorCode::kOutcomeUnknown, "the answer broke off: " + answer.error().message);
}

Task<Answer> Wire::write_stream(Question question, std::unique_ptr<async::ByteSource> body, Deadline deadline) {
  // A refusal comes before the body is on its way.
  question.headers.set("Expect", "100-continue");
  int http_status = 0;
  auto response = co_await send(question, std::move(body), kUnsignedPayload, Effect::kWrites, deadline, http_status);
  if (!response) co_return std::unexpected(std::move(response).error());
  auto answer = co_await async::read_all(*response->body, kMaxAnswerXmlBytes);
  if (answer) co_return Answer{.headers = std::move(response->headers), .body = *std::move(answer)};
  co_return tarn::failure(ErrorCode::kOutcomeUnknown, "the answer broke off: " + answer.error().message);
}

std::string Wire::presign(const Question& question, std::chrono::seconds lifetime) const {
  http::Request request;
  request.method = question.method;
  request.target = target_of(question);
  const http::Origin origin = origin_of(question.bucket);
  const std::string host = origin.host_header();
  return (origin.is_tls ? "https://" : "http://") + host + signer_.presign(request, host, lifetime);
}

Task<void> Wire::close() {
  std::vector<http::Client*> clients = {&client_};
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [bucket, client] : virtual_hosts_) clients.push_back(client.get());
  }
  for (http::Client* const client : clients) TARN_CO_TRY_VOID(co_await client->close());
  co_return Result<void>();
}

}  // namespace tarn::s3
