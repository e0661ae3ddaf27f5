#include "s3/client.h"

#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "s3/answers_xml_internal.h"
#include "s3/object_headers_internal.h"
#include "s3/requests_xml_internal.h"
#include "s3/wire_internal.h"

namespace tarn::s3 {
namespace {

using store::ObjectKey;
using store::ObjectSummary;

Question about(std::string_view method, ObjectKey key) {
  return {.method = method, .bucket = std::move(key.bucket), .key = std::move(key.key), .query = {}, .headers = {}};
}

Question about_bucket(std::string_view method, std::string bucket) {
  return {.method = method, .bucket = std::move(bucket), .key = {}, .query = {}, .headers = {}};
}

/// When the store wrote what it just answered for.
Timestamp answered_at(const http::Headers& headers) {
  return parse_http_date(headers.get("date").value_or(std::string_view())).value_or(Timestamp());
}

/// A success that does not say what it should: whatever it was, it has been done.
std::unexpected<Error> unintelligible(const Error& error) {
  return tarn::failure(ErrorCode::kOutcomeUnknown, error.message);
}

std::optional<std::uint64_t> content_length(const http::Headers& headers) {
  const std::string_view text = headers.get("content-length").value_or(std::string_view());
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

/// S3 begins some answers with 200 before it knows how they end.
Result<std::string> read_etag_result(const Bytes& body, std::string_view root) {
  if (const ErrorBody error = parse_error(body); !error.code.empty()) {
    constexpr int kInternalServerError = 500;
    return std::unexpected(error_from_answer(kInternalServerError, error.code, error.message, Effect::kWrites));
  }
  auto etag = parse_etag_result(body, root);
  if (!etag) return unintelligible(etag.error());
  return etag;
}

Result<void> check_page_limit(std::size_t limit) {
  if (limit >= 1 && limit <= store::kMaxPageEntries) return {};
  return tarn::failure(ErrorCode::kInvalidArgument, "the limit of a page is 1 to 1000, not " + std::to_string(limit));
}

/// The first bytes of a body, up to kBufferedBytes, and whether they are all.
struct Begin {
  Bytes bytes;
  bool is_whole = false;
};
Task<Begin> read_begin(async::ByteSource& body) {
  Begin begin;
  while (begin.bytes.size() < Client::kBufferedBytes) {
    TARN_CO_TRY(const ByteView piece, co_await body.next());
    if (piece.empty()) {
      begin.is_whole = true;
      break;
    }
    begin.bytes += piece;
  }
  co_return begin;
}

bool is_buffered(const async::ByteSource& body) {
  return body.size().value_or(0) <= Client::kBufferedBytes;
}

}  // namespace

Client::Client(async::Runtime& runtime, ClientOptions options, const Clock& clock, Random& random)
    : wire_(std::make_unique<Wire>(runtime, std::move(options), clock, random)) {}

Client::~Client() = default;

Task<void> Client::close() {
  return wire_->close();
}

std::string Client::presign(std::string_view method, const ObjectKey& key, std::chrono::seconds lifetime) const {
  return wire_->presign(about(method, key), lifetime);
}

// ------------------------------------------------------------------------------------------------------------ buckets

Task<void> Client::create_bucket(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_bucket_name(name));
  const std::string& region = wire_->options().region;
  Bytes document = region == "us-east-1" ? Bytes() : create_bucket_document(region);
  TARN_CO_TRY_VOID(co_await wire_->write(about_bucket("PUT", std::move(name)), std::move(document), deadline));
  co_return Result<void>();
}

Task<void> Client::remove_bucket(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_bucket_name(name));
  TARN_CO_TRY_VOID(co_await wire_->write(about_bucket("DELETE", std::move(name)), Bytes(), deadline));
  co_return Result<void>();
}

Task<store::BucketSummary> Client::head_bucket(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_bucket_name(name));
  auto answer = co_await wire_->read(about_bucket("HEAD", name), deadline);
  if (answer) co_return store::BucketSummary{.name = std::move(name), .created_at = {}};
  Error error = std::move(answer).error();
  // Without a body a 404 says nothing of what is missing; here it can only be the bucket.
  if (error.code == ErrorCode::kNotFound) error.reason = store::kNoSuchBucket;
  co_return std::unexpected(std::move(error));
}

Task<std::vector<store::BucketSummary>> Client::list_buckets(Deadline deadline) {
  TARN_CO_TRY(const Answer answer, co_await wire_->read(about_bucket("GET", {}), deadline));
  co_return parse_list_buckets(answer.body);
}

// ------------------------------------------------------------------------------------------------------------ reading

Task<store::DetailedReader> Client::get_object(ObjectKey key, store::ByteRange range, Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_key(key.key));
  Question question = about("GET", key);
  if (range.is_all()) {
    question.headers.add("x-amz-checksum-mode", "ENABLED");
  } else {
    question.headers.add("Range", range_header(range));
  }
  TARN_CO_TRY(http::ClientResponse response, co_await wire_->open(std::move(question), deadline));

  store::DetailedReader reader;
  TARN_CO_TRY(reader.details, read_object_details(key.key, response.headers));
  const auto content_range = parse_content_range(response.headers.get("content-range").value_or(std::string_view()));
  const auto length = response.body->size();
  if (content_range) {
    reader.range = content_range->range;
    reader.details.summary.size = content_range->object_size;
  } else if (length && range.is_all()) {
    reader.range = {.offset = 0, .length = *length};
    reader.details.summary.size = *length;
  } else {
    co_return tarn::failure(ErrorCode::kInternal, "get " + key.path() + ": the answer does not say which bytes it has");
  }
  if (response.headers.has("x-amz-tagging-count")) {
    TARN_CO_TRY(reader.details.tags, co_await get_tags(std::move(key), deadline));
  }
  reader.body = std::move(response.body);
  co_return reader;
}

Task<store::ObjectReader> Client::get(ObjectKey key, store::ByteRange range, Deadline deadline) {
  TARN_CO_TRY(store::DetailedReader reader, co_await get_object(std::move(key), range, deadline));
  co_return store::ObjectReader{
      .summary = std::move(reader.details.summary), .range = reader.range, .body = std::move(reader.body)};
}

Task<std::map<std::string, std::string>> Client::get_tags(ObjectKey key, Deadline deadline) {
  Question question = about("GET", std::move(key));
  question.query.emplace_back("tagging", "");
  TARN_CO_TRY(const Answer answer, co_await wire_->read(std::move(question), deadline));
  co_return parse_tagging(answer.body);
}

Task<store::ObjectDetails> Client::head_object(ObjectKey key, Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_key(key.key));
  Question question = about("HEAD", key);
  question.headers.add("x-amz-checksum-mode", "ENABLED");
  TARN_CO_TRY(const Answer answer, co_await wire_->read(std::move(question), deadline));
  TARN_CO_TRY(store::ObjectDetails details, read_object_details(key.key, answer.headers));
  const auto size = content_length(answer.headers);
  if (!size) co_return tarn::failure(ErrorCode::kInternal, "head " + key.path() + ": the answer has no length");
  details.summary.size = *size;
  if (answer.headers.has("x-amz-tagging-count")) {
    TARN_CO_TRY(details.tags, co_await get_tags(std::move(key), deadline));
  }
  co_return details;
}

Task<ObjectSummary> Client::head(ObjectKey key, Deadline deadline) {
  TARN_CO_TRY(store::ObjectDetails details, co_await head_object(std::move(key), deadline));
  co_return std::move(details.summary);
}

Task<store::ListPage> Client::list(std::string bucket, store::ListQuery query, Deadline deadline) {
  TARN_CO_TRY_VOID(check_page_limit(query.limit));
  Question question = about_bucket("GET", std::move(bucket));
  question.query = {{"list-type", "2"}, {"max-keys", std::to_string(query.limit)}};
  if (!query.prefix.empty()) question.query.emplace_back("prefix", std::move(query.prefix));
  if (!query.delimiter.empty()) question.query.emplace_back("delimiter", std::move(query.delimiter));
  if (!query.continuation.empty()) {
    question.query.emplace_back("continuation-token", std::move(query.continuation));
  } else if (!query.start_after.empty()) {
    question.query.emplace_back("start-after", std::move(query.start_after));
  }
  TARN_CO_TRY(const Answer answer, co_await wire_->read(std::move(question), deadline));
  co_return parse_list_objects_v2(answer.body);
}

// ------------------------------------------------------------------------------------------------------------ writing

Task<ObjectSummary> Client::put_buffered(ObjectKey key, Bytes body, store::PutOptions options, Deadline deadline) {
  Question question = about("PUT", key);
  write_put_headers(options.headers, options.tags, question.headers);
  write_put_condition(options.condition, question.headers);
  if (options.checksums) write_checksums(options.checksums(), question.headers);
  ObjectSummary summary{.key = key.key, .size = body.size(), .etag = {}, .last_modified = {}};
  TARN_CO_TRY(const Answer answer, co_await wire_->write(std::move(question), std::move(body), deadline));
  summary.etag = unquoted(answer.headers.get("etag").value_or(std::string_view()));
  if (summary.etag.empty()) {
    co_return tarn::failure(ErrorCode::kOutcomeUnknown, "put " + key.path() + ": the answer has no ETag");
  }
  summary.last_modified = answered_at(answer.headers);
  co_return summary;
}

Task<std::string> Client::put(ObjectKey key, Bytes body, store::PutCondition condition, Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_key(key.key));
  if (body.size() > store::kMaxPutBytes) {
    co_return tarn::failure(ErrorCode::kTooLarge, "put " + key.path() + ": more than 5 GiB");
  }
  store::PutOptions options;
  options.condition = std::move(condition);
  TARN_CO_TRY(ObjectSummary summary,
              co_await put_buffered(std::move(key), std::move(body), std::move(options), deadline));
  co_return std::move(summary.etag);
}

Task<ObjectSummary> Client::put_object(ObjectKey key, std::unique_ptr<async::ByteSource> body,
                                       store::PutOptions options, Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_key(key.key));
  if (body->size().value_or(0) > store::kMaxPutBytes) {
    co_return tarn::failure(ErrorCode::kTooLarge, "put " + key.path() + ": more than 5 GiB");
  }
  if (is_buffered(*body)) {
    TARN_CO_TRY(Begin begin, co_await read_begin(*body));
    if (begin.is_whole) {
      co_return co_await put_buffered(std::move(key), std::move(begin.bytes), std::move(options), deadline);
    }
    co_return co_await put_in_parts(std::move(key), std::move(begin.bytes), std::move(body), std::move(options),
                                    deadline);
  }
  Question question = about("PUT", key);
  write_put_headers(options.headers, options.tags, question.headers);
  write_put_condition(options.condition, question.headers);
  ObjectSummary summary{.key = key.key, .size = *body->size(), .etag = {}, .last_modified = {}};
  TARN_CO_TRY(const Answer answer, co_await wire_->write_stream(std::move(question), std::move(body), deadline));
  summary.etag = unquoted(answer.headers.get("etag").value_or(std::string_view()));
  if (summary.etag.empty()) {
    co_return tarn::failure(ErrorCode::kOutcomeUnknown, "put " + key.path() + ": the answer has no ETag");
  }
  summary.last_modified = answered_at(answer.headers);
  co_return summary;
}

Task<ObjectSummary> Client::copy_object(ObjectKey source, ObjectKey target, store::CopyOptions options,
                                        Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_key(source.key));
  TARN_CO_TRY_VOID(store::validate_key(target.key));
  Question question = about("PUT", target);
  question.headers.add("x-amz-copy-source", percent_encode_path("/" + source.path()));
  if (options.source_if_match) question.headers.add("x-amz-copy-source-if-match", quoted(*options.source_if_match));
  if (options.headers) {
    question.headers.add("x-amz-metadata-directive", "REPLACE");
    write_put_headers(*options.headers, {}, question.headers);
  }
  write_put_condition(options.condition, question.headers);
  TARN_CO_TRY(const Answer answer, co_await wire_->write(std::move(question), Bytes(), deadline));
  TARN_CO_TRY_VOID(read_etag_result(answer.body, "CopyObjectResult"));
  // The answer does not say how long the copy is.
  auto summary = co_await head(std::move(target), deadline);
  if (!summary) co_return unintelligible(summary.error());
  co_return summary;
}

Task<void> Client::remove_object(ObjectKey key, store::RemoveCondition condition, Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_key(key.key));
  Question question = about("DELETE", std::move(key));
  if (condition.if_match) {
    question.headers.add("If-Match", *condition.if_match == "*" ? "*" : quoted(*condition.if_match));
  }
  TARN_CO_TRY_VOID(co_await wire_->write(std::move(question), Bytes(), deadline));
  co_return Result<void>();
}

Task<void> Client::remove(ObjectKey key, Deadline deadline) {
  return remove_object(std::move(key), {}, deadline);
}

// ---------------------------------------------------------------------------------------------------------- multipart

Task<std::string> Client::create_upload(ObjectKey key, store::PutOptions options, Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_key(key.key));
  Question question = about("POST", std::move(key));
  question.query.emplace_back("uploads", "");
  write_put_headers(options.headers, options.tags, question.headers);
  TARN_CO_TRY(const Answer answer, co_await wire_->write(std::move(question), Bytes(), deadline));
  auto upload_id = parse_create_upload(answer.body);
  if (!upload_id) co_return unintelligible(upload_id.error());
  co_return upload_id;
}

Task<store::PartSummary> Client::upload_part(ObjectKey key, std::string upload_id, int number,
                                             std::unique_ptr<async::ByteSource> body, Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_key(key.key));
  if (number < 1 || number > store::kMaxPartNumber) {
    co_return tarn::failure(ErrorCode::kInvalidArgument,
                            "a part's number is 1 to 10000, not " + std::to_string(number));
  }
  Question question = about("PUT", std::move(key));
  question.query = {{"partNumber", std::to_string(number)}, {"uploadId", std::move(upload_id)}};
  store::PartSummary part{.number = number, .size = 0, .etag = {}, .last_modified = {}};
  Result<Answer> answer;
  if (body->size() && !is_buffered(*body)) {
    part.size = *body->size();
    answer = co_await wire_->write_stream(std::move(question), std::move(body), deadline);
  } else {
    TARN_CO_TRY(Begin begin, co_await read_begin(*body));
    if (!begin.is_whole) {
      co_return tarn::failure(ErrorCode::kTooLarge, "a part of unknown size has more than 8 MiB; say its size");
    }
    part.size = begin.bytes.size();
    answer = co_await wire_->write(std::move(question), std::move(begin.bytes), deadline);
  }
  if (!answer) co_return std::unexpected(std::move(answer).error());
  part.etag = unquoted(answer->headers.get("etag").value_or(std::string_view()));
  if (part.etag.empty()) co_return tarn::failure(ErrorCode::kOutcomeUnknown, "the answer to a part has no ETag");
  part.last_modified = answered_at(answer->headers);
  co_return part;
}

Task<store::PartPage> Client::list_parts(ObjectKey key, std::string upload_id, int after_number, std::size_t limit,
                                         Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_key(key.key));
  TARN_CO_TRY_VOID(check_page_limit(limit));
  Question question = about("GET", std::move(key));
  question.query = {{"max-parts", std::to_string(limit)}, {"uploadId", std::move(upload_id)}};
  if (after_number > 0) question.query.emplace_back("part-number-marker", std::to_string(after_number));
  TARN_CO_TRY(const Answer answer, co_await wire_->read(std::move(question), deadline));
  co_return parse_list_parts(answer.body);
}

Task<ObjectSummary> Client::complete_upload(ObjectKey key, std::string upload_id,
                                            std::vector<store::CompletedPart> parts, store::PutCondition condition,
                                            Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_key(key.key));
  if (parts.empty()) {
    co_return tarn::failure(ErrorCode::kInvalidArgument, "an upload is completed of one part at least",
                            store::kInvalidPart);
  }
  Question question = about("POST", key);
  question.query.emplace_back("uploadId", std::move(upload_id));
  write_put_condition(condition, question.headers);
  TARN_CO_TRY(const Answer answer,
              co_await wire_->write(std::move(question), complete_upload_document(parts), deadline));
  TARN_CO_TRY_VOID(read_etag_result(answer.body, "CompleteMultipartUploadResult"));
  // The answer does not say how long the object is.
  auto summary = co_await head(std::move(key), deadline);
  if (!summary) co_return unintelligible(summary.error());
  co_return summary;
}

Task<void> Client::abort_upload(ObjectKey key, std::string upload_id, Deadline deadline) {
  TARN_CO_TRY_VOID(store::validate_key(key.key));
  Question question = about("DELETE", std::move(key));
  question.query.emplace_back("uploadId", std::move(upload_id));
  TARN_CO_TRY_VOID(co_await wire_->write(std::move(question), Bytes(), deadline));
  co_return Result<void>();
}

Task<store::UploadPage> Client::list_uploads(std::string bucket, std::string prefix, std::string after_key,
                                             std::string after_upload_id, std::size_t limit, Deadline deadline) {
  TARN_CO_TRY_VOID(check_page_limit(limit));
  Question question = about_bucket("GET", std::move(bucket));
  question.query = {{"max-uploads", std::to_string(limit)}, {"uploads", ""}};
  if (!prefix.empty()) question.query.emplace_back("prefix", std::move(prefix));
  if (!after_key.empty()) question.query.emplace_back("key-marker", std::move(after_key));
  if (!after_upload_id.empty()) question.query.emplace_back("upload-id-marker", std::move(after_upload_id));
  TARN_CO_TRY(const Answer answer, co_await wire_->read(std::move(question), deadline));
  co_return parse_list_uploads(answer.body);
}

Task<ObjectSummary> Client::put_in_parts(ObjectKey key, Bytes begin, std::unique_ptr<async::ByteSource> rest,
                                         store::PutOptions options, Deadline deadline) {
  store::PutCondition condition = std::exchange(options.condition, store::PutCondition::none());
  TARN_CO_TRY(const std::string upload_id, co_await create_upload(key, std::move(options), deadline));
  auto uploaded = co_await upload_rest(key, upload_id, std::move(begin), std::move(rest), deadline);
  Result<ObjectSummary> completed;
  if (uploaded) {
    completed = co_await complete_upload(key, upload_id, *std::move(uploaded), std::move(condition), deadline);
  } else {
    completed = std::unexpected(std::move(uploaded).error());
  }
  // What may yet become the object must not lose its parts.
  if (completed || completed.error().code == ErrorCode::kOutcomeUnknown) co_return completed;
  (void)co_await abort_upload(std::move(key), upload_id, deadline);
  co_return completed;
}

Task<std::vector<store::CompletedPart>> Client::upload_rest(ObjectKey key, std::string upload_id, Bytes begin,
                                                            std::unique_ptr<async::ByteSource> rest,
                                                            Deadline deadline) {
  std::vector<store::CompletedPart> parts;
  std::uint64_t size = 0;
  Begin next{.bytes = std::move(begin), .is_whole = false};
  while (!next.bytes.empty()) {
    size += next.bytes.size();
    if (size > store::kMaxPutBytes)
      co_return tarn::failure(ErrorCode::kTooLarge, "put " + key.path() + ": more than 5 GiB");
    const int number = static_cast<int>(parts.size()) + 1;
    TARN_CO_TRY(store::PartSummary part,
                co_await upload_part(key, upload_id, number, async::source_of(std::move(next.bytes)), deadline));
    parts.push_back({.number = number, .etag = std::move(part.etag)});
    next = Begin{};
    TARN_CO_TRY(next, co_await read_begin(*rest));
  }
  co_return parts;
}

}  // namespace tarn::s3
