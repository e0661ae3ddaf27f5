#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace tarn::s3 {

/// S3's operations that the server answers (Amazon S3 API reference, "Actions").
enum class Operation : std::uint8_t {
  kListBuckets,
  kCreateBucket,
  kHeadBucket,
  kDeleteBucket,
  kGetBucketLocation,
  kGetBucketSetting,  ///< ?acl, ?versioning, ?policy ...: settings that never change here
  kListObjects,
  kListObjectsV2,
  kListObjectVersions,
  kListMultipartUploads,
  kDeleteObjects,
  kPutObject,
  kCopyObject,
  kGetObject,
  kHeadObject,
  kDeleteObject,
  kGetObjectAcl,
  kGetObjectAttributes,
  kGetObjectTagging,
  kCreateMultipartUpload,
  kUploadPart,
  kUploadPartCopy,
  kListParts,
  kCompleteMultipartUpload,
  kAbortMultipartUpload,
};

/// "PutObject", as S3 and our log lines name it.
std::string_view name_of(Operation operation);

/// What a request asks for. `bucket` and `key` are decoded and empty where the operation has none.
struct Route {
  Operation operation = Operation::kListBuckets;
  std::string bucket;
  std::string key;
};

/// Path style: /bucket/key?sub-resource. Errors: InvalidURI (escapes that are none, a key that is no UTF-8),
/// KeyTooLongError, MethodNotAllowed, NotImplemented for S3's other sub-resources.
Result<Route> route(const http::Request& request, const http::QueryParameters& query);

}  // namespace tarn::s3
