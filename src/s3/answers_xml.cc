#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "s3/answers_xml_internal.h"
#include "s3/errors_internal.h"
#include "s3/requests_xml_internal.h"
#include "s3/xml_internal.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view kOwner = "tarn";
constexpr std::string_view kStorageClass = "STANDARD";

/// "2026-11-23T00:32:06.000Z": three digits of a second, as S3 writes them.
std::string to_document_time(Timestamp time) {
  std::string text = to_rfc3339(std::chrono::floor<std::chrono::seconds>(time));
  text.replace(text.size() - std::string_view("000Z").size(), std::string::npos, "Z");
  return text;
}

std::string encoded(std::string_view name, bool is_url_encoded) {
  return is_url_encoded ? percent_encode_path(name) : std::string(name);
}

void write_owner(XmlWriter& xml, std::string_view element = "Owner") {
  xml.open(element);
  xml.text("ID", kOwner);
  xml.text("DisplayName", kOwner);
  xml.close(element);
}

void write_objects(XmlWriter& xml, const ListingEcho& echo, const store::ListPage& page, bool has_owner) {
  for (const store::ObjectSummary& object : page.objects) {
    xml.open("Contents");
    xml.text("Key", encoded(object.key, echo.is_url_encoded));
    xml.text("LastModified", to_document_time(object.last_modified));
    xml.text("ETag", quoted(object.etag));
    xml.number("Size", object.size);
    if (has_owner) write_owner(xml);
    xml.text("StorageClass", kStorageClass);
    xml.close("Contents");
  }
}

void write_common_prefixes(XmlWriter& xml, const ListingEcho& echo, const store::ListPage& page) {
  for (const std::string& prefix : page.common_prefixes) {
    xml.open("CommonPrefixes");
    xml.text("Prefix", encoded(prefix, echo.is_url_encoded));
    xml.close("CommonPrefixes");
  }
}

/// What all three listings begin with.
void write_echo(XmlWriter& xml, const ListingEcho& echo, const store::ListPage& page) {
  xml.text("Name", echo.bucket);
  xml.text("Prefix", encoded(echo.prefix, echo.is_url_encoded));
  if (!echo.delimiter.empty()) xml.text("Delimiter", encoded(echo.delimiter, echo.is_url_encoded));
  xml.number("MaxKeys", echo.max_keys);
  if (echo.is_url_encoded) xml.text("EncodingType", "url");
  xml.boolean("IsTruncated", page.is_truncated);
}

std::unexpected<Error> malformed(std::string_view what) {
  return tarn::failure(ErrorCode::kInternal, "the store's answer is malformed: " + std::string(what));
}

Result<XmlDocument> parse_rooted(ByteView xml, std::string_view root) {
  auto document = XmlDocument::parse(xml, kMaxAnswerXmlBytes);
  if (!document) return malformed(document.error().message);
  if (document->root().name() != root) return malformed("no " + std::string(root));
  return document;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct SizeAndTime {
  std::uint64_t size;
  Timestamp last_modified;
};

Result<SizeAndTime> parse_size_and_time(const XmlElement& element) {
  const auto size = parse_number(element.child_text("Size"));
  const auto time = parse_rfc3339(element.child_text("LastModified"));
  if (!size || !time) return malformed("an entry needs a Size and a LastModified");
  return SizeAndTime{*size, *time};
}

}  // namespace

std::string_view last_name(const store::ListPage& page) {
  const std::string_view key = page.objects.empty() ? std::string_view() : page.objects.back().key;
  const std::string_view prefix =
      page.common_prefixes.empty() ? std::string_view() : std::string_view(page.common_prefixes.back());
  return std::max(key, prefix);
}

std::string list_objects_v2_document(const ListingEcho& echo, const store::ListPage& page) {
  XmlWriter xml("ListBucketResult");
  write_echo(xml, echo, page);
  xml.number("KeyCount", page.objects.size() + page.common_prefixes.size());
  if (echo.continuation_token) xml.text("ContinuationToken", *echo.continuation_token);
  if (page.is_truncated) xml.text("NextContinuationToken", page.continuation);
  if (!echo.start_after.empty()) xml.text("StartAfter", encoded(echo.start_after, echo.is_url_encoded));
  write_objects(xml, echo, page, echo.has_owner);
  write_common_prefixes(xml, echo, page);
  return std::move(xml).finish();
}

Result<store::ListPage> parse_list_objects_v2(ByteView xml) {
  TARN_TRY(const XmlDocument document, parse_rooted(xml, "ListBucketResult"));
  store::ListPage page;
  for (const XmlElement& element : document.root().children()) {
    if (element.name() == "Contents") {
      TARN_TRY(const SizeAndTime parsed, parse_size_and_time(element));
      page.objects.push_back({.key = element.child_text("Key"),
                              .size = parsed.size,
                              .etag = std::string(unquoted(element.child_text("ETag"))),
                              .last_modified = parsed.last_modified});
      if (page.objects.back().key.empty()) return malformed("Contents without a Key");
    } else if (element.name() == "CommonPrefixes") {
      page.common_prefixes.push_back(element.child_text("Prefix"));
    } else if (element.name() == "IsTruncated") {
      page.is_truncated = element.text() == "true";
    } else if (element.name() == "NextContinuationToken") {
      page.continuation = element.text();
    }
  }
  if (page.is_truncated && page.continuation.empty()) return malformed("a truncated listing without a token");
  return page;
}

std::string list_objects_v1_document(const ListingEcho& echo, const store::ListPage& page) {
  XmlWriter xml("ListBucketResult");
  write_echo(xml, echo, page);
  xml.text("Marker", encoded(echo.start_after, echo.is_url_encoded));
  if (page.is_truncated) xml.text("NextMarker", encoded(last_name(page), echo.is_url_encoded));
  write_objects(xml, echo, page, true);
  write_common_prefixes(xml, echo, page);
  return std::move(xml).finish();
}

std::string list_object_versions_document(const ListingEcho& echo, const store::ListPage& page) {
  XmlWriter xml("ListVersionsResult");
  write_echo(xml, echo, page);
  xml.text("KeyMarker", encoded(echo.start_after, echo.is_url_encoded));
  xml.text("VersionIdMarker", "");
  if (page.is_truncated) {
    xml.text("NextKeyMarker", encoded(last_name(page), echo.is_url_encoded));
    xml.text("NextVersionIdMarker", "null");
  }
  for (const store::ObjectSummary& object : page.objects) {
    xml.open("Version");
    xml.text("Key", encoded(object.key, echo.is_url_encoded));
    xml.text("VersionId", "null");
    xml.boolean("IsLatest", true);
    xml.text("LastModified", to_document_time(object.last_modified));
    xml.text("ETag", quoted(object.etag));
    xml.number("Size", object.size);
    write_owner(xml);
    xml.text("StorageClass", kStorageClass);
    xml.close("Version");
  }
  write_common_prefixes(xml, echo, page);
  return std::move(xml).finish();
}

std::string list_buckets_document(const std::vector<store::BucketSummary>& buckets) {
  XmlWriter xml("ListAllMyBucketsResult");
  write_owner(xml);
  xml.open("Buckets");
  for (const store::BucketSummary& bucket : buckets) {
    xml.open("Bucket");
    xml.text("Name", bucket.name);
    xml.text("CreationDate", to_document_time(bucket.created_at));
    xml.close("Bucket");
  }
  xml.close("Buckets");
  return std::move(xml).finish();
}

Result<std::vector<store::BucketSummary>> parse_list_buckets(ByteView xml) {
  TARN_TRY(const XmlDocument document, parse_rooted(xml, "ListAllMyBucketsResult"));
  std::vector<store::BucketSummary> buckets;
  const auto list = document.root().child("Buckets");
  if (!list) return malformed("no Buckets");
  for (const XmlElement& element : list->children()) {
    const auto created_at = parse_rfc3339(element.child_text("CreationDate"));
    if (!created_at) return malformed("a Bucket without a CreationDate");
    buckets.push_back({.name = element.child_text("Name"), .created_at = *created_at});
  }
  return buckets;
}

std::string create_upload_document(const store::ObjectKey& key, std::string_view upload_id) {
  XmlWriter xml("InitiateMultipartUploadResult");
  xml.text("Bucket", key.bucket);
  xml.text("Key", key.key);
  xml.text("UploadId", upload_id);
  return std::move(xml).finish();
}

Result<std::string> parse_create_upload(ByteView xml) {
  TARN_TRY(const XmlDocument document, parse_rooted(xml, "InitiateMultipartUploadResult"));
  std::string upload_id = document.root().child_text("UploadId");
  if (upload_id.empty()) return malformed("no UploadId");
  return upload_id;
}

std::string complete_upload_result_document(const store::ObjectKey& key, std::string_view location,
                                            std::string_view etag) {
  XmlWriter xml("CompleteMultipartUploadResult");
  xml.text("Location", location);
  xml.text("Bucket", key.bucket);
  xml.text("Key", key.key);
  xml.text("ETag", quoted(etag));
  return std::move(xml).finish();
}

std::string copy_object_document(const store::ObjectSummary& copy) {
  XmlWriter xml("CopyObjectResult");
  xml.text("LastModified", to_document_time(copy.last_modified));
  xml.text("ETag", quoted(copy.etag));
  return std::move(xml).finish();
}

std::string copy_part_document(const store::PartSummary& part) {
  XmlWriter xml("CopyPartResult");
  xml.text("LastModified", to_document_time(part.last_modified));
  xml.text("ETag", quoted(part.etag));
  return std::move(xml).finish();
}

Result<std::string> parse_etag_result(ByteView xml, std::string_view root) {
  TARN_TRY(const XmlDocument document, parse_rooted(xml, root));
  std::string etag(unquoted(document.root().child_text("ETag")));
  if (etag.empty()) return malformed("no ETag");
  return etag;
}

std::string list_parts_document(const store::ObjectKey& key, std::string_view upload_id, int after_number,
                                std::size_t limit, const store::PartPage& page) {
  XmlWriter xml("ListPartsResult");
  xml.text("Bucket", key.bucket);
  xml.text("Key", key.key);
  xml.text("UploadId", upload_id);
  write_owner(xml, "Initiator");
  write_owner(xml);
  xml.text("StorageClass", kStorageClass);
  xml.number("PartNumberMarker", static_cast<std::uint64_t>(after_number));
  if (!page.parts.empty()) {
    xml.number("NextPartNumberMarker", static_cast<std::uint64_t>(page.parts.back().number));
  }
  xml.number("MaxParts", limit);
  xml.boolean("IsTruncated", page.is_truncated);
  for (const store::PartSummary& part : page.parts) {
    xml.open("Part");
    xml.number("PartNumber", static_cast<std::uint64_t>(part.number));
    xml.text("LastModified", to_document_time(part.last_modified));
    xml.text("ETag", quoted(part.etag));
    xml.number("Size", part.size);
    xml.close("Part");
  }
  return std::move(xml).finish();
}

Result<store::PartPage> parse_list_parts(ByteView xml) {
  TARN_TRY(const XmlDocument document, parse_rooted(xml, "ListPartsResult"));
  store::PartPage page;
  page.is_truncated = document.root().child_text("IsTruncated") == "true";
  for (const XmlElement& element : document.root().children()) {
    if (element.name() != "Part") continue;
    TARN_TRY(const SizeAndTime parsed, parse_size_and_time(element));
    const auto number = parse_number(element.child_text("PartNumber"));
    if (!number || *number == 0 || *number > static_cast<std::uint64_t>(store::kMaxPartNumber)) {
      return malformed("a Part without its number");
    }
    page.parts.push_back({.number = static_cast<int>(*number),
                          .size = parsed.size,
                          .etag = std::string(unquoted(element.child_text("ETag"))),
                          .last_modified = parsed.last_modified});
  }
  return page;
}

std::string list_uploads_document(const UploadListingEcho& echo, const store::UploadPage& page) {
  XmlWriter xml("ListMultipartUploadsResult");
  xml.text("Bucket", echo.bucket);
  xml.text("KeyMarker", encoded(echo.key_marker, echo.is_url_encoded));
  xml.text("UploadIdMarker", echo.upload_id_marker);
  if (page.is_truncated && !page.uploads.empty()) {
    xml.text("NextKeyMarker", encoded(page.uploads.back().key, echo.is_url_encoded));
    xml.text("NextUploadIdMarker", page.uploads.back().upload_id);
  }
  xml.text("Prefix", encoded(echo.prefix, echo.is_url_encoded));
  if (echo.is_url_encoded) xml.text("EncodingType", "url");
  xml.number("MaxUploads", echo.max_uploads);
  xml.boolean("IsTruncated", page.is_truncated);
  for (const store::UploadSummary& upload : page.uploads) {
    xml.open("Upload");
    xml.text("Key", encoded(upload.key, echo.is_url_encoded));
    xml.text("UploadId", upload.upload_id);
    write_owner(xml, "Initiator");
    write_owner(xml);
    xml.text("StorageClass", kStorageClass);
    xml.text("Initiated", to_document_time(upload.initiated_at));
    xml.close("Upload");
  }
  return std::move(xml).finish();
}

Result<store::UploadPage> parse_list_uploads(ByteView xml) {
  TARN_TRY(const XmlDocument document, parse_rooted(xml, "ListMultipartUploadsResult"));
  store::UploadPage page;
  page.is_truncated = document.root().child_text("IsTruncated") == "true";
  for (const XmlElement& element : document.root().children()) {
    if (element.name() != "Upload") continue;
    const auto initiated_at = parse_rfc3339(element.child_text("Initiated"));
    if (!initiated_at) return malformed("an Upload without its time");
    page.uploads.push_back(
        {.key = element.child_text("Key"), .upload_id = element.child_text("UploadId"), .initiated_at = *initiated_at});
  }
  return page;
}

std::string delete_objects_document(const std::vector<DeleteOutcome>& outcomes, bool is_quiet) {
  XmlWriter xml("DeleteResult");
  for (const DeleteOutcome& outcome : outcomes) {
    if (outcome.result) {
      if (is_quiet) continue;
      xml.open("Deleted");
      xml.text("Key", outcome.key);
      xml.close("Deleted");
      continue;
    }
    xml.open("Error");
    xml.text("Key", outcome.key);
    xml.text("Code", answer_to(outcome.result.error()).name);
    xml.text("Message", outcome.result.error().message);
    xml.close("Error");
  }
  return std::move(xml).finish();
}

std::string location_document(std::string_view region) {
  XmlWriter xml("LocationConstraint");
  if (region != "us-east-1") xml.content(region);  // S3's first region is written as nothing
  return std::move(xml).finish();
}

std::string tagging_document(const std::map<std::string, std::string>& tags) {
  XmlWriter xml("Tagging");
  xml.open("TagSet");
  for (const auto& [key, value] : tags) {
    xml.open("Tag");
    xml.text("Key", key);
    xml.text("Value", value);
    xml.close("Tag");
  }
  xml.close("TagSet");
  return std::move(xml).finish();
}

Result<std::map<std::string, std::string>> parse_tagging(ByteView xml) {
  TARN_TRY(const XmlDocument document, parse_rooted(xml, "Tagging"));
  const auto tag_set = document.root().child("TagSet");
  if (!tag_set) return malformed("no TagSet");
  std::map<std::string, std::string> tags;
  for (const XmlElement& tag : tag_set->children()) tags.emplace(tag.child_text("Key"), tag.child_text("Value"));
  return tags;
}

std::string private_acl_document() {
  XmlWriter xml("AccessControlPolicy");
  write_owner(xml);
  xml.open("AccessControlList");
  xml.open("Grant");
  xml.raw(R"(<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">)");
  xml.text("ID", kOwner);
  xml.text("DisplayName", kOwner);
  xml.close("Grantee");
  xml.text("Permission", "FULL_CONTROL");
  xml.close("Grant");
  xml.close("AccessControlList");
  return std::move(xml).finish();
}

std::string object_attributes_document(const store::ObjectDetails& details, const std::vector<std::string>& wanted) {
  const auto is_wanted = [&](std::string_view name) { return std::ranges::find(wanted, name) != wanted.end(); };
  XmlWriter xml("GetObjectAttributesResponse");
  if (is_wanted("ETag")) xml.text("ETag", details.summary.etag);
  if (is_wanted("Checksum") && !details.checksums.empty()) {
    xml.open("Checksum");
    for (const store::ObjectChecksum& checksum : details.checksums) {
      xml.text("Checksum" + checksum.algorithm, checksum.base64);
    }
    xml.text("ChecksumType", "FULL_OBJECT");
    xml.close("Checksum");
  }
  if (is_wanted("ObjectParts") && details.part_count) {
    xml.open("ObjectParts");
    xml.number("PartsCount", static_cast<std::uint64_t>(*details.part_count));
    xml.close("ObjectParts");
  }
  if (is_wanted("StorageClass")) xml.text("StorageClass", kStorageClass);
  if (is_wanted("ObjectSize")) xml.number("ObjectSize", details.summary.size);
  return std::move(xml).finish();
}

ErrorBody parse_error(ByteView xml) {
  const auto document = XmlDocument::parse(xml, kMaxAnswerXmlBytes);
  if (!document || document->root().name() != "Error") return {};
  return {.code = document->root().child_text("Code"), .message = document->root().child_text("Message")};
}

}  // namespace tarn::s3
