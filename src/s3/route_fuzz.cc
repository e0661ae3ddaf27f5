#include <cstddef>
#include <cstdint>
#include <string>

#include "base/encoding.h"
#include "s3/object_headers_internal.h"
#include "s3/route_internal.h"
#include "store/object_store.h"

// The request line, and the headers that describe objects: whatever is routed is a key that the stores take.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tarn;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t space = std::min(input.find(' '), input.size());
  const std::size_t end = std::min(input.find('\n'), input.size());
  if (space >= end) return 0;
  http::Request request;
  request.method = input.substr(0, space);
  request.target = input.substr(space + 1, end - space - 1);
  const std::string_view value = input.substr(std::min(end + 1, input.size()));
  for (const std::string_view name : {"range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
                                      "x-amz-tagging", "x-amz-meta-a", "content-encoding", "x-amz-acl"}) {
    request.headers.add(name, value);
  }

  const auto query = http::parse_query(request.query());
  if (!query) return 0;
  if (const auto route = s3::route(request, *query); route && !route->key.empty()) {
    if (!store::validate_key(route->key) || route->bucket.empty()) __builtin_trap();
  }
  const store::ByteRange range = s3::read_range(request.headers);
  if (const auto resolved = store::resolve(range, 1000); resolved && resolved->offset + resolved->length > 1000) {
    __builtin_trap();
  }
  (void)s3::read_tags(request.headers);
  (void)s3::read_object_headers(request.headers);
  (void)s3::read_put_condition(request.headers);
  (void)s3::refuse_unsupported_headers(request.headers);
  (void)s3::judge(s3::ReadConditions::of_request(request.headers),
                  {.key = "a", .size = 1, .etag = "aa", .last_modified = {}});
  (void)s3::parse_content_range(value);
  return 0;
}
