#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "s3/errors_internal.h"
#include "s3/route_internal.h"
#include "store/object_store.h"

namespace tarn::s3 {
namespace {

/// Query parameters that name a thing of their own beside the bucket or object: never to be taken for a plain PUT or
/// DELETE of the object itself.
constexpr std::array<std::string_view, 36> kSubResources = {
    "accelerate",
    "acl",
    "analytics",
    "annotation",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "renameObject",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
    "website",
};

/// Settings of a bucket whose GET has an answer, though nobody can change them.
constexpr std::array<std::string_view, 16> kBucketSettings = {
    "accelerate",     "acl",         "cors",       "encryption",        "lifecycle",         "logging",
    "notification",   "object-lock", "policy",     "ownershipControls", "publicAccessBlock", "replication",
    "requestPayment", "tagging",     "versioning", "website",
};

std::optional<std::string_view> sub_resource_of(const http::QueryParameters& query) {
  for (const auto& [name, value] : query) {
    if (std::ranges::find(kSubResources, name) != kSubResources.end()) return name;
  }
  return std::nullopt;
}

std::unexpected<Error> not_implemented(std::string_view method, std::string_view sub_resource) {
  return failure(S3Code::kNotImplemented,
                 std::string(method) + " of ?" + std::string(sub_resource) + " is not implemented.");
}

Result<Operation> bucket_operation(std::string_view method, std::string_view sub_resource,
                                   const http::QueryParameters& query) {
  using enum Operation;
  if (method == "GET") {
    if (sub_resource == "location") return kGetBucketLocation;
    if (sub_resource == "uploads") return kListMultipartUploads;
    if (sub_resource == "versions") return kListObjectVersions;
    if (std::ranges::find(kBucketSettings, sub_resource) != kBucketSettings.end()) return kGetBucketSetting;
    if (sub_resource.empty()) return http::find(query, "list-type") == "2" ? kListObjectsV2 : kListObjects;
    return not_implemented(method, sub_resource);
  }
  if (method == "POST" && sub_resource == "delete") return kDeleteObjects;
  if (!sub_resource.empty()) return not_implemented(method, sub_resource);
  if (method == "HEAD") return kHeadBucket;
  if (method == "PUT") return kCreateBucket;
  if (method == "DELETE") return kDeleteBucket;
  if (method == "POST") return failure(S3Code::kNotImplemented, "POST uploads by HTML forms are not implemented.");
  return failure(S3Code::kMethodNotAllowed);
}

Result<Operation> object_operation(const http::Request& request, std::string_view sub_resource) {
  using enum Operation;
  const std::string_view method = request.method;
  const bool is_copy = request.headers.has("x-amz-copy-source");
  if (sub_resource.empty()) {
    if (method == "GET") return kGetObject;
    if (method == "HEAD") return kHeadObject;
    if (method == "PUT") return is_copy ? kCopyObject : kPutObject;
    if (method == "DELETE") return kDeleteObject;
    return failure(S3Code::kMethodNotAllowed);
  }
  if (sub_resource == "uploadId") {
    if (method == "GET") return kListParts;
    if (method == "PUT") return is_copy ? kUploadPartCopy : kUploadPart;
    if (method == "POST") return kCompleteMultipartUpload;
    if (method == "DELETE") return kAbortMultipartUpload;
    return failure(S3Code::kMethodNotAllowed);
  }
  if (method == "POST" && sub_resource == "uploads") return kCreateMultipartUpload;
  if (method == "GET") {
    if (sub_resource == "acl") return kGetObjectAcl;
    if (sub_resource == "attributes") return kGetObjectAttributes;
    if (sub_resource == "tagging") return kGetObjectTagging;
    if (sub_resource == "retention" || sub_resource == "legal-hold") {
      return failure(S3Code::kNoSuchObjectLockConfiguration);
    }
  }
  return not_implemented(method, sub_resource);
}

}  // namespace

std::string_view name_of(Operation operation) {
  using enum Operation;
  switch (operation) {
    case kListBuckets:
      return "ListBuckets";
    case kCreateBucket:
      return "CreateBucket";
    case kHeadBucket:
      return "HeadBucket";
    case kDeleteBucket:
      return "DeleteBucket";
    case kGetBucketLocation:
      return "GetBucketLocation";
    case kGetBucketSetting:
      return "GetBucketSetting";
    case kListObjects:
      return "ListObjects";
    case kListObjectsV2:
      return "ListObjectsV2";
    case kListObjectVersions:
      return "ListObjectVersions";
    case kListMultipartUploads:
      return "ListMultipartUploads";
    case kDeleteObjects:
      return "DeleteObjects";
    case kPutObject:
      return "PutObject";
    case kCopyObject:
      return "CopyObject";
    case kGetObject:
      return "GetObject";
    case kHeadObject:
      return "HeadObject";
    case kDeleteObject:
      return "DeleteObject";
    case kGetObjectAcl:
      return "GetObjectAcl";
    case kGetObjectAttributes:
      return "GetObjectAttributes";
    case kGetObjectTagging:
      return "GetObjectTagging";
    case kCreateMultipartUpload:
      return "CreateMultipartUpload";
    case kUploadPart:
      return "UploadPart";
    case kUploadPartCopy:
      return "UploadPartCopy";
    case kListParts:
      return "ListParts";
    case kCompleteMultipartUpload:
      return "CompleteMultipartUpload";
    case kAbortMultipartUpload:
      return "AbortMultipartUpload";
  }
  return "";
}

Result<Route> route(const http::Request& request, const http::QueryParameters& query) {
  std::string_view path = request.path();
  if (!path.starts_with('/')) return failure(S3Code::kInvalidUri);
  path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  auto bucket = percent_decode(path.substr(0, slash));
  auto key = percent_decode(slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1));
  if (!bucket || !key || !is_valid_utf8(*bucket) || !is_valid_utf8(*key)) return failure(S3Code::kInvalidUri);
  if (key->size() > store::kMaxKeyBytes) return failure(S3Code::kKeyTooLongError);

  Route route{.operation = Operation::kListBuckets, .bucket = *std::move(bucket), .key = *std::move(key)};
  const std::string_view sub_resource = sub_resource_of(query).value_or(std::string_view());
  if (route.bucket.empty()) {
    if (!route.key.empty()) return failure(S3Code::kInvalidBucketName);
    if (request.method != "GET") return failure(S3Code::kMethodNotAllowed);
    return route;
  }
  if (route.key.empty()) {
    TARN_TRY(route.operation, bucket_operation(request.method, sub_resource, query));
  } else {
    TARN_TRY(route.operation, object_operation(request, sub_resource));
  }
  return route;
}

}  // namespace tarn::s3
