#include "store/bucket_store.h"

#include <algorithm>

namespace tarn::store {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Four groups of one to three digits between dots.
bool looks_like_ipv4(std::string_view name) {
  int groups = 1;
  int digits = 0;
  for (const char c : name) {
    if (c == '.') {
      if (digits == 0) return false;
      ++groups;
      digits = 0;
    } else if (c < '0' || c > '9' || ++digits > 3) {
      return false;
    }
  }
  return groups == 4 && digits > 0;
}

}  // namespace

Result<void> validate_bucket_name(std::string_view name) {
  const bool is_valid =
      name.size() >= 3 && name.size() <= 63 && is_letter_or_digit(name.front()) && is_letter_or_digit(name.back()) &&
      std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-'; }) &&
      !name.contains("..") && !looks_like_ipv4(name);
  if (is_valid) return {};
  return failure(ErrorCode::kInvalidArgument,
                 "'" + std::string(name) +
                     "' is no bucket name: 3 to 63 of a-z 0-9 . -, first and last a letter or digit, no IP address");
}

}  // namespace tarn::store
