#include <string>
#include <utility>

#include <arrow/extension_type.h>
#include <arrow/type.h>

#include "base/encoding.h"
#include "columnar/canonical_type_internal.h"

namespace tarn::columnar {
namespace {

/// Deeper types are refused: the text of a type is built recursively.
constexpr int kMaxDepth = 64;

/// A name between double quotes; a quote, a backslash and control characters escaped, so that no name can look like
/// another column's line.
std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      text += "\\x" + hex_encode(ByteView(&c, 1));
    } else {
      text += c;
    }
  }
  return text + '"';
}

const char* unit_name(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return "s";
    case arrow::TimeUnit::MILLI:
      return "ms";
    case arrow::TimeUnit::MICRO:
      return "us";
    case arrow::TimeUnit::NANO:
      return "ns";
  }
  std::unreachable();
}

Result<std::string> type_text(const arrow::DataType& type, int depth);

/// A type where it stands inside another, with its nullability.
Result<std::string> field_text(const arrow::Field& field, int depth) {
  TARN_TRY(std::string text, type_text(*field.type(), depth + 1));
  if (field.nullable()) text += '?';
  return text;
}

Result<std::string> struct_text(const arrow::DataType& type, int depth) {
  std::string text = "struct<";
  for (const auto& field : type.fields()) {
    TARN_TRY(const std::string member, field_text(*field, depth));
    if (text.back() != '<') text += ',';
    text += quoted(field->name()) + ':' + member;
  }
  return text + '>';
}

Result<std::string> list_text(const arrow::DataType& type, int depth) {
  TARN_TRY(const std::string element, field_text(*type.field(0), depth));
  return "list<" + element + '>';
}

Result<std::string> map_text(const arrow::MapType& type, int depth) {
  TARN_TRY(const std::string key, field_text(*type.key_field(), depth));
  TARN_TRY(const std::string item, field_text(*type.item_field(), depth));
  return "map<" + key + ',' + item + '>';
}

std::string timestamp_text(const arrow::TimestampType& type) {
  const std::string zone = type.timezone().empty() ? "" : ',' + type.timezone();
  return "timestamp(" + std::string(unit_name(type.unit())) + zone + ')';
}

std::string decimal_text(const arrow::DecimalType& type) {
  return "decimal(" + std::to_string(type.precision()) + ',' + std::to_string(type.scale()) + ')';
}

Result<std::string> type_text(const arrow::DataType& type, int depth) {
  if (depth > kMaxDepth) return failure(ErrorCode::kUnsupported, "is nested too deeply");
  switch (type.id()) {
    case arrow::Type::NA:
      return "null";
    case arrow::Type::BOOL:
      return "bool";
    case arrow::Type::INT8:
      return "int8";
    case arrow::Type::INT16:
      return "int16";
    case arrow::Type::INT32:
      return "int32";
    case arrow::Type::INT64:
      return "int64";
    case arrow::Type::UINT8:
      return "uint8";
    case arrow::Type::UINT16:
      return "uint16";
    case arrow::Type::UINT32:
      return "uint32";
    case arrow::Type::UINT64:
      return "uint64";
    case arrow::Type::HALF_FLOAT:
      return "float16";
    case arrow::Type::FLOAT:
      return "float32";
    case arrow::Type::DOUBLE:
      return "float64";
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      return "string";
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
      return "binary";
    case arrow::Type::FIXED_SIZE_BINARY:
      return "fixed_binary(" + std::to_string(static_cast<const arrow::FixedSizeBinaryType&>(type).byte_width()) + ')';
    case arrow::Type::DATE32:
      return "date";
    case arrow::Type::DATE64:
      return "date(ms)";
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return "time(" + std::string(unit_name(static_cast<const arrow::TimeType&>(type).unit())) + ')';
    case arrow::Type::TIMESTAMP:
      return timestamp_text(static_cast<const arrow::TimestampType&>(type));
    case arrow::Type::DURATION:
      return "duration(" + std::string(unit_name(static_cast<const arrow::DurationType&>(type).unit())) + ')';
    case arrow::Type::INTERVAL_MONTHS:
      return "interval(month)";
    case arrow::Type::INTERVAL_DAY_TIME:
      return "interval(day,ms)";
    case arrow::Type::INTERVAL_MONTH_DAY_NANO:
      return "interval(month,day,ns)";
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256:
      return decimal_text(static_cast<const arrow::DecimalType&>(type));
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::LIST_VIEW:
    case arrow::Type::LARGE_LIST_VIEW:
    case arrow::Type::FIXED_SIZE_LIST:
      return list_text(type, depth);
    case arrow::Type::MAP:
      return map_text(static_cast<const arrow::MapType&>(type), depth);
    case arrow::Type::STRUCT:
      return struct_text(type, depth);
    case arrow::Type::DICTIONARY:
      return type_text(*static_cast<const arrow::DictionaryType&>(type).value_type(), depth);
    case arrow::Type::RUN_END_ENCODED:
      return type_text(*static_cast<const arrow::RunEndEncodedType&>(type).value_type(), depth);
    case arrow::Type::EXTENSION:
      return type_text(*static_cast<const arrow::ExtensionType&>(type).storage_type(), depth);
    case arrow::Type::SPARSE_UNION:
    case arrow::Type::DENSE_UNION:
    case arrow::Type::MAX_ID:
      break;
  }
  return failure(ErrorCode::kUnsupported, "has type " + type.ToString());
}

}  // namespace

Result<std::vector<ColumnSchema>> canonical_columns(const arrow::Schema& schema) {
  std::vector<ColumnSchema> columns;
  for (const auto& field : schema.fields()) {
    auto type = type_text(*field->type(), 0);
    if (!type) return std::move(type).error().while_doing("column " + field->name());
    columns.push_back({field->name(), *std::move(type), field->nullable()});
  }
  return columns;
}

std::string canonical_schema(const std::vector<ColumnSchema>& columns) {
  std::string text;
  for (const ColumnSchema& column : columns) {
    text += quoted(column.name) + ':' + column.type + (column.is_nullable ? "?\n" : "\n");
  }
  return text;
}

}  // namespace tarn::columnar
