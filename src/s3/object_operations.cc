#include <array>
#include <utility>

#include "s3/answers_xml_internal.h"
#include "s3/object_headers_internal.h"
#include "s3/operations_internal.h"
#include "s3/request_body_internal.h"
#include "s3/requests_xml_internal.h"

namespace tarn::s3 {
namespace {

/// A GET's query parameters that replace headers of its answer.
struct Override {
  std::string_view parameter;
  std::string_view header;
};
constexpr std::array<Override, 6> kOverrides = {{
    {"response-cache-control", "Cache-Control"},
    {"response-content-disposition", "Content-Disposition"},
    {"response-content-encoding", "Content-Encoding"},
    {"response-content-language", "Content-Language"},
    {"response-content-type", "Content-Type"},
    {"response-expires", "Expires"},
}};

/// The head of a GET's or HEAD's answer; no Content-Length yet.
http::Response describe(const Call& call, const store::ObjectDetails& details, const store::ResolvedRange& range,
                        bool is_partial) {
  http::Response response;
  write_object_headers(details, response.headers);
  for (const auto& [parameter, header] : kOverrides) {
    if (const auto value = call.parameter(parameter)) response.headers.set(header, *value);
  }
  if (is_partial) {
    response.status = 206;
    response.headers.add("Content-Range", "bytes " + std::to_string(range.offset) + "-" +
                                              std::to_string(range.offset + range.length - 1) + "/" +
                                              std::to_string(details.summary.size));
  } else if (const auto mode = call.request.headers.get("x-amz-checksum-mode");
             mode && http::names_equal(*mode, "enabled")) {
    answer_checksums(details.checksums, response.headers);
  }
  return response;
}

/// Only what RFC 9110 section 15.4.5 wants of it: botocore takes a checksum here for that of a body, and fails.
http::Response not_modified(const store::ObjectDetails& details) {
  http::Response response = empty_response(304);
  response.headers.add("ETag", quoted(details.summary.etag));
  response.headers.add("Last-Modified", to_http_date(details.summary.last_modified));
  if (!details.headers.cache_control.empty()) response.headers.add("Cache-Control", details.headers.cache_control);
  if (!details.headers.expires.empty()) response.headers.add("Expires", details.headers.expires);
  return response;
}

/// The answer to a condition that does not hold; nothing where it does.
Result<std::optional<http::Response>> judged(const Call& call, const store::ObjectDetails& details) {
  switch (judge(ReadConditions::of_request(call.request.headers), details.summary)) {
    case Verdict::kProceed:
      return std::nullopt;
    case Verdict::kPreconditionFailed:
      return failure(S3Code::kPreconditionFailed);
    case Verdict::kNotModified:
      return not_modified(details);
  }
  return std::nullopt;
}

/// For a range with no byte of the object in it: conditions come first, and the answer says how long the object is.
Task<http::Response> answer_invalid_range(Call& call) {
  TARN_CO_TRY(const store::ObjectDetails details, co_await call.store.head_object(call.object(), call.deadline));
  TARN_CO_TRY(auto unmet, judged(call, details));
  if (unmet) co_return *std::move(unmet);
  const S3CodeEntry& entry = entry_of(S3Code::kInvalidRange);
  http::Response response = xml_response(error_document(entry, entry.message, call.request.path(), call.request.id));
  response.status = entry.http_status;
  response.headers.add("Content-Range", "bytes */" + std::to_string(details.summary.size));
  co_return response;
}

/// Parts of a finished object can't be told apart any more; the first part of anything is answered with all of it.
Result<void> refuse_part_number(const Call& call) {
  const auto part_number = call.parameter("partNumber");
  if (!part_number || *part_number == "1") return {};
  return failure(S3Code::kNotImplemented, "Reading an object by part number is not implemented.");
}

/// Whether a resumed download (RFC 9110 section 13.1.5) goes on with the object it began with.
bool is_same_as_before(std::string_view if_range, const store::ObjectSummary& object) {
  if (const auto date = parse_http_date(if_range)) {
    return std::chrono::floor<std::chrono::seconds>(object.last_modified) == *date;
  }
  return matches_any(if_range, object.etag);
}

}  // namespace

Task<http::Response> put_object(Call& call) {
  const http::Headers& headers = call.request.headers;
  TARN_CO_TRY_VOID(refuse_unsupported_headers(headers));
  store::PutOptions options;
  TARN_CO_TRY(options.condition, read_put_condition(headers));
  TARN_CO_TRY(options.headers, read_object_headers(headers));
  TARN_CO_TRY(options.tags, read_tags(headers));
  TARN_CO_TRY(CheckedBody body,
              checked_body(std::move(call.request.body), headers, call.authentication, BodyKind::kObject));
  if (body.checksums) options.checksums = [checksums = body.checksums] { return *checksums; };

  const Deadline deadline = transfer_deadline(call, body.payload->size());
  TARN_CO_TRY(const store::ObjectSummary stored,
              co_await call.store.put_object(call.object(), std::move(body.payload), std::move(options), deadline));
  http::Response response;
  response.headers.add("ETag", quoted(stored.etag));
  if (body.checksums) answer_checksums(*body.checksums, response.headers);
  co_return response;
}

Task<http::Response> get_object(Call& call) {
  TARN_CO_TRY_VOID(refuse_part_number(call));
  const store::ByteRange range = read_range(call.request.headers);
  bool is_partial = !range.is_all();
  Result<store::DetailedReader> opened = co_await call.store.get_object(call.object(), range, call.deadline);
  if (!opened && opened.error().reason == store::kInvalidRange) co_return co_await answer_invalid_range(call);
  const auto if_range = call.request.headers.get("if-range");
  if (opened && is_partial && if_range && !is_same_as_before(*if_range, opened->details.summary)) {
    is_partial = false;
    opened = co_await call.store.get_object(call.object(), store::ByteRange::all(), call.deadline);
  }
  if (!opened) co_return std::unexpected(std::move(opened).error());
  TARN_CO_TRY(auto unmet, judged(call, opened->details));
  if (unmet) co_return *std::move(unmet);

  http::Response response = describe(call, opened->details, opened->range, is_partial);
  response.body = std::move(opened->body);
  co_return response;
}

Task<http::Response> head_object(Call& call) {
  TARN_CO_TRY_VOID(refuse_part_number(call));
  TARN_CO_TRY(const store::ObjectDetails details, co_await call.store.head_object(call.object(), call.deadline));
  TARN_CO_TRY(auto unmet, judged(call, details));
  if (unmet) co_return *std::move(unmet);
  const store::ByteRange wanted = read_range(call.request.headers);
  TARN_CO_TRY(const store::ResolvedRange range, store::resolve(wanted, details.summary.size));
  http::Response response = describe(call, details, range, !wanted.is_all());
  response.content_length = range.length;
  co_return response;
}

Task<http::Response> delete_object(Call& call) {
  const http::Headers& headers = call.request.headers;
  if (headers.has("x-amz-if-match-last-modified-time") || headers.has("x-amz-if-match-size")) {
    co_return failure(S3Code::kNotImplemented, "A removal takes no condition but If-Match.");
  }
  store::RemoveCondition condition;
  if (const auto if_match = headers.get("if-match")) condition.if_match = unquoted(*if_match);
  TARN_CO_TRY_VOID(co_await call.store.remove_object(call.object(), std::move(condition), call.deadline));
  co_return empty_response(204);
}

Task<http::Response> get_object_acl(Call& call) {
  TARN_CO_TRY_VOID(co_await call.store.head_object(call.object(), call.deadline));
  co_return xml_response(private_acl_document());
}

Task<http::Response> get_object_attributes(Call& call) {
  constexpr std::array<std::string_view, 5> kAttributes = {"ETag", "Checksum", "ObjectParts", "StorageClass",
                                                           "ObjectSize"};
  std::vector<std::string> wanted;
  for (std::size_t i = 0; i < call.request.headers.size(); ++i) {
    const auto [name, value] = call.request.headers[i];
    if (!http::names_equal(name, "x-amz-object-attributes")) continue;
    for (const std::string_view attribute : kAttributes) {
      if (value.contains(attribute)) wanted.emplace_back(attribute);
    }
  }
  if (wanted.empty()) {
    co_return failure(S3Code::kInvalidRequest,
                      "The x-amz-object-attributes header specifying the attributes to be "
                      "retrieved is either missing or empty");
  }
  TARN_CO_TRY(const store::ObjectDetails details, co_await call.store.head_object(call.object(), call.deadline));
  http::Response response = xml_response(object_attributes_document(details, wanted));
  response.headers.add("Last-Modified", to_http_date(details.summary.last_modified));
  co_return response;
}

Task<http::Response> get_object_tagging(Call& call) {
  TARN_CO_TRY(const store::ObjectDetails details, co_await call.store.head_object(call.object(), call.deadline));
  co_return xml_response(tagging_document(details.tags));
}

}  // namespace tarn::s3
