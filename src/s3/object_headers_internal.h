#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "store/bucket_store.h"

// The headers that describe objects and state conditions: from requests into the store's words, and back. Pure.
namespace tarn::s3 {

/// The longest user metadata of one object: names and values together.
inline constexpr std::size_t kMaxUserMetadataBytes = 2048;

/// Content-Type and its kin, and x-amz-meta-*; aws-chunked, which ended with the transfer, is cut from
/// Content-Encoding. Errors: MetadataTooLarge.
Result<store::ObjectHeaders> read_object_headers(const http::Headers& headers);
/// x-amz-tagging: "name=value&name=value", percent-encoded. Errors: InvalidTag, BadRequest over 10 tags.
Result<std::map<std::string, std::string>> read_tags(const http::Headers& headers);
/// If-None-Match: * and If-Match of a write. Errors: NotImplemented for what S3 has not either.
Result<store::PutCondition> read_put_condition(const http::Headers& headers);
/// Headers that ask for what this server does not do, and that must not be ignored: encryption, locks, grants. A canned
/// ACL is taken and ignored, since nothing here is public. Errors: NotImplemented, AccessControlListNotSupported.
Result<void> refuse_unsupported_headers(const http::Headers& headers);

/// The Range header in the store's words. What is malformed or has several ranges is ignored, as RFC 9110 section 14.2
/// allows: the whole object is asked for.
store::ByteRange read_range(const http::Headers& headers);

/// ETag, Last-Modified, Accept-Ranges, and all that was stored with the object.
void write_object_headers(const store::ObjectDetails& details, http::Headers& headers);
/// x-amz-checksum-*, of the whole object.
void write_checksums(const std::vector<store::ObjectChecksum>& checksums, http::Headers& headers);
/// The same headers read by a client; the size is not among them, nor are the tags. Errors: kInternal where a store's
/// answer lacks its ETag or time.
Result<store::ObjectDetails> read_object_details(std::string key, const http::Headers& headers);
/// What a client sends with a new object's headers and tags.
void write_put_headers(const store::ObjectHeaders& described, const std::map<std::string, std::string>& tags,
                       http::Headers& headers);
/// A client's If-None-Match or If-Match.
void write_put_condition(const store::PutCondition& condition, http::Headers& headers);
/// "bytes=0-9", "bytes=10-" or "bytes=-3"; not for all().
std::string range_header(const store::ByteRange& range);
/// An answer's Content-Range, "bytes 2-4/10".
struct ContentRange {
  store::ResolvedRange range;
  std::uint64_t object_size = 0;
};
std::optional<ContentRange> parse_content_range(std::string_view header);

/// The conditions of a read (RFC 9110 section 13), or of a copy's source by their names there.
struct ReadConditions {
  std::optional<std::string_view> if_match;
  std::optional<std::string_view> if_none_match;
  std::optional<std::string_view> if_modified_since;
  std::optional<std::string_view> if_unmodified_since;

  static ReadConditions of_request(const http::Headers& headers);
  static ReadConditions of_copy_source(const http::Headers& headers);
  bool is_empty() const { return !if_match && !if_none_match && !if_modified_since && !if_unmodified_since; }
};
enum class Verdict : std::uint8_t { kProceed, kNotModified, kPreconditionFailed };
/// In the order of RFC 9110 section 13.2.2. Times compare by the second, as HTTP dates have no finer; dates that are
/// none are ignored.
Verdict judge(const ReadConditions& conditions, const store::ObjectSummary& object);
/// Whether `etag` (without quotes) is in an If-Match list: "*", or quoted or bare tags between commas.
bool matches_any(std::string_view list, std::string_view etag);

}  // namespace tarn::s3
