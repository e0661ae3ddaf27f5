#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "s3/answers_xml_internal.h"
#include "s3/object_headers_internal.h"
#include "s3/operations_internal.h"
#include "s3/requests_xml_internal.h"

namespace tarn::s3 {
namespace {

/// x-amz-copy-source: "/bucket/key" or "bucket/key", percent-encoded, "?versionId=null" perhaps behind it.
Result<store::ObjectKey> read_copy_source(const Call& call) {
  std::string_view header = call.request.headers.get("x-amz-copy-source").value_or(std::string_view());
  constexpr std::string_view kVersion = "?versionId=";
  if (const std::size_t version = header.find(kVersion); version != std::string_view::npos) {
    if (header.substr(version + kVersion.size()) != "null") return failure(S3Code::kNoSuchVersion);
    header = header.substr(0, version);
  }
  const auto path = percent_decode(header.substr(header.starts_with('/') ? 1 : 0));
  const std::size_t slash = path ? path->find('/') : std::string::npos;
  if (slash == std::string::npos || slash == 0 || slash + 1 == path->size() || !is_valid_utf8(*path)) {
    return failure(S3Code::kInvalidArgument,
                   "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  }
  store::ObjectKey source(path->substr(0, slash), path->substr(slash + 1));
  if (source.key.size() > store::kMaxKeyBytes) return failure(S3Code::kKeyTooLongError);
  if (!call.may_touch(source.key)) return failure(S3Code::kAccessDenied);
  return source;
}

/// Conditions on a copy's source have one answer when they do not hold, 304 not being one of a write.
Result<void> judge_source(const ReadConditions& conditions, const store::ObjectSummary& source) {
  if (judge(conditions, source) == Verdict::kProceed) return {};
  return failure(S3Code::kPreconditionFailed);
}

/// "bytes=0-5242879": both ends are given, unlike in a GET. All where there is no such header.
Result<store::ByteRange> read_copy_range(const http::Headers& headers) {
  const auto header = headers.get("x-amz-copy-source-range");
  if (!header) return store::ByteRange::all();
  http::Headers range;
  range.add("range", *header);
  const store::ByteRange read = read_range(range);
  if (read.first && read.last) return read;
  return failure(S3Code::kInvalidArgument,
                 "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
                 "zero-based offsets of the first and last bytes to copy");
}

Result<bool> is_replace(const http::Headers& headers, std::string_view name) {
  const auto directive = headers.get(name);
  if (!directive || *directive == "COPY") return false;
  if (*directive == "REPLACE") return true;
  return failure(S3Code::kInvalidArgument, "Unknown " + std::string(name) + ".");
}

}  // namespace

Task<http::Response> copy_object(Call& call) {
  const http::Headers& headers = call.request.headers;
  TARN_CO_TRY_VOID(refuse_unsupported_headers(headers));
  TARN_CO_TRY(const store::ObjectKey source, read_copy_source(call));
  TARN_CO_TRY(const bool replaces_headers, is_replace(headers, "x-amz-metadata-directive"));
  TARN_CO_TRY(const bool replaces_tags, is_replace(headers, "x-amz-tagging-directive"));
  if (replaces_tags) co_return failure(S3Code::kNotImplemented, "Replacing tags while copying is not implemented.");
  if (source == call.object() && !replaces_headers) {
    co_return failure(S3Code::kInvalidRequest,
                      "This copy request is illegal because it is trying to copy an object to itself without changing "
                      "the object's metadata, storage class, website redirect location or encryption attributes.");
  }
  store::CopyOptions options;
  TARN_CO_TRY(options.condition, read_put_condition(headers));
  if (replaces_headers) {
    TARN_CO_TRY(options.headers, read_object_headers(headers));
  }
  if (const auto conditions = ReadConditions::of_copy_source(headers); !conditions.is_empty()) {
    TARN_CO_TRY(const store::ObjectDetails details, co_await call.store.head_object(source, call.deadline));
    TARN_CO_TRY_VOID(judge_source(conditions, details.summary));
    // What was judged is what is copied.
    options.source_if_match = details.summary.etag;
  }
  TARN_CO_TRY(const store::ObjectSummary copy,
              co_await call.store.copy_object(source, call.object(), std::move(options), call.deadline));
  co_return xml_response(copy_object_document(copy));
}

Task<http::Response> upload_part_copy(Call& call) {
  const http::Headers& headers = call.request.headers;
  TARN_CO_TRY(const int number, read_part_number(call));
  TARN_CO_TRY(const store::ObjectKey source, read_copy_source(call));
  TARN_CO_TRY(const store::ByteRange range, read_copy_range(headers));
  TARN_CO_TRY(store::DetailedReader reader, co_await call.store.get_object(source, range, call.deadline));
  TARN_CO_TRY_VOID(judge_source(ReadConditions::of_copy_source(headers), reader.details.summary));
  if (range.last && *range.last >= reader.details.summary.size) co_return failure(S3Code::kInvalidRange);

  const Deadline deadline = transfer_deadline(call, reader.range.length);
  TARN_CO_TRY(const store::PartSummary part, co_await call.store.upload_part(call.object(), call.text("uploadId"),
                                                                             number, std::move(reader.body), deadline));
  co_return xml_response(copy_part_document(part));
}

}  // namespace tarn::s3
