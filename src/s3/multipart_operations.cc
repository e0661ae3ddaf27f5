#include <algorithm>
#include <charconv>
#include <utility>

#include "base/digest.h"
#include "base/encoding.h"
#include "s3/answers_xml_internal.h"
#include "s3/object_headers_internal.h"
#include "s3/operations_internal.h"
#include "s3/request_body_internal.h"
#include "s3/requests_xml_internal.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t kMaxListed = store::kMaxPageEntries;

/// Where an object is, as CompleteMultipartUploadResult says.
std::string location_of(const Call& call) {
  const std::string_view host = call.request.headers.get("host").value_or(std::string_view());
  return std::string("http://").append(host).append(call.request.path());
}

/// The ETag of the object that these parts make: the MD5 of their MD5s, and their number. Empty where an ETag is no
/// MD5.
std::string multipart_etag(const std::vector<store::CompletedPart>& parts) {
  Digest md5_of_md5s(DigestAlgorithm::kMd5);
  for (const store::CompletedPart& part : parts) {
    const auto md5 = hex_decode(part.etag);
    if (!md5) return {};
    md5_of_md5s.update(*md5);
  }
  return hex_encode(md5_of_md5s.finish()) + "-" + std::to_string(parts.size());
}

}  // namespace

Result<int> read_part_number(const Call& call) {
  const std::string_view text = call.parameter("partNumber").value_or(std::string_view());
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > store::kMaxPartNumber) {
    return failure(S3Code::kInvalidArgument, "Part number must be an integer between 1 and 10000, inclusive");
  }
  return number;
}

Task<http::Response> create_multipart_upload(Call& call) {
  const http::Headers& headers = call.request.headers;
  TARN_CO_TRY_VOID(refuse_unsupported_headers(headers));
  store::PutOptions options;
  TARN_CO_TRY(options.headers, read_object_headers(headers));
  TARN_CO_TRY(options.tags, read_tags(headers));
  TARN_CO_TRY(const std::string upload_id,
              co_await call.store.create_upload(call.object(), std::move(options), call.deadline));
  co_return xml_response(create_upload_document(call.object(), upload_id));
}

Task<http::Response> upload_part(Call& call) {
  TARN_CO_TRY(const int number, read_part_number(call));
  TARN_CO_TRY(CheckedBody body,
              checked_body(std::move(call.request.body), call.request.headers, call.authentication, BodyKind::kObject));
  const Deadline deadline = transfer_deadline(call, body.payload->size());
  TARN_CO_TRY(
      const store::PartSummary part,
      co_await call.store.upload_part(call.object(), call.text("uploadId"), number, std::move(body.payload), deadline));
  http::Response response;
  response.headers.add("ETag", quoted(part.etag));
  if (body.checksums) answer_checksums(*body.checksums, response.headers);
  co_return response;
}

Task<http::Response> list_parts(Call& call) {
  TARN_CO_TRY(const std::size_t limit, read_count(call, "max-parts", kMaxListed));
  std::size_t after_number = 0;
  if (call.parameter("part-number-marker")) {
    TARN_CO_TRY(after_number, read_count(call, "part-number-marker", store::kMaxPartNumber));
  }
  const std::string upload_id = call.text("uploadId");
  TARN_CO_TRY(const store::PartPage page,
              co_await call.store.list_parts(call.object(), upload_id, static_cast<int>(after_number),
                                             std::max<std::size_t>(limit, 1), call.deadline));
  co_return xml_response(list_parts_document(call.object(), upload_id, static_cast<int>(after_number), limit, page));
}

Task<http::Response> complete_multipart_upload(Call& call) {
  TARN_CO_TRY(store::PutCondition condition, read_put_condition(call.request.headers));
  TARN_CO_TRY(const CheckedBody body, checked_body(std::move(call.request.body), call.request.headers,
                                                   call.authentication, BodyKind::kUploadCompletion));
  TARN_CO_TRY(const Bytes document, co_await async::read_all(*body.payload, kMaxRequestXmlBytes));
  TARN_CO_TRY(std::vector<store::CompletedPart> parts, parse_complete_upload(document));
  const std::string etag = multipart_etag(parts);
  const bool is_conditional = !condition.is_none();
  auto stored = co_await call.store.complete_upload(call.object(), call.text("uploadId"), std::move(parts),
                                                    std::move(condition), call.deadline);
  if (!stored && stored.error().reason == store::kNoSuchUpload && !is_conditional) {
    // A client that lost the answer asks again, and S3 answers as before: what it wanted stored is what is there.
    const auto there = co_await call.store.head(call.object(), call.deadline);
    if (there && there->etag == etag) stored = *there;
  }
  if (!stored) co_return std::unexpected(std::move(stored).error());
  co_return xml_response(complete_upload_result_document(call.object(), location_of(call), stored->etag));
}

Task<http::Response> abort_multipart_upload(Call& call) {
  TARN_CO_TRY_VOID(co_await call.store.abort_upload(call.object(), call.text("uploadId"), call.deadline));
  co_return empty_response(204);
}

Task<http::Response> list_multipart_uploads(Call& call) {
  UploadListingEcho echo;
  TARN_CO_TRY(echo.max_uploads, read_count(call, "max-uploads", kMaxListed));
  TARN_CO_TRY(echo.is_url_encoded, read_is_url_encoded(call));
  echo.bucket = call.route.bucket;
  echo.prefix = call.text("prefix");
  echo.key_marker = call.text("key-marker");
  echo.upload_id_marker = echo.key_marker.empty() ? std::string() : call.text("upload-id-marker");
  if (!call.may_touch(echo.prefix)) co_return failure(S3Code::kAccessDenied);

  store::UploadPage visible;
  std::string after_key = echo.key_marker;
  std::string after_upload_id = echo.upload_id_marker;
  do {
    const std::size_t limit = std::max<std::size_t>(echo.max_uploads, 1) - visible.uploads.size();
    TARN_CO_TRY(store::UploadPage page, co_await call.store.list_uploads(echo.bucket, echo.prefix, after_key,
                                                                         after_upload_id, limit, call.deadline));
    visible.is_truncated = page.is_truncated;
    for (store::UploadSummary& upload : page.uploads) {
      after_key = upload.key;
      after_upload_id = upload.upload_id;
      if (call.may_touch(upload.key)) visible.uploads.push_back(std::move(upload));
    }
  } while (visible.is_truncated && visible.uploads.size() < echo.max_uploads);
  co_return xml_response(list_uploads_document(echo, visible));
}

}  // namespace tarn::s3
