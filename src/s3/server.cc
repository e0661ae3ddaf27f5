#include "s3/server.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "s3/errors_internal.h"
#include "s3/object_headers_internal.h"
#include "s3/operations_internal.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view kRequestId = "x-amz-request-id";
/// A body up to this has to arrive within the request's deadline.
constexpr std::uint64_t kMaxTimedBodyBytes = 1 << 20;

std::vector<AccessKey> keys_of(const std::vector<Credential>& credentials) {
  std::vector<AccessKey> keys;
  keys.reserve(credentials.size());
  for (const Credential& credential : credentials) keys.push_back(credential.key);
  return keys;
}

Task<http::Response> dispatch(Call& call) {
  switch (call.route.operation) {
    case Operation::kListBuckets:
      return list_buckets(call);
    case Operation::kCreateBucket:
      return create_bucket(call);
    case Operation::kHeadBucket:
      return head_bucket(call);
    case Operation::kDeleteBucket:
      return delete_bucket(call);
    case Operation::kGetBucketLocation:
      return get_bucket_location(call);
    case Operation::kGetBucketSetting:
      return get_bucket_setting(call);
    case Operation::kListObjectsV2:
      return list_objects_v2(call);
    case Operation::kListObjects:
    case Operation::kListObjectVersions:
      return list_objects_by_marker(call);
    case Operation::kListMultipartUploads:
      return list_multipart_uploads(call);
    case Operation::kDeleteObjects:
      return delete_objects(call);
    case Operation::kPutObject:
      return put_object(call);
    case Operation::kCopyObject:
      return copy_object(call);
    case Operation::kGetObject:
      return get_object(call);
    case Operation::kHeadObject:
      return head_object(call);
    case Operation::kDeleteObject:
      return delete_object(call);
    case Operation::kGetObjectAcl:
      return get_object_acl(call);
    case Operation::kGetObjectAttributes:
      return get_object_attributes(call);
    case Operation::kGetObjectTagging:
      return get_object_tagging(call);
    case Operation::kCreateMultipartUpload:
      return create_multipart_upload(call);
    case Operation::kUploadPart:
      return upload_part(call);
    case Operation::kUploadPartCopy:
      return upload_part_copy(call);
    case Operation::kListParts:
      return list_parts(call);
    case Operation::kCompleteMultipartUpload:
      return complete_multipart_upload(call);
    case Operation::kAbortMultipartUpload:
      return abort_multipart_upload(call);
  }
  std::unreachable();
}

http::Response error_response(const S3CodeEntry& entry, std::string_view message, const http::Request& request) {
  http::Response response = xml_response(error_document(entry, message, request.path(), request.id));
  response.status = entry.http_status;
  // A HEAD's answer has no body: Amazon's website endpoints put the code here, and our client looks for it.
  if (request.method == "HEAD") response.headers.add("x-amz-error-code", entry.name);
  return response;
}

/// What the HTTP server refuses before there is a request to handle.
S3Code code_of_refusal(int status) {
  switch (status) {
    case 408:
      return S3Code::kRequestTimeout;
    case 411:
      return S3Code::kMissingContentLength;
    case 413:
      return S3Code::kEntityTooLarge;
    case 431:
      return S3Code::kRequestHeaderSectionTooLarge;
    case 501:
      return S3Code::kNotImplemented;
    case 503:
      return S3Code::kSlowDown;
    case 505:
      return S3Code::kHttpVersionNotSupported;
    default:
      return status < 500 ? S3Code::kBadRequest : S3Code::kInternalError;
  }
}

}  // namespace

Result<std::size_t> read_count(const Call& call, std::string_view name, std::size_t greatest) {
  const auto text = call.parameter(name);
  if (!text || text->empty()) return greatest;
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
  if (error != std::errc() || end != text->data() + text->size()) {
    return failure(S3Code::kInvalidArgument,
                   "Provided " + std::string(name) + " not an integer or within integer range");
  }
  return std::min(count, greatest);
}

Result<bool> read_is_url_encoded(const Call& call) {
  const auto encoding = call.parameter("encoding-type");
  if (!encoding || encoding->empty()) return false;
  if (*encoding == "url") return true;
  return failure(S3Code::kInvalidArgument, "Invalid Encoding Method specified in Request");
}

http::Response xml_response(std::string document) {
  http::Response response;
  response.headers.add("Content-Type", "application/xml");
  response.body = std::move(document);
  return response;
}

http::Response empty_response(int status) {
  http::Response response;
  response.status = status;
  return response;
}

void answer_checksums(const std::vector<store::ObjectChecksum>& checksums, http::Headers& headers) {
  write_checksums(checksums, headers);
  if (!checksums.empty()) headers.add("x-amz-checksum-type", "FULL_OBJECT");
}

Deadline transfer_deadline(const Call& call, std::optional<std::uint64_t> body_bytes) {
  return body_bytes && *body_bytes <= kMaxTimedBodyBytes ? call.deadline : Deadline::never();
}

struct Server::Trace {
  std::string_view operation;
  std::string path;
  std::string_view error;
};

Server::Server(store::BucketStore& store, ServerOptions options, const Clock& clock, Logger& logger)
    : store_(store), options_(std::move(options)), logger_(logger), verifier_(keys_of(options_.credentials), clock) {}

Role Server::role_of(std::string_view access_key_id) const {
  for (const Credential& credential : options_.credentials) {
    if (credential.key.id == access_key_id) return credential.role;
  }
  return Role::kData;
}

Task<http::Response> Server::serve(http::Request& request, Trace& trace) {
  const auto query = http::parse_query(request.query());
  if (!query) co_return failure(S3Code::kInvalidUri, query.error().message);
  TARN_CO_TRY(const Authentication authentication, verifier_.verify(request, *query));
  TARN_CO_TRY(const Route route, s3::route(request, *query));
  trace.operation = name_of(route.operation);
  trace.path = route.bucket + "/" + route.key;

  Call call{.store = store_,
            .request = request,
            .query = *query,
            .route = route,
            .authentication = authentication,
            .role = role_of(authentication.access_key_id),
            .options = options_,
            .deadline = Deadline::after(options_.request_timeout)};
  if (!call.may_touch(route.key)) co_return failure(S3Code::kAccessDenied);
  if (const auto version = call.parameter("versionId"); version && !version->empty() && *version != "null") {
    co_return failure(S3Code::kNoSuchVersion);
  }
  co_return co_await dispatch(call);
}

Task<http::Response> Server::handle(http::Request& request) {
  const auto begin = std::chrono::steady_clock::now();
  Trace trace;
  Result<http::Response> served = co_await serve(request, trace);
  if (!served) {
    const S3CodeEntry& entry = answer_to(served.error());
    trace.error = entry.name;
    served = error_response(entry, served.error().message, request);
  }
  served->headers.add(kRequestId, request.id);
  served->headers.add("Server", "Tarn");
  const LogLevel level = served->status >= 500 ? LogLevel::kWarning : LogLevel::kInfo;
  if ((options_.has_access_log || level > LogLevel::kInfo) && logger_.is_enabled(level)) {
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - begin;
    log(level, request, trace, served->status, elapsed.count());
  }
  co_return served;
}

void Server::log(LogLevel level, const http::Request& request, const Trace& trace, int status, double milliseconds) {
  const std::array<LogField, 7> fields = {{{"op", trace.operation},
                                           {"key", trace.path},
                                           {"code", status},
                                           {"ms", milliseconds},
                                           {"request_id", request.id},
                                           {"peer", request.peer},
                                           {"error", trace.error}}};
  // The last one is left out where there is none.
  logger_.log(level, "request", std::span(fields).first(fields.size() - (trace.error.empty() ? 1 : 0)));
}

http::Response Server::refuse(int status, std::string_view, std::string_view message, std::string_view request_id) {
  http::Response response = xml_response(error_document(entry_of(code_of_refusal(status)), message, {}, request_id));
  response.status = status;
  response.headers.add(kRequestId, request_id);
  response.headers.add("Server", "Tarn");
  return response;
}

}  // namespace tarn::s3
