#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "store/bucket_store.h"

// The XML bodies that clients send: the server parses them, our client writes them. Each parser refuses more than
// kMaxRequestXmlBytes (MaxMessageLengthExceeded) and whatever is not the document it expects (MalformedXML).
namespace tarn::s3 {

/// Holds a CompleteMultipartUpload of 10,000 parts with checksums.
inline constexpr std::size_t kMaxRequestXmlBytes = 4 << 20;
/// Keys of one DeleteObjects (S3's limit).
inline constexpr std::size_t kMaxDeletedKeys = 1000;

struct DeleteObjectsRequest {
  struct Item {
    std::string key;
    std::optional<std::string> etag;  ///< without quotes: delete only what has it
    std::string version_id;           ///< empty: not given
  };
  std::vector<Item> items;  ///< 1 to kMaxDeletedKeys
  bool is_quiet = false;    ///< answer errors only
};
Result<DeleteObjectsRequest> parse_delete_objects(ByteView xml);

/// 1 to 10,000 parts in the order they stand, ETags without quotes. Numbers and order are the store's to judge.
Result<std::vector<store::CompletedPart>> parse_complete_upload(ByteView xml);
std::string complete_upload_document(const std::vector<store::CompletedPart>& parts);

/// CreateBucketConfiguration: the LocationConstraint, empty where none is given (an empty body too).
Result<std::string> parse_create_bucket(ByteView xml);
std::string create_bucket_document(std::string_view location);

/// An ETag as it stands in a header or document, without the quotes around it.
std::string_view unquoted(std::string_view etag);
/// The same with them.
std::string quoted(std::string_view etag);

}  // namespace tarn::s3
