#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/bucket_store.h"

// The XML bodies that servers answer with: the server writes them, our client parses them. ETags stand quoted in the
// documents and unquoted in our types; times are cut to the second, as HEAD's Last-Modified is. A parser's error is
// kInternal: a store that answers something else than S3 is broken.
namespace tarn::s3 {

/// The largest answer our client reads: 1,000 keys of 1,024 bytes, escaped sixfold.
inline constexpr std::size_t kMaxAnswerXmlBytes = 8 << 20;

/// What a listing repeats of the question.
struct ListingEcho {
  std::string bucket = {};
  std::string prefix = {};
  std::string delimiter = {};
  std::string start_after = {};                        ///< V1: the marker
  std::optional<std::string> continuation_token = {};  ///< V2: as it was given
  std::size_t max_keys = 1000;
  bool is_url_encoded = false;  ///< encoding-type=url: names percent-encoded, '/' left
  bool has_owner = false;       ///< V2: fetch-owner
};

/// ListObjectsV2. `page.continuation` is the NextContinuationToken.
std::string list_objects_v2_document(const ListingEcho& echo, const store::ListPage& page);
Result<store::ListPage> parse_list_objects_v2(ByteView xml);
/// ListObjects, version 1. NextMarker is the page's last key or common prefix.
std::string list_objects_v1_document(const ListingEcho& echo, const store::ListPage& page);
/// ListObjectVersions of a store without versions: every object is its own latest, "null".
std::string list_object_versions_document(const ListingEcho& echo, const store::ListPage& page);
/// The greater of a page's last key and last common prefix; empty for an empty page.
std::string_view last_name(const store::ListPage& page);

std::string list_buckets_document(const std::vector<store::BucketSummary>& buckets);
Result<std::vector<store::BucketSummary>> parse_list_buckets(ByteView xml);

std::string create_upload_document(const store::ObjectKey& key, std::string_view upload_id);
/// The upload id.
Result<std::string> parse_create_upload(ByteView xml);

std::string complete_upload_result_document(const store::ObjectKey& key, std::string_view location,
                                            std::string_view etag);
std::string copy_object_document(const store::ObjectSummary& copy);
std::string copy_part_document(const store::PartSummary& part);
/// The ETag of a CompleteMultipartUploadResult or CopyObjectResult.
Result<std::string> parse_etag_result(ByteView xml, std::string_view root);

std::string list_parts_document(const store::ObjectKey& key, std::string_view upload_id, int after_number,
                                std::size_t limit, const store::PartPage& page);
Result<store::PartPage> parse_list_parts(ByteView xml);

struct UploadListingEcho {
  std::string bucket = {};
  std::string prefix = {};
  std::string key_marker = {};
  std::string upload_id_marker = {};
  std::size_t max_uploads = 1000;
  bool is_url_encoded = false;
};
std::string list_uploads_document(const UploadListingEcho& echo, const store::UploadPage& page);
Result<store::UploadPage> parse_list_uploads(ByteView xml);

/// What became of one key of a DeleteObjects.
struct DeleteOutcome {
  std::string key;
  Result<void> result;
};
std::string delete_objects_document(const std::vector<DeleteOutcome>& outcomes, bool is_quiet);

std::string location_document(std::string_view region);
std::string tagging_document(const std::map<std::string, std::string>& tags);
Result<std::map<std::string, std::string>> parse_tagging(ByteView xml);
/// One owner who may everything: what S3 answers where ACLs are disabled.
std::string private_acl_document();
/// GetObjectAttributes; `wanted` holds the names asked for, as x-amz-object-attributes spells them.
std::string object_attributes_document(const store::ObjectDetails& details, const std::vector<std::string>& wanted);

/// A parsed error body; empty strings where an element is missing.
struct ErrorBody {
  std::string code;
  std::string message;
};
/// Never fails: what is no error document gives an empty one.
ErrorBody parse_error(ByteView xml);

}  // namespace tarn::s3
