// The reading half of json.h.
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "base/clock.h"
#include "base/uuid.h"
#include "catalog_api/json.h"
#include "catalog_api/paging.h"
#include "catalog_api/strict_json_internal.h"

namespace tarn::catalog_api {
namespace {

namespace json = boost::json;

/// Of a server's answer: a page may have more than one request.
constexpr std::size_t kMaxAnswerValues = 8'000'000;

/// Whether a field that is not documented is refused or passed over.
enum class UnknownFields : std::uint8_t { kRefused, kIgnored };

/// Where a value stands in its document. A chain on the stack: the text is made only for an error.
struct Place {
  const Place* parent = nullptr;
  std::string_view field;
  std::size_t index = 0;  // of an array's element: `field` is empty

  std::string to_string() const {
    if (parent == nullptr) return "the body";
    if (field.empty()) return parent->to_string() + "[" + std::to_string(index) + "]";
    return parent->parent == nullptr ? std::string(field) : parent->to_string() + "." + std::string(field);
  }
};

std::string_view kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
      return "an integer";
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "a value";
}

std::unexpected<Error> mismatch(const Place& place, std::string_view expected, std::string_view got) {
  return failure(ErrorCode::kInvalidArgument,
                 place.to_string() + ": expected " + std::string(expected) + ", got " + std::string(got));
}

Result<std::string> read_string(const json::value& value, const Place& place) {
  const json::string* text = value.if_string();
  if (text == nullptr) return mismatch(place, "a string", kind_of(value));
  return std::string(text->data(), text->size());
}

Result<std::uint64_t> read_integer(const json::value& value, const Place& place) {
  constexpr std::string_view kExpected = "an integer from 0 to 9223372036854775807";
  if (const std::int64_t* number = value.if_int64()) {
    if (*number < 0) return mismatch(place, kExpected, std::to_string(*number));
    return static_cast<std::uint64_t>(*number);
  }
  // Boost.JSON makes a uint64 of what int64 cannot hold, and a double of what neither can.
  if (const std::uint64_t* number = value.if_uint64()) return mismatch(place, kExpected, std::to_string(*number));
  if (const double* number = value.if_double()) {
    // JSON does not tell 3.0 from 3, and JSON Schema calls both an integer; up to 2^53 nothing was rounded.
    constexpr double kMaxExact = 9'007'199'254'740'992;
    if (*number >= 0 && *number <= kMaxExact && std::trunc(*number) == *number) {
      return static_cast<std::uint64_t>(*number);
    }
    return mismatch(place, kExpected, "a number with a fraction, or rounded");
  }
  return mismatch(place, kExpected, kind_of(value));
}

Result<bool> read_bool(const json::value& value, const Place& place) {
  const bool* flag = value.if_bool();
  if (flag == nullptr) return mismatch(place, "a boolean", kind_of(value));
  return *flag;
}

Result<Uuid> read_uuid(const json::value& value, const Place& place) {
  TARN_TRY(const auto text, read_string(value, place));
  const auto uuid = Uuid::parse(text);
  if (!uuid) return mismatch(place, "a UUID", text);
  return *uuid;
}

Result<Timestamp> read_time(const json::value& value, const Place& place) {
  TARN_TRY(const auto text, read_string(value, place));
  const auto time = parse_rfc3339(text);
  if (!time) return mismatch(place, "an RFC 3339 time", text);
  return *time;
}

template <class ReadOne>
auto read_array(const json::value& value, const Place& place, ReadOne read_one)
    -> Result<std::vector<typename decltype(read_one(value, place))::value_type>> {
  const json::array* array = value.if_array();
  if (array == nullptr) return mismatch(place, "an array", kind_of(value));
  std::vector<typename decltype(read_one(value, place))::value_type> elements;
  elements.reserve(array->size());
  for (const json::value& element : *array) {
    TARN_TRY(auto read, read_one(element, Place{.parent = &place, .field = {}, .index = elements.size()}));
    elements.push_back(std::move(read));
  }
  return elements;
}

/// The fields of one object, each asked for by name.
class Fields {
 public:
  /// Errors: kInvalidArgument when `value` is no object or has a field that is not among `known`.
  static Result<Fields> of(const json::value& value, const Place& place, std::initializer_list<std::string_view> known,
                           UnknownFields unknown) {
    const json::object* object = value.if_object();
    if (object == nullptr) return mismatch(place, "an object", kind_of(value));
    if (unknown == UnknownFields::kRefused) {
      for (const json::key_value_pair& field : *object) {
        const std::string_view name(field.key().data(), field.key().size());
        if (std::ranges::find(known, name) == known.end()) {
          return failure(ErrorCode::kInvalidArgument,
                         Place{.parent = &place, .field = name}.to_string() + ": unknown field");
        }
      }
    }
    return Fields(*object, place);
  }

  template <class Read>
  auto required(std::string_view name, Read read) const -> decltype(read(std::declval<json::value>(), Place{})) {
    const Place place{.parent = place_, .field = name};
    const json::value* value = find(name);
    if (value == nullptr) return failure(ErrorCode::kInvalidArgument, place.to_string() + ": required");
    return read(*value, place);
  }

  /// Nothing when the field is absent or null.
  template <class Read>
  auto optional(std::string_view name, Read read) const
      -> Result<std::optional<typename decltype(read(std::declval<json::value>(), Place{}))::value_type>> {
    const json::value* value = find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    TARN_TRY(auto present, read(*value, Place{.parent = place_, .field = name}));
    return std::optional(std::move(present));
  }

 private:
  Fields(const json::object& object, const Place& place) : object_(&object), place_(&place) {}
  const json::value* find(std::string_view name) const {
    return object_->if_contains(json::string_view(name.data(), name.size()));
  }

  const json::object* object_;
  const Place* place_;
};

template <UnknownFields Unknown>
Result<catalog::DataObject> read_object(const json::value& value, const Place& place) {
  TARN_TRY(const auto fields, Fields::of(value, place, {"key", "size", "etag"}, Unknown));
  catalog::DataObject object;
  TARN_TRY(object.key, fields.required("key", read_string));
  TARN_TRY(object.size, fields.required("size", read_integer));
  TARN_TRY(object.etag, fields.optional("etag", read_string));
  return object;
}

template <UnknownFields Unknown>
Result<catalog::Column> read_column(const json::value& value, const Place& place) {
  TARN_TRY(const auto fields, Fields::of(value, place, {"name", "type", "nullable"}, Unknown));
  catalog::Column column;
  TARN_TRY(column.name, fields.required("name", read_string));
  TARN_TRY(column.type, fields.required("type", read_string));
  TARN_TRY(column.is_nullable, fields.required("nullable", read_bool));
  return column;
}

template <UnknownFields Unknown>
Result<std::vector<catalog::DataObject>> read_objects(const json::value& value, const Place& place) {
  return read_array(value, place, read_object<Unknown>);
}

template <UnknownFields Unknown>
Result<std::vector<catalog::Column>> read_columns(const json::value& value, const Place& place) {
  return read_array(value, place, read_column<Unknown>);
}

Result<std::map<std::string, std::string>> read_properties(const json::value& value, const Place& place) {
  const json::object* object = value.if_object();
  if (object == nullptr) return mismatch(place, "an object", kind_of(value));
  std::map<std::string, std::string> properties;
  for (const json::key_value_pair& field : *object) {
    const std::string name(field.key().data(), field.key().size());
    TARN_TRY(auto text, read_string(field.value(), Place{.parent = &place, .field = name}));
    properties.emplace(name, std::move(text));
  }
  return properties;
}

Result<catalog::DatasetState> read_state(const json::value& value, const Place& place) {
  TARN_TRY(const auto text, read_string(value, place));
  if (text == "live") return catalog::DatasetState::kLive;
  if (text == "dropped") return catalog::DatasetState::kDropped;
  return mismatch(place, "live or dropped", text);
}

Result<catalog::DatasetKind> read_kind(const json::value& value, const Place& place) {
  TARN_TRY(const auto text, read_string(value, place));
  if (text == "parquet") return catalog::DatasetKind::kParquet;
  if (text == "iceberg") return catalog::DatasetKind::kIceberg;
  return mismatch(place, "parquet or iceberg", text);
}

Result<catalog::ManifestPtr> read_dataset(const json::value& value, const Place& place) {
  constexpr auto kLenient = UnknownFields::kIgnored;
  TARN_TRY(const auto fields, Fields::of(value, place, {}, kLenient));
  catalog::Manifest manifest;
  TARN_TRY(manifest.dataset_id, fields.required("dataset_id", read_uuid));
  TARN_TRY(manifest.name, fields.required("name", read_string));
  TARN_TRY(manifest.schema_fingerprint, fields.required("schema_fingerprint", read_string));
  TARN_TRY(manifest.objects, fields.required("objects", read_objects<kLenient>));
  TARN_TRY(manifest.row_count, fields.optional("row_count", read_integer));
  TARN_TRY(manifest.columns, fields.optional("columns", read_columns<kLenient>));
  TARN_TRY(manifest.properties, fields.required("properties", read_properties));
  TARN_TRY(manifest.metadata_location, fields.optional("metadata_location", read_string));
  TARN_TRY(manifest.kind, fields.required("kind", read_kind));
  TARN_TRY(manifest.state, fields.required("state", read_state));
  TARN_TRY(manifest.created_at, fields.required("created_at", read_time));
  TARN_TRY(manifest.updated_at, fields.required("updated_at", read_time));
  TARN_TRY(manifest.revision, fields.required("revision", read_integer));
  TARN_TRY(manifest.commit_id, fields.required("commit_id", read_uuid));
  return std::make_shared<const catalog::Manifest>(std::move(manifest));
}

Result<catalog::RegisterRequest> read_register_request(const json::value& value) {
  constexpr auto kStrict = UnknownFields::kRefused;
  const Place body;
  TARN_TRY(const auto fields,
           Fields::of(value, body, {"name", "schema_fingerprint", "objects", "row_count", "columns", "properties"},
                      kStrict));
  catalog::RegisterRequest request;
  TARN_TRY(request.name, fields.required("name", read_string));
  TARN_TRY(request.schema_fingerprint, fields.required("schema_fingerprint", read_string));
  TARN_TRY(request.objects, fields.required("objects", read_objects<kStrict>));
  TARN_TRY(request.row_count, fields.optional("row_count", read_integer));
  TARN_TRY(request.columns, fields.optional("columns", read_columns<kStrict>));
  TARN_TRY(auto properties, fields.optional("properties", read_properties));
  if (properties) request.properties = *std::move(properties);
  return request;
}

Result<catalog::RegisterResult> read_register_result(const json::value& value) {
  const Place body;
  TARN_TRY(const auto fields, Fields::of(value, body, {}, UnknownFields::kIgnored));
  catalog::RegisterResult result;
  TARN_TRY(result.manifest, fields.required("dataset", read_dataset));
  TARN_TRY(result.is_existing, fields.required("existing", read_bool));
  return result;
}

Result<catalog::DatasetPage> read_page(const json::value& value) {
  const Place body;
  TARN_TRY(const auto fields, Fields::of(value, body, {}, UnknownFields::kIgnored));
  catalog::DatasetPage page;
  TARN_TRY(page.datasets, fields.required("datasets", [](const json::value& datasets, const Place& place) {
    return read_array(datasets, place, read_dataset);
  }));
  TARN_TRY(const auto token, fields.optional("next_page_token", read_string));
  page.is_truncated = token.has_value();
  return page;
}

Result<ErrorBody> read_error(const json::value& value) {
  const Place body;
  TARN_TRY(const auto fields, Fields::of(value, body, {}, UnknownFields::kIgnored));
  return fields.required("error", [](const json::value& error, const Place& place) -> Result<ErrorBody> {
    TARN_TRY(const auto inner, Fields::of(error, place, {}, UnknownFields::kIgnored));
    ErrorBody read;
    TARN_TRY(read.code, inner.required("code", read_string));
    TARN_TRY(read.message, inner.required("message", read_string));
    return read;
  });
}

/// A server's answer that is not as documented is no fault of the client's caller.
template <class Read>
auto parse_answer(ByteView body, Read read) -> decltype(read(json::value())) {
  const auto value = parse_strict_json(body, kMaxAnswerValues);
  if (!value) return failure(ErrorCode::kInternal, "the server's answer: " + value.error().message);
  auto parsed = read(*value);
  if (!parsed) return failure(ErrorCode::kInternal, "the server's answer: " + parsed.error().message);
  return parsed;
}

}  // namespace

Result<catalog::RegisterRequest> parse_register_request(ByteView body) {
  TARN_TRY(const auto value, parse_strict_json(body, kMaxJsonValues));
  return read_register_request(value);
}

Result<catalog::ManifestPtr> parse_dataset(ByteView body) {
  return parse_answer(body, [](const json::value& value) { return read_dataset(value, Place{}); });
}

Result<catalog::RegisterResult> parse_register_result(ByteView body) {
  return parse_answer(body, read_register_result);
}

Result<catalog::DatasetPage> parse_page(ByteView body) {
  return parse_answer(body, read_page);
}

std::optional<ErrorBody> parse_error(ByteView body) {
  auto error = parse_answer(body, read_error);
  if (!error) return std::nullopt;
  return *std::move(error);
}

}  // namespace tarn::catalog_api
