#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "async/deadline.h"
#include "async/task.h"
#include "http/message.h"
#include "s3/errors_internal.h"
#include "s3/route_internal.h"
#include "s3/server.h"
#include "s3/sigv4.h"
#include "store/bucket_store.h"

// The server's operations. Each takes a request whose signature is right and whose key its caller may touch, and gives
// its answer, or an error that the server words. They run one at a time for a Call, which outlives them.
namespace tarn::s3 {

/// One authenticated request.
struct Call {
  store::BucketStore& store;
  http::Request& request;
  const http::QueryParameters& query;
  const Route& route;
  const Authentication& authentication;
  Role role;
  const ServerOptions& options;
  Deadline deadline;

  store::ObjectKey object() const { return {route.bucket, route.key}; }
  std::optional<std::string_view> parameter(std::string_view name) const { return http::find(query, name); }
  std::string text(std::string_view name) const { return std::string(parameter(name).value_or(std::string_view())); }
  bool may_touch(std::string_view key) const { return role == Role::kAdmin || !key.starts_with(kCatalogPrefix); }
};

/// A count in the query, cut to `greatest`. Errors: InvalidArgument for what is no number.
Result<std::size_t> read_count(const Call& call, std::string_view name, std::size_t greatest);
/// encoding-type=url. Errors: InvalidArgument for another encoding.
Result<bool> read_is_url_encoded(const Call& call);
http::Response xml_response(std::string document);
http::Response empty_response(int status);

/// x-amz-checksum-* and their type in an answer.
void answer_checksums(const std::vector<store::ObjectChecksum>& checksums, http::Headers& headers);

// bucket_operations.cc
Task<http::Response> list_buckets(Call& call);
Task<http::Response> create_bucket(Call& call);
Task<http::Response> head_bucket(Call& call);
Task<http::Response> delete_bucket(Call& call);
Task<http::Response> get_bucket_location(Call& call);
Task<http::Response> get_bucket_setting(Call& call);

// list_operations.cc
Task<http::Response> list_objects_v2(Call& call);
/// ListObjects version 1 and ListObjectVersions, which page alike.
Task<http::Response> list_objects_by_marker(Call& call);

// object_operations.cc
Task<http::Response> put_object(Call& call);
Task<http::Response> get_object(Call& call);
Task<http::Response> head_object(Call& call);
Task<http::Response> delete_object(Call& call);
Task<http::Response> get_object_acl(Call& call);
Task<http::Response> get_object_attributes(Call& call);
Task<http::Response> get_object_tagging(Call& call);

// delete_operations.cc
Task<http::Response> delete_objects(Call& call);

// copy_operations.cc
Task<http::Response> copy_object(Call& call);
Task<http::Response> upload_part_copy(Call& call);

// multipart_operations.cc
Task<http::Response> create_multipart_upload(Call& call);
Task<http::Response> upload_part(Call& call);
Task<http::Response> list_parts(Call& call);
Task<http::Response> complete_multipart_upload(Call& call);
Task<http::Response> abort_multipart_upload(Call& call);
Task<http::Response> list_multipart_uploads(Call& call);
/// partNumber, 1 to 10,000. Errors: InvalidArgument.
Result<int> read_part_number(const Call& call);

/// The deadline of a request that carries a body of that size: its own, or none where the body is long, since idle
/// timeouts bound the transfer.
Deadline transfer_deadline(const Call& call, std::optional<std::uint64_t> body_bytes);

}  // namespace tarn::s3
