#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "base/encoding.h"
#include "s3/checksum_internal.h"
#include "s3/errors_internal.h"
#include "s3/object_headers_internal.h"
#include "s3/requests_xml_internal.h"

namespace tarn::s3 {
namespace {

using store::ByteRange;
using store::ObjectHeaders;

constexpr std::string_view kMetaPrefix = "x-amz-meta-";
constexpr std::string_view kDefaultContentType = "binary/octet-stream";
constexpr std::size_t kMaxTags = 10;
constexpr std::size_t kMaxTagNameBytes = 128 * 4;  // S3 counts characters
constexpr std::size_t kMaxTagValueBytes = 256 * 4;

constexpr std::array<std::string_view, 8> kCannedAcls = {
    "private",       "public-read",       "public-read-write",         "authenticated-read",
    "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"};

struct StandardHeader {
  std::string_view name;
  std::string ObjectHeaders::* field;
};

constexpr std::array<StandardHeader, 6> kStandardHeaders = {{
    {"Content-Type", &ObjectHeaders::content_type},
    {"Content-Encoding", &ObjectHeaders::content_encoding},
    {"Content-Language", &ObjectHeaders::content_language},
    {"Content-Disposition", &ObjectHeaders::content_disposition},
    {"Cache-Control", &ObjectHeaders::cache_control},
    {"Expires", &ObjectHeaders::expires},
}};

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// The list's elements but for aws-chunked; as it was where that is none of them.
std::string without_aws_chunked(std::string_view encodings) {
  const std::string_view all = encodings;
  bool is_aws_chunked = false;
  std::string kept;
  while (!encodings.empty()) {
    const std::size_t comma = std::min(encodings.find(','), encodings.size());
    const std::string_view encoding = trimmed(encodings.substr(0, comma));
    encodings.remove_prefix(std::min(comma + 1, encodings.size()));
    if (http::names_equal(encoding, "aws-chunked")) {
      is_aws_chunked = true;
    } else if (!encoding.empty()) {
      kept.append(kept.empty() ? "" : ", ").append(encoding);
    }
  }
  return is_aws_chunked ? kept : std::string(all);
}

/// A form's encoding: '+' is a space, unlike in a path.
std::optional<std::string> decode_tag(std::string_view encoded) {
  std::string text(encoded);
  std::ranges::replace(text, '+', ' ');
  return percent_decode(text);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  // Beyond every object's end anyway.
  if (error == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
  return number;
}

void write_described(const ObjectHeaders& described, http::Headers& headers) {
  for (const StandardHeader& standard : kStandardHeaders) {
    const std::string& value = described.*standard.field;
    if (!value.empty()) headers.add(standard.name, value);
  }
  for (const auto& [name, value] : described.user_metadata) headers.add(std::string(kMetaPrefix).append(name), value);
}

std::chrono::sys_seconds to_second(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

}  // namespace

Result<ObjectHeaders> read_object_headers(const http::Headers& headers) {
  ObjectHeaders read;
  std::size_t metadata_bytes = 0;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers[i];
    if (name.size() > kMetaPrefix.size() && http::names_equal(name.substr(0, kMetaPrefix.size()), kMetaPrefix)) {
      std::string& stored = read.user_metadata[to_lower(name.substr(kMetaPrefix.size()))];
      if (stored.empty()) {
        metadata_bytes += name.size() - kMetaPrefix.size();
      } else {
        stored += ",";
      }
      stored += value;
      metadata_bytes += value.size();
      continue;
    }
    for (const StandardHeader& standard : kStandardHeaders) {
      if (http::names_equal(name, standard.name)) read.*standard.field = value;
    }
  }
  if (metadata_bytes > kMaxUserMetadataBytes) return failure(S3Code::kMetadataTooLarge);
  if (!read.content_encoding.empty()) read.content_encoding = without_aws_chunked(read.content_encoding);
  return read;
}

Result<std::map<std::string, std::string>> read_tags(const http::Headers& headers) {
  std::map<std::string, std::string> tags;
  std::string_view rest = headers.get("x-amz-tagging").value_or(std::string_view());
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = decode_tag(pair.substr(0, equals));
    auto value = decode_tag(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value || name->empty() || name->size() > kMaxTagNameBytes || value->size() > kMaxTagValueBytes ||
        !is_valid_utf8(*name) || !is_valid_utf8(*value)) {
      return failure(S3Code::kInvalidTag);
    }
    if (!tags.emplace(*name, *std::move(value)).second) {
      return failure(S3Code::kInvalidTag, "Cannot provide multiple Tags with the same key");
    }
    if (tags.size() > kMaxTags) return failure(S3Code::kBadRequest, "Object tags cannot be greater than 10");
  }
  return tags;
}

Result<store::PutCondition> read_put_condition(const http::Headers& headers) {
  const auto if_none_match = headers.get("if-none-match");
  const auto if_match = headers.get("if-match");
  if (!if_none_match && !if_match) return store::PutCondition::none();
  if (if_none_match && (if_match || *if_none_match != "*")) {
    return failure(S3Code::kNotImplemented, "A write takes If-None-Match: * or If-Match with one ETag.");
  }
  if (if_none_match) return store::PutCondition::if_absent();
  return store::PutCondition::if_match(std::string(unquoted(*if_match)));
}

Result<void> refuse_unsupported_headers(const http::Headers& headers) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const std::string name = to_lower(headers[i].name);
    if (!name.starts_with("x-amz-")) continue;
    if (name.starts_with("x-amz-server-side-encryption") || name.starts_with("x-amz-object-lock-") ||
        name == "x-amz-bucket-object-lock-enabled" || name == "x-amz-website-redirect-location" ||
        name == "x-amz-write-offset-bytes") {
      if (http::names_equal(headers[i].value, "false")) continue;
      return failure(S3Code::kNotImplemented, "The header " + name + " is not implemented.");
    }
    if (name.starts_with("x-amz-grant-")) return failure(S3Code::kAccessControlListNotSupported);
    // Everything is private whatever the canned ACL; clients that set one expect it to be taken.
    if (name == "x-amz-acl" && std::ranges::find(kCannedAcls, headers[i].value) == kCannedAcls.end()) {
      return failure(S3Code::kInvalidArgument, "The canned ACL is unknown.");
    }
  }
  return {};
}

ByteRange read_range(const http::Headers& headers) {
  constexpr std::string_view kUnit = "bytes=";
  const auto header = headers.get("range");
  if (!header || header->size() <= kUnit.size() || !http::names_equal(header->substr(0, kUnit.size()), kUnit)) {
    return ByteRange::all();
  }
  const std::string_view spec = trimmed(header->substr(kUnit.size()));
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return ByteRange::all();
  const std::string_view before = spec.substr(0, dash);
  const auto first = parse_number(before);
  const auto last = parse_number(spec.substr(dash + 1));
  if (before.empty()) return last ? ByteRange::suffix(*last) : ByteRange::all();
  if (!first) return ByteRange::all();
  if (dash + 1 == spec.size()) return ByteRange::from(*first);
  if (!last || *last < *first) return ByteRange::all();
  return ByteRange::between(*first, *last);
}

void write_object_headers(const store::ObjectDetails& details, http::Headers& headers) {
  headers.add("ETag", quoted(details.summary.etag));
  headers.add("Last-Modified", to_http_date(details.summary.last_modified));
  headers.add("Accept-Ranges", "bytes");
  write_described(details.headers, headers);
  if (details.headers.content_type.empty()) headers.add("Content-Type", kDefaultContentType);
  if (!details.tags.empty()) headers.add("x-amz-tagging-count", std::to_string(details.tags.size()));
}

void write_checksums(const std::vector<store::ObjectChecksum>& checksums, http::Headers& headers) {
  for (const store::ObjectChecksum& checksum : checksums) {
    headers.add("x-amz-checksum-" + to_lower(checksum.algorithm), checksum.base64);
  }
}

Result<store::ObjectDetails> read_object_details(std::string key, const http::Headers& headers) {
  store::ObjectDetails details;
  details.summary.key = std::move(key);
  details.summary.etag = unquoted(headers.get("etag").value_or(std::string_view()));
  const auto last_modified = parse_http_date(headers.get("last-modified").value_or(std::string_view()));
  if (details.summary.etag.empty() || !last_modified) {
    return tarn::failure(ErrorCode::kInternal, "the store's answer has no ETag or Last-Modified");
  }
  details.summary.last_modified = *last_modified;
  TARN_TRY(details.headers, read_object_headers(headers));
  if (details.headers.content_type == kDefaultContentType) details.headers.content_type.clear();
  // A multipart object's ETag ends in the number of its parts.
  if (const std::size_t dash = details.summary.etag.rfind('-'); dash != std::string::npos) {
    const auto parts = parse_number(std::string_view(details.summary.etag).substr(dash + 1));
    if (parts && *parts <= store::kMaxPartNumber) details.part_count = static_cast<int>(*parts);
  }
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (const auto algorithm = checksum_of_header(headers[i].name)) {
      details.checksums.push_back({std::string(name_of(*algorithm)), std::string(headers[i].value)});
    }
  }
  return details;
}

void write_put_headers(const ObjectHeaders& described, const std::map<std::string, std::string>& tags,
                       http::Headers& headers) {
  write_described(described, headers);
  std::string tagging;
  for (const auto& [name, value] : tags) {
    if (!tagging.empty()) tagging += "&";
    tagging.append(percent_encode(name)).append("=").append(percent_encode(value));
  }
  if (!tagging.empty()) headers.add("x-amz-tagging", tagging);
}

void write_put_condition(const store::PutCondition& condition, http::Headers& headers) {
  if (condition.is_if_absent()) headers.add("If-None-Match", "*");
  if (condition.is_if_match()) headers.add("If-Match", condition.etag() == "*" ? "*" : quoted(condition.etag()));
}

std::string range_header(const ByteRange& range) {
  if (range.suffix_length) return "bytes=-" + std::to_string(*range.suffix_length);
  std::string header = "bytes=" + std::to_string(range.first.value_or(0)) + "-";
  if (range.last) header += std::to_string(*range.last);
  return header;
}

std::optional<ContentRange> parse_content_range(std::string_view header) {
  constexpr std::string_view kUnit = "bytes ";
  if (!header.starts_with(kUnit)) return std::nullopt;
  header.remove_prefix(kUnit.size());
  const std::size_t dash = header.find('-');
  const std::size_t slash = header.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash) return std::nullopt;
  const auto first = parse_number(header.substr(0, dash));
  const auto last = parse_number(header.substr(dash + 1, slash - dash - 1));
  const auto size = parse_number(header.substr(slash + 1));
  if (!first || !last || !size || *first > *last || *last >= *size) return std::nullopt;
  return ContentRange{.range = {.offset = *first, .length = *last - *first + 1}, .object_size = *size};
}

ReadConditions ReadConditions::of_request(const http::Headers& headers) {
  return {.if_match = headers.get("if-match"),
          .if_none_match = headers.get("if-none-match"),
          .if_modified_since = headers.get("if-modified-since"),
          .if_unmodified_since = headers.get("if-unmodified-since")};
}

ReadConditions ReadConditions::of_copy_source(const http::Headers& headers) {
  return {.if_match = headers.get("x-amz-copy-source-if-match"),
          .if_none_match = headers.get("x-amz-copy-source-if-none-match"),
          .if_modified_since = headers.get("x-amz-copy-source-if-modified-since"),
          .if_unmodified_since = headers.get("x-amz-copy-source-if-unmodified-since")};
}

bool matches_any(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view tag = trimmed(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == "*" || unquoted(tag) == etag) return true;
  }
  return false;
}

Verdict judge(const ReadConditions& conditions, const store::ObjectSummary& object) {
  const auto modified = to_second(object.last_modified);
  if (conditions.if_match) {
    if (!matches_any(*conditions.if_match, object.etag)) return Verdict::kPreconditionFailed;
  } else if (conditions.if_unmodified_since) {
    const auto since = parse_http_date(*conditions.if_unmodified_since);
    if (since && modified > to_second(*since)) return Verdict::kPreconditionFailed;
  }
  if (conditions.if_none_match) {
    if (matches_any(*conditions.if_none_match, object.etag)) return Verdict::kNotModified;
  } else if (conditions.if_modified_since) {
    const auto since = parse_http_date(*conditions.if_modified_since);
    if (since && modified <= to_second(*since)) return Verdict::kNotModified;
  }
  return Verdict::kProceed;
}

}  // namespace tarn::s3
