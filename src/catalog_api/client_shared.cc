#include <algorithm>
#include <string>

#include "base/encoding.h"
#include "catalog_api/client_internal.h"
#include "catalog_api/server.h"

namespace tarn::catalog_api {
namespace {

/// About what a manifest holds, in bytes.
std::size_t size_of(const catalog::Manifest& manifest) {
  constexpr std::size_t kFixed = 256;
  constexpr std::size_t kPerObject = 16;
  std::size_t size = kFixed + manifest.name.size() + manifest.schema_fingerprint.size();
  for (const auto& object : manifest.objects) {
    size += kPerObject + object.key.size() + (object.etag ? object.etag->size() : 0);
  }
  if (manifest.columns) {
    for (const auto& column : *manifest.columns) size += column.name.size() + column.type.size();
  }
  for (const auto& [key, value] : manifest.properties) size += key.size() + value.size();
  return size;
}

}  // namespace

std::chrono::milliseconds timeout_for_server(Deadline deadline) {
  using std::chrono::milliseconds;
  const auto left = std::chrono::duration_cast<milliseconds>(deadline.remaining());
  const auto told = left - std::min(left / 10, milliseconds(100));
  return std::clamp(told, milliseconds(1), kMaxTimeout);
}

Result<void> expect_utf8(std::string_view field, std::string_view text) {
  if (is_valid_utf8(text)) return {};
  return failure(ErrorCode::kInvalidArgument, std::string(field) + ": expected UTF-8");
}

Result<void> expect_utf8(const catalog::RegisterRequest& request) {
  TARN_TRY_VOID(expect_utf8("name", request.name));
  TARN_TRY_VOID(expect_utf8("schema_fingerprint", request.schema_fingerprint));
  for (const auto& object : request.objects) {
    TARN_TRY_VOID(expect_utf8("objects.key", object.key));
    TARN_TRY_VOID(expect_utf8("objects.etag", object.etag.value_or("")));
  }
  if (request.columns) {
    for (const auto& column : *request.columns) {
      TARN_TRY_VOID(expect_utf8("columns.name", column.name));
      TARN_TRY_VOID(expect_utf8("columns.type", column.type));
    }
  }
  for (const auto& [key, value] : request.properties) {
    TARN_TRY_VOID(expect_utf8("properties", key));
    TARN_TRY_VOID(expect_utf8("properties", value));
  }
  return {};
}

Result<void> expect_addressable(std::string_view name) {
  if (!name.empty() && is_valid_utf8(name)) return {};
  return failure(ErrorCode::kNotFound, "dataset '" + std::string(name) + "'");
}

void cut_to_bytes(catalog::DatasetPage& page, std::size_t limit_bytes) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < page.datasets.size(); ++i) {
    total += size_of(*page.datasets[i]);
    if (i == 0 || total <= limit_bytes) continue;
    page.datasets.resize(i);
    page.is_truncated = true;
    return;
  }
}

}  // namespace tarn::catalog_api
