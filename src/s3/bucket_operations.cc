#include <array>
#include <utility>

#include "s3/answers_xml_internal.h"
#include "s3/object_headers_internal.h"
#include "s3/operations_internal.h"
#include "s3/request_body_internal.h"
#include "s3/requests_xml_internal.h"
#include "s3/xml_internal.h"

namespace tarn::s3 {
namespace {

/// A bucket setting that nobody can change: what its GET answers.
struct Setting {
  std::string_view sub_resource;
  std::optional<S3Code> absent;  ///< the error that says it is not set; else an empty document
  std::string_view document_root;
};

constexpr std::array<Setting, 15> kSettings = {{
    {"accelerate", {}, "AccelerateConfiguration"},
    {"cors", S3Code::kNoSuchCorsConfiguration, {}},
    {"encryption", S3Code::kServerSideEncryptionConfigurationNotFoundError, {}},
    {"lifecycle", S3Code::kNoSuchLifecycleConfiguration, {}},
    {"logging", {}, "BucketLoggingStatus"},
    {"notification", {}, "NotificationConfiguration"},
    {"object-lock", S3Code::kObjectLockConfigurationNotFoundError, {}},
    {"ownershipControls", S3Code::kOwnershipControlsNotFoundError, {}},
    {"policy", S3Code::kNoSuchBucketPolicy, {}},
    {"publicAccessBlock", S3Code::kNoSuchPublicAccessBlockConfiguration, {}},
    {"replication", S3Code::kReplicationConfigurationNotFoundError, {}},
    {"requestPayment", {}, "RequestPaymentConfiguration"},
    {"tagging", S3Code::kNoSuchTagSet, {}},
    {"versioning", {}, "VersioningConfiguration"},
    {"website", S3Code::kNoSuchWebsiteConfiguration, {}},
}};

}  // namespace

Task<http::Response> list_buckets(Call& call) {
  TARN_CO_TRY(const auto buckets, co_await call.store.list_buckets(call.deadline));
  co_return xml_response(list_buckets_document(buckets));
}

Task<http::Response> create_bucket(Call& call) {
  TARN_CO_TRY_VOID(refuse_unsupported_headers(call.request.headers));
  if (const auto valid = store::validate_bucket_name(call.route.bucket); !valid) {
    co_return failure(S3Code::kInvalidBucketName, valid.error().message);
  }
  TARN_CO_TRY(const CheckedBody body, checked_body(std::move(call.request.body), call.request.headers,
                                                   call.authentication, BodyKind::kDocument));
  TARN_CO_TRY(const Bytes document, co_await async::read_all(*body.payload, kMaxRequestXmlBytes));
  // There is one place for buckets to be, so any location will do.
  TARN_CO_TRY_VOID(parse_create_bucket(document));
  TARN_CO_TRY_VOID(co_await call.store.create_bucket(call.route.bucket, call.deadline));
  http::Response response = empty_response(200);
  response.headers.add("Location", "/" + call.route.bucket);
  co_return response;
}

Task<http::Response> head_bucket(Call& call) {
  TARN_CO_TRY_VOID(co_await call.store.head_bucket(call.route.bucket, call.deadline));
  http::Response response = empty_response(200);
  response.headers.add("x-amz-bucket-region", call.options.region);
  co_return response;
}

Task<http::Response> delete_bucket(Call& call) {
  TARN_CO_TRY_VOID(co_await call.store.remove_bucket(call.route.bucket, call.deadline));
  co_return empty_response(204);
}

Task<http::Response> get_bucket_location(Call& call) {
  TARN_CO_TRY_VOID(co_await call.store.head_bucket(call.route.bucket, call.deadline));
  co_return xml_response(location_document(call.options.region));
}

Task<http::Response> get_bucket_setting(Call& call) {
  TARN_CO_TRY_VOID(co_await call.store.head_bucket(call.route.bucket, call.deadline));
  for (const Setting& setting : kSettings) {
    if (!call.parameter(setting.sub_resource)) continue;
    if (setting.absent) co_return failure(*setting.absent);
    XmlWriter xml(setting.document_root);
    if (setting.sub_resource == "requestPayment") xml.text("Payer", "BucketOwner");
    co_return xml_response(std::move(xml).finish());
  }
  co_return xml_response(private_acl_document());
}

}  // namespace tarn::s3
