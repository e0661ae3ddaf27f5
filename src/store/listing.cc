#include <algorithm>

#include "base/encoding.h"
#include "store/listing_internal.h"

namespace tarn::store {
namespace {

/// What a token says before it is encoded: its version, then the last entry.
constexpr std::string_view kTokenVersion = "1:";

}  // namespace

Result<void> validate_page_limit(std::size_t limit) {
  if (limit >= 1 && limit <= kMaxPageEntries) return {};
  return failure(ErrorCode::kInvalidArgument,
                 "the limit of a page is 1 to " + std::to_string(kMaxPageEntries) + ", not " + std::to_string(limit));
}

Result<std::string> start_position(const ListQuery& query) {
  TARN_TRY_VOID(validate_page_limit(query.limit));
  if (query.continuation.empty()) return query.start_after;
  const auto token = base64_decode(query.continuation);
  if (!token || !token->starts_with(kTokenVersion)) {
    return failure(ErrorCode::kInvalidArgument, "the continuation token is none of this store's");
  }
  return token->substr(kTokenVersion.size());
}

std::string continuation_after(std::string_view entry) {
  return base64_encode(std::string(kTokenVersion).append(entry));
}

std::optional<std::string_view> common_prefix_of(std::string_view key, const ListQuery& query) {
  if (query.delimiter.empty()) return std::nullopt;
  const std::size_t at = key.find(query.delimiter, query.prefix.size());
  if (at == std::string_view::npos) return std::nullopt;
  return key.substr(0, at + query.delimiter.size());
}

std::string after_all_with_prefix(std::string_view prefix) {
  std::string next(prefix);
  while (!next.empty() && next.back() == '\xff') next.pop_back();
  if (!next.empty()) next.back() = static_cast<char>(static_cast<unsigned char>(next.back()) + 1);
  return next;
}

std::optional<std::string> first_candidate(const ListQuery& query, std::string_view position) {
  if (position < query.prefix) return query.prefix;
  if (!position.starts_with(query.prefix)) {
    // After the prefix in byte order and not under it: past every key that has it. An empty prefix is under everything.
    return std::nullopt;
  }
  if (const auto common_prefix = common_prefix_of(position, query)) {
    // All of that prefix is one entry, and it is not after the position.
    std::string next = after_all_with_prefix(*common_prefix);
    if (next.empty()) return std::nullopt;
    return next;
  }
  if (position.empty()) return std::string();
  return std::string(position) + '\0';
}

}  // namespace tarn::store
