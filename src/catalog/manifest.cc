#include "catalog/manifest.h"

#include <algorithm>

namespace tarn::catalog {
namespace {

// a8f3c1d2-4e5b-5a6c-9d8e-7f0a1b2c3d4e. Every dataset's id hangs on these bytes: they never change.
constexpr Uuid kDatasetNamespace{
    {0xa8, 0xf3, 0xc1, 0xd2, 0x4e, 0x5b, 0x5a, 0x6c, 0x9d, 0x8e, 0x7f, 0x0a, 0x1b, 0x2c, 0x3d, 0x4e}};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool starts_level(char c) {
  return is_letter_or_digit(c) || c == '_';
}
bool continues_level(char c) {
  return starts_level(c) || c == '-';
}
bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/// [A-Za-z0-9_][A-Za-z0-9_-]* levels, joined by single dots; with `escapes_allowed` a %XX stands for any character.
bool has_name_pattern(std::string_view name, bool escapes_allowed) {
  bool at_level_start = true;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '.') {
      if (at_level_start) return false;
      at_level_start = true;
      continue;
    }
    if (c == '%' && escapes_allowed) {
      if (name.size() - i < 3 || !is_hex_digit(name[i + 1]) || !is_hex_digit(name[i + 2])) return false;
      i += 2;
    } else if (at_level_start ? !starts_level(c) : !continues_level(c)) {
      return false;
    }
    at_level_start = false;
  }
  return !at_level_start;
}

/// A name as a message shows it: what is no printable ASCII replaced, and cut where it is long.
std::string quoted(std::string_view name) {
  constexpr std::size_t kShownBytes = 80;
  std::string text(name.substr(0, kShownBytes));
  std::ranges::replace_if(text, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return '"' + text + (name.size() > kShownBytes ? "…\"" : "\"");
}

}  // namespace

Uuid dataset_id_of(std::string_view name) {
  return uuid_v5(kDatasetNamespace, name);
}

Result<void> validate_name(std::string_view name) {
  if (name.empty()) return failure(ErrorCode::kInvalidArgument, "a dataset needs a name", kEmptyName);
  if (name.size() > kMaxNameBytes) {
    return failure(ErrorCode::kInvalidArgument,
                   "dataset name " + quoted(name) + " has " + std::to_string(name.size()) + " bytes, " +
                       std::to_string(kMaxNameBytes) + " at most",
                   kInvalidName);
  }
  if (!has_name_pattern(name, /*escapes_allowed=*/false)) {
    return failure(ErrorCode::kInvalidArgument,
                   "dataset name " + quoted(name) +
                       " must be levels of A-Z a-z 0-9 _ - joined by dots, none of them empty or led by -",
                   kInvalidName);
  }
  const std::string_view first_level = name.substr(0, name.find('.'));
  if (first_level == "default" || first_level == "tarn") {
    return failure(ErrorCode::kInvalidArgument,
                   "dataset name " + quoted(name) + " begins with the reserved level " + std::string(first_level),
                   kInvalidName);
  }
  return {};
}

bool is_stored_name(std::string_view name) {
  return name.size() <= kMaxNameBytes && has_name_pattern(name, /*escapes_allowed=*/true);
}

std::string manifest_key(std::string_view name) {
  std::string key;
  key.reserve(kManifestPrefix.size() + name.size() + kManifestSuffix.size());
  return key.append(kManifestPrefix).append(name).append(kManifestSuffix);
}

std::optional<std::string> name_of_manifest_key(std::string_view key) {
  if (!key.starts_with(kManifestPrefix) || !key.ends_with(kManifestSuffix)) return std::nullopt;
  key.remove_prefix(kManifestPrefix.size());
  if (key.size() < kManifestSuffix.size()) return std::nullopt;
  key.remove_suffix(kManifestSuffix.size());
  if (!is_stored_name(key)) return std::nullopt;
  return std::string(key);
}

}  // namespace tarn::catalog
