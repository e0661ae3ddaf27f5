#include <charconv>
#include <utility>

#include "s3/errors_internal.h"
#include "s3/requests_xml_internal.h"
#include "s3/xml_internal.h"

namespace tarn::s3 {
namespace {

Result<XmlDocument> parse_rooted(ByteView xml, std::string_view root) {
  TARN_TRY(XmlDocument document, XmlDocument::parse(xml, kMaxRequestXmlBytes));
  if (document.root().name() != root) {
    return failure(S3Code::kMalformedXml, "The XML's root element is not " + std::string(root) + ".");
  }
  return document;
}

}  // namespace

std::string_view unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') return etag.substr(1, etag.size() - 2);
  return etag;
}

std::string quoted(std::string_view etag) {
  std::string text;
  text.reserve(etag.size() + 2);
  return text.append(1, '"').append(etag).append(1, '"');
}

Result<DeleteObjectsRequest> parse_delete_objects(ByteView xml) {
  TARN_TRY(const XmlDocument document, parse_rooted(xml, "Delete"));
  DeleteObjectsRequest request;
  for (const XmlElement& element : document.root().children()) {
    if (element.name() == "Quiet") request.is_quiet = element.text() == "true";
    if (element.name() != "Object") continue;
    if (request.items.size() == kMaxDeletedKeys) {
      return failure(S3Code::kMalformedXml, "A Delete names at most 1000 objects.");
    }
    DeleteObjectsRequest::Item item{.key = element.child_text("Key"), .etag = {}, .version_id = {}};
    if (item.key.empty()) return failure(S3Code::kMalformedXml, "An Object in Delete has no Key.");
    if (const auto etag = element.child("ETag")) item.etag = unquoted(etag->text());
    item.version_id = element.child_text("VersionId");
    request.items.push_back(std::move(item));
  }
  if (request.items.empty()) return failure(S3Code::kMalformedXml, "A Delete names at least one object.");
  return request;
}

Result<std::vector<store::CompletedPart>> parse_complete_upload(ByteView xml) {
  TARN_TRY(const XmlDocument document, parse_rooted(xml, "CompleteMultipartUpload"));
  std::vector<store::CompletedPart> parts;
  for (const XmlElement& element : document.root().children()) {
    if (element.name() != "Part") continue;
    if (parts.size() == static_cast<std::size_t>(store::kMaxPartNumber)) {
      return failure(S3Code::kMalformedXml, "An upload has at most 10000 parts.");
    }
    const std::string number = element.child_text("PartNumber");
    store::CompletedPart part{.number = 0, .etag = std::string(unquoted(element.child_text("ETag")))};
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), part.number);
    if (error != std::errc() || end != number.data() + number.size() || part.etag.empty()) {
      return failure(S3Code::kMalformedXml, "A Part needs a PartNumber and an ETag.");
    }
    parts.push_back(std::move(part));
  }
  if (parts.empty()) return failure(S3Code::kMalformedXml, "You must specify at least one part.");
  return parts;
}

std::string complete_upload_document(const std::vector<store::CompletedPart>& parts) {
  XmlWriter xml("CompleteMultipartUpload");
  for (const store::CompletedPart& part : parts) {
    xml.open("Part");
    xml.number("PartNumber", static_cast<std::uint64_t>(part.number));
    xml.text("ETag", quoted(part.etag));
    xml.close("Part");
  }
  return std::move(xml).finish();
}

Result<std::string> parse_create_bucket(ByteView xml) {
  if (xml.empty()) return std::string();
  TARN_TRY(const XmlDocument document, parse_rooted(xml, "CreateBucketConfiguration"));
  return document.root().child_text("LocationConstraint");
}

std::string create_bucket_document(std::string_view location) {
  XmlWriter xml("CreateBucketConfiguration");
  xml.text("LocationConstraint", location);
  return std::move(xml).finish();
}

}  // namespace tarn::s3
