#include <algorithm>
#include <limits>
#include <string>

#include "base/encoding.h"
#include "catalog/decide_internal.h"
#include "store/object_store.h"

namespace tarn::catalog {
namespace {

constexpr auto kMaxCount = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

std::unexpected<Error> invalid(std::string message, std::string_view reason = {}) {
  return failure(ErrorCode::kInvalidArgument, std::move(message), reason);
}

Result<void> check_limit(std::size_t size, std::size_t limit, const char* what) {
  if (size <= limit) return {};
  return failure(ErrorCode::kTooLarge, std::to_string(size) + ' ' + what + ", " + std::to_string(limit) + " at most");
}

Result<void> validate_object(const DataObject& object) {
  if (object.key.empty()) return invalid("an object needs a key");
  TARN_TRY_VOID(check_limit(object.key.size(), store::kMaxKeyBytes, "bytes of an object's key"));
  if (!is_valid_utf8(object.key)) return invalid("an object's key is no UTF-8");
  if (object.key.starts_with("_catalog/") || object.key.starts_with("_iceberg/")) {
    return invalid("object key " + object.key + " lies under a reserved prefix (_catalog/, _iceberg/)", kReservedKey);
  }
  if (object.size > kMaxCount) return invalid("object " + object.key + " has a size over 2^63 - 1");
  if (object.etag) {
    TARN_TRY_VOID(check_limit(object.etag->size(), kMaxEtagBytes, "bytes of an object's etag"));
    if (!is_valid_utf8(*object.etag)) return invalid("the etag of object " + object.key + " is no UTF-8");
  }
  return {};
}

Result<void> validate_columns(const std::vector<Column>& columns) {
  TARN_TRY_VOID(check_limit(columns.size(), kMaxColumns, "columns"));
  for (const Column& column : columns) {
    TARN_TRY_VOID(check_limit(column.name.size() + column.type.size(), kMaxColumnBytes, "bytes of a column"));
    if (!is_valid_utf8(column.name) || !is_valid_utf8(column.type)) return invalid("a column is no UTF-8");
  }
  return {};
}

Result<void> validate_properties(const std::map<std::string, std::string>& properties) {
  TARN_TRY_VOID(check_limit(properties.size(), kMaxProperties, "properties"));
  for (const auto& [key, value] : properties) {
    if (key.empty()) return invalid("a property needs a key");
    TARN_TRY_VOID(check_limit(key.size() + value.size(), kMaxPropertyBytes, "bytes of a property"));
    if (!is_valid_utf8(key) || !is_valid_utf8(value)) return invalid("a property is no UTF-8");
  }
  return {};
}

bool is_live(const ManifestPtr& manifest) {
  return manifest && manifest->is_live();
}

}  // namespace

Result<void> validate(const RegisterRequest& request) {
  TARN_TRY_VOID(validate_name(request.name));
  if (request.schema_fingerprint.empty()) {
    return invalid("dataset " + request.name + " needs a schema fingerprint", kEmptyFingerprint);
  }
  TARN_TRY_VOID(check_limit(request.schema_fingerprint.size(), kMaxFingerprintBytes, "bytes of a fingerprint"));
  if (!is_valid_utf8(request.schema_fingerprint)) return invalid("the schema fingerprint is no UTF-8");
  TARN_TRY_VOID(check_limit(request.objects.size(), kMaxObjects, "objects"));
  for (const DataObject& object : request.objects) TARN_TRY_VOID(validate_object(object));
  if (request.row_count && *request.row_count > kMaxCount) return invalid("a row count over 2^63 - 1");
  if (request.columns) TARN_TRY_VOID(validate_columns(*request.columns));
  return validate_properties(request.properties);
}

Result<Decision> decide_register(const RegisterRequest& request, const ManifestPtr& prior, Timestamp now) {
  Manifest next;
  if (is_live(prior)) {
    if (prior->schema_fingerprint != request.schema_fingerprint) {
      return failure(ErrorCode::kConflict,
                     "dataset " + request.name + " is registered with schema fingerprint " + prior->schema_fingerprint +
                         ", not " + request.schema_fingerprint,
                     kFingerprintConflict);
    }
    if (prior->kind == DatasetKind::kIceberg) {
      return invalid("dataset " + request.name + " is an Iceberg table: its commits replace its objects");
    }
    next = *prior;
  } else {
    next.schema_fingerprint = request.schema_fingerprint;
    next.created_at = now;
  }
  next.objects = request.objects;
  next.row_count = request.row_count;
  if (request.columns) next.columns = request.columns;
  if (!request.properties.empty()) next.properties = request.properties;
  return next;
}

Result<Decision> decide_drop(std::string_view name, const ManifestPtr& prior) {
  if (!is_live(prior)) return dataset_not_found(name);
  Manifest next = *prior;
  next.state = DatasetState::kDropped;
  return next;
}

Result<Decision> decide_undrop(std::string_view name, const ManifestPtr& prior) {
  if (!prior) return dataset_not_found(name);
  if (prior->is_live()) return NoChange{};
  Manifest next = *prior;
  next.state = DatasetState::kLive;
  return next;
}

std::unexpected<Error> dataset_not_found(std::string_view name) {
  return failure(ErrorCode::kNotFound, "no dataset " + std::string(name));
}

}  // namespace tarn::catalog
