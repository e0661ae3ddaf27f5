#include <array>
#include <memory>
#include <optional>

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/memory_pool.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/column_reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>

#include "base/encoding.h"
#include "columnar/arrow_internal.h"
#include "columnar/records.h"

namespace tarn::columnar {
namespace {

using parquet::schema::GroupNode;
using parquet::schema::Node;
using parquet::schema::PrimitiveNode;

std::unexpected<Error> corrupt(const Field& field, std::string_view what) {
  return failure(ErrorCode::kCorrupt, "column " + field.name + " " + std::string(what));
}

/// What all columns of a file share while they are read.
struct Reading {
  const RecordLimits& limits;
  std::size_t decoded_bytes = 0;  ///< of strings: a dictionary's one long entry may stand behind a million rows
  std::size_t list_elements = 0;
  std::vector<Record> records;
};

/// A leaf column of the file that holds a wanted scalar.
struct LeafColumn {
  int index = 0;
  std::int16_t max_definition = 0;
};

bool is_string(const PrimitiveNode& node) {
  return node.physical_type() == parquet::Type::BYTE_ARRAY && node.logical_type()->is_string();
}

bool is_plain(const PrimitiveNode& node, parquet::Type::type type) {
  return node.physical_type() == type && node.logical_type()->is_none();
}

bool is_int64(const PrimitiveNode& node) {
  if (node.physical_type() != parquet::Type::INT64) return false;
  const auto& logical = node.logical_type();
  if (!logical->is_int()) return logical->is_none();
  const auto& integer = static_cast<const parquet::IntLogicalType&>(*logical);
  return integer.is_signed() && integer.bit_width() == 64;
}

bool is_utc_microseconds(const PrimitiveNode& node) {
  if (node.physical_type() != parquet::Type::INT64 || !node.logical_type()->is_timestamp()) return false;
  const auto& timestamp = static_cast<const parquet::TimestampLogicalType&>(*node.logical_type());
  return timestamp.is_adjusted_to_utc() && timestamp.time_unit() == parquet::LogicalType::TimeUnit::MICROS;
}

bool has_type(const PrimitiveNode& node, FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return is_plain(node, parquet::Type::BOOLEAN);
    case FieldType::kInt64:
      return is_int64(node);
    case FieldType::kDouble:
      return is_plain(node, parquet::Type::DOUBLE);
    case FieldType::kString:
      return is_string(node);
    case FieldType::kBytes:
      return is_plain(node, parquet::Type::BYTE_ARRAY);
    case FieldType::kTimestamp:
      return is_utc_microseconds(node);
    case FieldType::kList:
      break;
  }
  return false;
}

/// The child of `group` with the field's name, or null. Two of them are an error.
Result<const Node*> find_child(const GroupNode& group, const Field& field) {
  const Node* found = nullptr;
  for (int i = 0; i < group.field_count(); ++i) {
    if (group.field(i)->name() != field.name) continue;
    if (found) return corrupt(field, "is there twice");
    found = group.field(i).get();
  }
  if (!found && !field.is_nullable) return corrupt(field, "is missing");
  return found;
}

Result<std::optional<LeafColumn>> find_scalar(const parquet::SchemaDescriptor& descriptor, const GroupNode& group,
                                              const Field& field) {
  TARN_TRY(const Node* node, find_child(group, field));
  if (!node) return std::nullopt;
  if (!node->is_primitive() || node->is_repeated()) return corrupt(field, "has another type");
  const auto& primitive = static_cast<const PrimitiveNode&>(*node);
  if (!has_type(primitive, field.type)) return corrupt(field, "has another type");
  const int index = descriptor.GetColumnIndex(primitive);
  TARN_ASSERT(index >= 0);
  return LeafColumn{index, descriptor.Column(index)->max_definition_level()};
}

/// A list<struct> of the file: where its members are and what its definition levels mean.
struct ListColumn {
  std::int16_t definition_if_empty = 0;    ///< the list is there; below it the list is null
  std::int16_t definition_if_element = 0;  ///< an element is there; between the two it is null
  std::vector<std::optional<LeafColumn>> members;
};

Result<std::optional<ListColumn>> find_list(const parquet::SchemaDescriptor& descriptor, const Field& field) {
  TARN_TRY(const Node* node, find_child(*descriptor.group_node(), field));
  if (!node) return std::nullopt;
  // LogicalTypes.md: <optional or required> group f (LIST) { repeated group list { <optional or required> element } }
  const auto only_child = [](const Node* parent) -> const Node* {
    if (!parent || !parent->is_group()) return nullptr;
    const auto& group = static_cast<const GroupNode&>(*parent);
    return group.field_count() == 1 ? group.field(0).get() : nullptr;
  };
  const Node* repeated = only_child(node);
  const Node* element = only_child(repeated);
  if (node->is_repeated() || !node->logical_type()->is_list() || !repeated || !repeated->is_repeated() || !element ||
      !element->is_group() || element->is_repeated()) {
    return corrupt(field, "is no list of structs");
  }
  ListColumn list;
  list.definition_if_empty = node->is_optional() ? 1 : 0;
  list.definition_if_element =
      static_cast<std::int16_t>(list.definition_if_empty + 1 + (element->is_optional() ? 1 : 0));
  bool has_members = false;
  for (const Field& member : field.members) {
    TARN_TRY(auto leaf, find_scalar(descriptor, static_cast<const GroupNode&>(*element), member));
    has_members = has_members || leaf;
    list.members.push_back(leaf);
  }
  if (!has_members) return corrupt(field, "has none of its members");
  return list;
}

/// Calls `consume(definition level, repetition level, pointer to the value or null)` for each level of a column chunk.
template <class ParquetType, class Consume>
Result<void> for_each_level(parquet::RowGroupReader& group, const LeafColumn& leaf, const Field& field,
                            Consume consume) {
  const auto column = group.Column(leaf.index);
  auto& typed = static_cast<parquet::TypedColumnReader<ParquetType>&>(*column);
  constexpr std::size_t kBatch = 128;
  // Left at zero where Parquet stores no levels, since none but zero is possible.
  std::array<std::int16_t, kBatch> definitions{};
  std::array<std::int16_t, kBatch> repetitions{};
  std::array<typename ParquetType::c_type, kBatch> values;
  while (typed.HasNext()) {
    std::int64_t value_count = 0;
    const std::int64_t level_count =
        typed.ReadBatch(kBatch, definitions.data(), repetitions.data(), values.data(), &value_count);
    if (level_count <= 0) return corrupt(field, "ends early");
    std::int64_t used = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(level_count); ++i) {
      const bool is_present = definitions[i] == leaf.max_definition;
      if (is_present && used == value_count) return corrupt(field, "has fewer values than levels");
      TARN_TRY_VOID(
          consume(definitions[i], repetitions[i], is_present ? &values[static_cast<std::size_t>(used++)] : nullptr));
    }
  }
  return {};
}

template <class ParquetType, class Target>
Result<void> assign(Target& target, const typename ParquetType::c_type* value, const Field& field, Reading& reading) {
  if (!value) {
    if (!field.is_nullable) return corrupt(field, "is null");
    return {};
  }
  if constexpr (std::is_same_v<ParquetType, parquet::ByteArrayType>) {
    const std::string_view text(*value);
    reading.decoded_bytes += text.size();
    if (reading.decoded_bytes > reading.limits.max_memory_bytes) {
      return failure(ErrorCode::kTooLarge, "column " + field.name + " holds too many bytes");
    }
    if (field.type == FieldType::kString && !is_valid_utf8(text)) return corrupt(field, "is no UTF-8");
    target = std::string(text);
  } else if constexpr (std::is_same_v<ParquetType, parquet::Int64Type>) {
    if (field.type == FieldType::kTimestamp) {
      target = Timestamp(std::chrono::microseconds(*value));
    } else {
      target = *value;
    }
  } else {
    target = *value;
  }
  return {};
}

/// The rows of one row group, in Reading::records.
struct RowRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

template <class ParquetType>
Result<void> read_scalar(parquet::RowGroupReader& group, const LeafColumn& leaf, const Field& field,
                         std::size_t field_index, RowRange rows, Reading& reading) {
  std::size_t row = 0;
  TARN_TRY_VOID(for_each_level<ParquetType>(
      group, leaf, field, [&](std::int16_t, std::int16_t, const typename ParquetType::c_type* value) -> Result<void> {
        if (row == rows.count) return corrupt(field, "has more values than rows");
        return assign<ParquetType>(reading.records[rows.first + row++][field_index], value, field, reading);
      }));
  if (row != rows.count) return corrupt(field, "has fewer values than rows");
  return {};
}

/// Walks one member through the lists of a row group. The first member that is read makes the elements; the others
/// must agree on where lists and elements begin.
class MemberReader {
 public:
  /// `rows`: whose lists they are, each Record's value at `field_index`.
  MemberReader(const Field& field, std::size_t field_index, const ListColumn& list, RowRange rows, Reading& reading)
      : field_(field), field_index_(field_index), list_(list), rows_(rows), reading_(reading) {}

  template <class ParquetType>
  Result<void> read(parquet::RowGroupReader& group, const LeafColumn& leaf, std::size_t member_index) {
    row_count_ = 0;
    elements_ = nullptr;
    TARN_TRY_VOID(for_each_level<ParquetType>(
        group, leaf, field_,
        [&](std::int16_t definition, std::int16_t repetition, const typename ParquetType::c_type* value) {
          return consume<ParquetType>(definition, repetition, value, member_index);
        }));
    TARN_TRY_VOID(end_row());
    if (row_count_ != rows_.count) return corrupt(field_, "has fewer values than rows");
    is_first_ = false;
    return {};
  }

 private:
  template <class ParquetType>
  Result<void> consume(std::int16_t definition, std::int16_t repetition, const typename ParquetType::c_type* value,
                       std::size_t member_index) {
    if (repetition == 0) {
      TARN_TRY_VOID(begin_row(definition));
      if (definition <= list_.definition_if_empty) return {};
    } else if (!elements_ || definition <= list_.definition_if_empty) {
      return corrupt(field_, "continues a list that did not begin");
    }
    if (definition < list_.definition_if_element) return corrupt(field_, "has a null element");
    if (is_first_) {
      if (++reading_.list_elements > reading_.limits.max_list_elements) {
        return failure(ErrorCode::kTooLarge, "column " + field_.name + " has too many elements");
      }
      elements_->emplace_back(field_.members.size());
    } else if (element_index_ == elements_->size()) {
      return corrupt(field_, "has members of different lengths");
    }
    return assign<ParquetType>((*elements_)[element_index_++][member_index], value, field_.members[member_index],
                               reading_);
  }

  Result<void> begin_row(std::int16_t definition) {
    TARN_TRY_VOID(end_row());
    if (row_count_ == rows_.count) return corrupt(field_, "has more values than rows");
    Value& value = reading_.records[rows_.first + row_count_++][field_index_];
    const bool is_null = definition < list_.definition_if_empty;
    if (is_null && !field_.is_nullable) return corrupt(field_, "is null");
    if (is_first_ && !is_null) value.emplace<std::vector<Struct>>();
    elements_ = std::get_if<std::vector<Struct>>(&value);
    if (is_null != (elements_ == nullptr)) return corrupt(field_, "has members of different lengths");
    element_index_ = 0;
    return {};
  }

  Result<void> end_row() const {
    if (elements_ && element_index_ != elements_->size()) return corrupt(field_, "has members of different lengths");
    return {};
  }

  const Field& field_;
  const std::size_t field_index_;
  const ListColumn& list_;
  const RowRange rows_;
  Reading& reading_;
  bool is_first_ = true;
  std::size_t row_count_ = 0;
  std::vector<Struct>* elements_ = nullptr;  // of the current row; null: its list is null
  std::size_t element_index_ = 0;
};

/// One wanted field, found in the file (or missing, and null).
struct Column {
  std::optional<LeafColumn> scalar;
  std::optional<ListColumn> list;
};

Result<std::vector<Column>> find_columns(const parquet::SchemaDescriptor& descriptor,
                                         const std::vector<Field>& schema) {
  std::vector<Column> columns(schema.size());
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (schema[i].type == FieldType::kList) {
      TARN_TRY(columns[i].list, find_list(descriptor, schema[i]));
    } else {
      TARN_TRY(columns[i].scalar, find_scalar(descriptor, *descriptor.group_node(), schema[i]));
    }
  }
  return columns;
}

Result<void> read_row_group(parquet::RowGroupReader& group, const std::vector<Field>& schema,
                            const std::vector<Column>& columns, RowRange rows, Reading& reading) {
  for (std::size_t index = 0; index < schema.size(); ++index) {
    const Field& field = schema[index];
    const Column& column = columns[index];
    if (column.scalar) {
      TARN_TRY_VOID(with_physical_type(field.type, [&]<class ParquetType>() {
        return read_scalar<ParquetType>(group, *column.scalar, field, index, rows, reading);
      }));
    }
    if (!column.list) continue;
    MemberReader reader(field, index, *column.list, rows, reading);
    for (std::size_t member = 0; member < field.members.size(); ++member) {
      const auto& leaf = column.list->members[member];
      if (!leaf) continue;
      TARN_TRY_VOID(with_physical_type(field.members[member].type, [&]<class ParquetType>() {
        return reader.template read<ParquetType>(group, *leaf, member);
      }));
    }
  }
  return {};
}

}  // namespace

struct RecordReader::Impl {
  explicit Impl(const RecordLimits& given_limits)
      : limits(given_limits),
        counted_pool(arrow::system_memory_pool()),
        pool(&counted_pool, static_cast<std::int64_t>(limits.max_memory_bytes)) {}

  Result<void> open(ByteView file);
  Result<std::vector<Record>> read(const std::vector<Field>& schema);

  const RecordLimits limits;
  arrow::ProxyMemoryPool counted_pool;  // counts this reader's bytes alone, for the cap
  arrow::CappedMemoryPool pool;
  std::unique_ptr<parquet::ParquetFileReader> file_reader;
  std::shared_ptr<parquet::FileMetaData> metadata;
  std::size_t record_count = 0;
  KeyValueMetadata key_value_metadata;
};

Result<void> RecordReader::Impl::open(ByteView file) {
  const auto buffer = std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(file.data()),
                                                      static_cast<std::int64_t>(file.size()));
  parquet::ReaderProperties properties(&pool);
  properties.set_page_checksum_verification(true);  // where the writer stored them
  file_reader = parquet::ParquetFileReader::Open(std::make_shared<arrow::io::BufferReader>(buffer), properties);
  metadata = file_reader->metadata();
  const std::int64_t row_count = metadata->num_rows();
  if (row_count < 0) return failure(ErrorCode::kCorrupt, "a negative row count");
  if (static_cast<std::uint64_t>(row_count) > limits.max_records) {
    return failure(ErrorCode::kTooLarge,
                   std::to_string(row_count) + " rows, " + std::to_string(limits.max_records) + " at most");
  }
  record_count = static_cast<std::size_t>(row_count);
  if (const auto& pairs = metadata->key_value_metadata()) {
    for (std::int64_t i = 0; i < pairs->size(); ++i) key_value_metadata.emplace(pairs->key(i), pairs->value(i));
  }
  return {};
}

Result<std::vector<Record>> RecordReader::Impl::read(const std::vector<Field>& schema) {
  TARN_TRY(const auto columns, find_columns(*metadata->schema(), schema));
  Reading reading{.limits = limits, .records = {}};
  reading.records.assign(record_count, Record(schema.size()));
  std::size_t first_row = 0;
  for (int i = 0; i < metadata->num_row_groups(); ++i) {
    const auto group = file_reader->RowGroup(i);
    const std::int64_t row_count = group->metadata()->num_rows();
    if (row_count < 0 || static_cast<std::uint64_t>(row_count) > record_count - first_row) {
      return failure(ErrorCode::kCorrupt, "row groups with more rows than the file");
    }
    const RowRange rows{first_row, static_cast<std::size_t>(row_count)};
    TARN_TRY_VOID(read_row_group(*group, schema, columns, rows, reading));
    first_row += rows.count;
  }
  if (first_row != record_count) return failure(ErrorCode::kCorrupt, "row groups with fewer rows than the file");
  return std::move(reading.records);
}

RecordReader::RecordReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;
RecordReader::~RecordReader() = default;

Result<RecordReader> RecordReader::open(ByteView file, const RecordLimits& limits) {
  if (file.size() > limits.max_file_bytes) {
    return failure(ErrorCode::kTooLarge,
                   std::to_string(file.size()) + " bytes, " + std::to_string(limits.max_file_bytes) + " at most");
  }
  return without_exceptions(ErrorCode::kCorrupt, [&]() -> Result<RecordReader> {
    auto impl = std::make_unique<Impl>(limits);
    TARN_TRY_VOID(impl->open(file));
    return RecordReader(std::move(impl));
  });
}

const KeyValueMetadata& RecordReader::key_value_metadata() const {
  return impl_->key_value_metadata;
}
std::size_t RecordReader::record_count() const {
  return impl_->record_count;
}

Result<std::vector<Record>> RecordReader::read(const std::vector<Field>& schema) {
  return without_exceptions(ErrorCode::kCorrupt, [&] { return impl_->read(schema); });
}

}  // namespace tarn::columnar
