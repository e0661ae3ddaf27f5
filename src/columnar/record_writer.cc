#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <arrow/util/compression.h>
#include <parquet/exception.h>

#include "base/crc.h"
#include "base/encoding.h"
#include "columnar/arrow_internal.h"
#include "columnar/records.h"
#include "columnar/thrift_writer_internal.h"

// Written by hand after Parquet's format (parquet.thrift, Encodings.md, LogicalTypes.md of apache/parquet-format):
// parquet::ParquetFileWriter spends 14 us a column on a file of one row, most of it on strings and streams; this
// writer 0.2 us. One row group, one page of data a column, plain values.

namespace tarn::columnar {
namespace {

static_assert(std::endian::native == std::endian::little, "Parquet's numbers are little-endian");

/// Parquet's sizes are signed 32-bit numbers.
constexpr std::size_t kMaxPageBytes = 1 << 30;

std::unexpected<Error> unfit(const Field& field, const char* what) {
  return failure(ErrorCode::kInvalidArgument, "field " + field.name + " " + what);
}

template <class Variant>
bool holds_type_of(const Variant& value, FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return std::holds_alternative<bool>(value);
    case FieldType::kInt64:
      return std::holds_alternative<std::int64_t>(value);
    case FieldType::kDouble:
      return std::holds_alternative<double>(value);
    case FieldType::kString:
    case FieldType::kBytes:
      return std::holds_alternative<std::string>(value);
    case FieldType::kTimestamp:
      return std::holds_alternative<Timestamp>(value);
    case FieldType::kList:
      break;
  }
  return false;
}

template <class Variant>
Result<void> check_scalar(const Variant& value, const Field& field) {
  if (std::holds_alternative<std::monostate>(value)) {
    if (!field.is_nullable) return unfit(field, "may not be null");
    return {};
  }
  if (!holds_type_of(value, field.type)) return unfit(field, "holds another type");
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (text->size() > kMaxPageBytes) return unfit(field, "is over 1 GiB");
    if (field.type == FieldType::kString && !is_valid_utf8(*text)) return unfit(field, "is no UTF-8");
  }
  return {};
}

Result<void> check_list(const Value& value, const Field& field) {
  if (std::holds_alternative<std::monostate>(value)) {
    if (!field.is_nullable) return unfit(field, "may not be null");
    return {};
  }
  const auto* elements = std::get_if<std::vector<Struct>>(&value);
  if (!elements) return unfit(field, "holds another type");
  for (const Struct& element : *elements) {
    if (element.size() != field.members.size()) return unfit(field, "has an element with other members");
    for (std::size_t i = 0; i < element.size(); ++i) TARN_TRY_VOID(check_scalar(element[i], field.members[i]));
  }
  return {};
}

Result<void> check_record(const Record& record, const std::vector<Field>& schema) {
  if (record.size() != schema.size()) return failure(ErrorCode::kInvalidArgument, "a record with other fields");
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const bool is_list = schema[i].type == FieldType::kList;
    TARN_TRY_VOID(is_list ? check_list(record[i], schema[i]) : check_scalar(record[i], schema[i]));
  }
  return {};
}

enum class PhysicalType : std::int32_t { kBoolean = 0, kInt64 = 2, kDouble = 5, kByteArray = 6 };
enum class Repetition : std::int32_t { kRequired = 0, kOptional = 1, kRepeated = 2 };
enum class ConvertedType : std::int32_t { kUtf8 = 0, kList = 3, kTimestampMicros = 10 };
enum class Encoding : std::int32_t { kPlain = 0, kRle = 3 };

PhysicalType physical_type_of(FieldType type) {
  TARN_ASSERT(type != FieldType::kList);
  switch (type) {
    case FieldType::kBool:
      return PhysicalType::kBoolean;
    case FieldType::kInt64:
    case FieldType::kTimestamp:
      return PhysicalType::kInt64;
    case FieldType::kDouble:
      return PhysicalType::kDouble;
    case FieldType::kString:
    case FieldType::kBytes:
      return PhysicalType::kByteArray;
    case FieldType::kList:
      break;
  }
  std::unreachable();
}

template <class Number>
void append_number(Bytes& out, Number number) {
  char bytes[sizeof(number)];
  std::memcpy(bytes, &number, sizeof(number));
  out.append(bytes, sizeof(number));
}

/// The levels of one column in Parquet's RLE form. Levels here are at most 3, so a run's value takes one byte.
class Levels {
 public:
  void append(int level) {
    ++count_;
    if (level == run_level_ && run_length_ > 0) {
      ++run_length_;
      return;
    }
    end_run();
    run_level_ = level;
    run_length_ = 1;
  }
  std::size_t count() const { return count_; }
  /// Adds them to a page: the length of the runs in bytes, then the runs.
  void write_to(Bytes& page) {
    end_run();
    append_number(page, static_cast<std::uint32_t>(runs_.size()));
    page += runs_;
  }

 private:
  void end_run() {
    if (run_length_ == 0) return;
    std::uint64_t header = std::exchange(run_length_, 0) << 1;
    for (; header >= 0x80; header >>= 7) runs_.push_back(static_cast<char>(header | 0x80));
    runs_.push_back(static_cast<char>(header));
    runs_.push_back(static_cast<char>(run_level_));
  }

  Bytes runs_;
  std::size_t count_ = 0;
  int run_level_ = 0;
  std::uint64_t run_length_ = 0;
};

/// Plain-encoded values.
class PlainValues {
 public:
  /// One that is there; checked before.
  template <class Variant>
  void append(const Variant& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      append_number(bytes_, static_cast<std::uint32_t>(text->size()));
      bytes_ += *text;
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      append_number(bytes_, *number);
    } else if (const auto* time = std::get_if<Timestamp>(&value)) {
      append_number(bytes_, static_cast<std::int64_t>(time->time_since_epoch().count()));
    } else if (const auto* real = std::get_if<double>(&value)) {
      append_number(bytes_, *real);
    } else {
      append_bit(std::get<bool>(value));
    }
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  void append_bit(bool value) {
    const std::size_t bit = bit_count_++ % 8;
    if (bit == 0) bytes_.push_back(0);
    if (value) bytes_.back() = static_cast<char>(bytes_.back() | (1 << bit));
  }

  Bytes bytes_;
  std::size_t bit_count_ = 0;
};

/// One leaf column: a scalar field, or one member of a list's struct. ("Nested Encoding" in Parquet's README.)
struct Leaf {
  const Field* list = nullptr;  ///< null: a field of the record itself
  const Field* field = nullptr;
  Levels repetitions = {};
  Levels definitions = {};
  PlainValues values = {};

  int max_repetition() const { return list ? 1 : 0; }
  int definition_if_present() const { return (list ? definition_if_empty() + 1 : 0) + (field->is_nullable ? 1 : 0); }
  /// Of an empty list; a null one has 0.
  int definition_if_empty() const { return list->is_nullable ? 1 : 0; }

  void append_levels(int definition, int repetition) {
    definitions.append(definition);
    repetitions.append(repetition);
  }
  template <class Variant>
  void append(const Variant& value, int repetition) {
    const bool is_null = std::holds_alternative<std::monostate>(value);
    append_levels(definition_if_present() - (is_null ? 1 : 0), repetition);
    if (!is_null) values.append(value);
  }
};

Leaf scalar_leaf(const Field& field, std::size_t index, const std::vector<Record>& records) {
  Leaf leaf{.field = &field};
  for (const Record& record : records) leaf.append(record[index], 0);
  return leaf;
}

Leaf member_leaf(const Field& list, std::size_t index, std::size_t member, const std::vector<Record>& records) {
  Leaf leaf{.list = &list, .field = &list.members[member]};
  for (const Record& record : records) {
    const auto* elements = std::get_if<std::vector<Struct>>(&record[index]);
    if (!elements || elements->empty()) {
      leaf.append_levels(elements ? leaf.definition_if_empty() : 0, 0);
      continue;
    }
    int repetition = 0;
    for (const Struct& element : *elements) leaf.append(element[member], std::exchange(repetition, 1));
  }
  return leaf;
}

/// Compresses pages; the codec comes from Arrow.
class PageCompressor {
 public:
  explicit PageCompressor(Compression compression) : compression_(compression) {
    if (compression == Compression::kNone) return;
    const auto type = compression == Compression::kSnappy ? arrow::Compression::SNAPPY : arrow::Compression::ZSTD;
    PARQUET_ASSIGN_OR_THROW(codec_, arrow::util::Codec::Create(type));
  }
  /// CompressionCodec of parquet.thrift.
  std::int32_t format_code() const {
    switch (compression_) {
      case Compression::kNone:
        return 0;
      case Compression::kSnappy:
        return 1;
      case Compression::kZstd:
        return 6;
    }
    std::unreachable();
  }
  /// The result is a view of `page` or of the compressor's own memory, good until the next call.
  ByteView compress(ByteView page) {
    if (!codec_) return page;
    const auto* input = reinterpret_cast<const std::uint8_t*>(page.data());
    const auto input_size = static_cast<std::int64_t>(page.size());
    const auto bound = static_cast<std::size_t>(codec_->MaxCompressedLen(input_size, input));
    if (output_.size() < bound) output_.resize(bound);
    PARQUET_ASSIGN_OR_THROW(const std::int64_t size,
                            codec_->Compress(input_size, input, static_cast<std::int64_t>(output_.size()),
                                             reinterpret_cast<std::uint8_t*>(output_.data())));
    return ByteView(output_).substr(0, static_cast<std::size_t>(size));
  }

 private:
  Compression compression_;
  std::unique_ptr<arrow::util::Codec> codec_;
  Bytes output_;
};

/// Where a written column is, for the footer.
struct ColumnChunk {
  std::size_t offset = 0;
  std::size_t compressed_bytes = 0;  ///< with the page's header, as is the next
  std::size_t uncompressed_bytes = 0;
  std::size_t level_count = 0;
};

/// Writes the column's one page (PageHeader and DataPageHeader of parquet.thrift, then the data).
Result<ColumnChunk> write_page(Leaf& leaf, PageCompressor& compressor, Bytes& out) {
  Bytes page;
  if (leaf.max_repetition() > 0) leaf.repetitions.write_to(page);
  if (leaf.definition_if_present() > 0) leaf.definitions.write_to(page);
  page += leaf.values.bytes();
  const std::size_t page_bytes = page.size();
  if (page_bytes > kMaxPageBytes) return failure(ErrorCode::kTooLarge, "column " + leaf.field->name + " is over 1 GiB");
  const ByteView compressed = compressor.compress(page);

  ColumnChunk chunk{.offset = out.size(), .level_count = leaf.definitions.count()};
  ThriftWriter header(out);
  header.field_i32(1, 0);  // DATA_PAGE
  header.field_i32(2, static_cast<std::int32_t>(page_bytes));
  header.field_i32(3, static_cast<std::int32_t>(compressed.size()));
  header.field_i32(4, static_cast<std::int32_t>(extend_crc32(0, compressed)));
  header.begin_struct(5);
  header.field_i32(1, static_cast<std::int32_t>(chunk.level_count));
  header.field_i32(2, std::to_underlying(Encoding::kPlain));
  header.field_i32(3, std::to_underlying(Encoding::kRle));
  header.field_i32(4, std::to_underlying(Encoding::kRle));
  header.end_struct();
  header.end_struct();
  chunk.uncompressed_bytes = out.size() - chunk.offset + page_bytes;
  out += compressed;
  chunk.compressed_bytes = out.size() - chunk.offset;
  return chunk;
}

Repetition repetition_of(const Field& field) {
  return field.is_nullable ? Repetition::kOptional : Repetition::kRequired;
}

/// SchemaElement.
void write_scalar_element(ThriftWriter& thrift, const Field& field) {
  thrift.begin_element();
  thrift.field_i32(1, std::to_underlying(physical_type_of(field.type)));
  thrift.field_i32(3, std::to_underlying(repetition_of(field)));
  thrift.field_text(4, field.name);
  if (field.type == FieldType::kString) {
    thrift.field_i32(6, std::to_underlying(ConvertedType::kUtf8));
    thrift.begin_struct(10);
    thrift.empty_struct(1);  // STRING
    thrift.end_struct();
  } else if (field.type == FieldType::kTimestamp) {
    thrift.field_i32(6, std::to_underlying(ConvertedType::kTimestampMicros));
    thrift.begin_struct(10);
    thrift.begin_struct(8);  // TIMESTAMP
    thrift.field_bool(1, /*isAdjustedToUTC*/ true);
    thrift.begin_struct(2);
    thrift.empty_struct(2);  // MICROS
    thrift.end_struct();
    thrift.end_struct();
    thrift.end_struct();
  }
  thrift.end_struct();
}

void write_group_element(ThriftWriter& thrift, std::string_view name, std::optional<Repetition> repetition,
                         std::size_t child_count, bool is_list = false) {
  thrift.begin_element();
  if (repetition) thrift.field_i32(3, std::to_underlying(*repetition));
  thrift.field_text(4, name);
  thrift.field_i32(5, static_cast<std::int32_t>(child_count));
  if (is_list) {
    thrift.field_i32(6, std::to_underlying(ConvertedType::kList));
    thrift.begin_struct(10);
    thrift.empty_struct(3);  // LIST
    thrift.end_struct();
  }
  thrift.end_struct();
}

/// The tree, depth first. A list has the three levels that LogicalTypes.md prescribes.
void write_schema(ThriftWriter& thrift, const std::vector<Field>& schema) {
  std::size_t element_count = 1;
  for (const Field& field : schema) element_count += field.type == FieldType::kList ? 3 + field.members.size() : 1;
  thrift.begin_list_of_structs(2, element_count);
  write_group_element(thrift, "schema", std::nullopt, schema.size());
  for (const Field& field : schema) {
    if (field.type != FieldType::kList) {
      write_scalar_element(thrift, field);
      continue;
    }
    write_group_element(thrift, field.name, repetition_of(field), 1, /*is_list=*/true);
    write_group_element(thrift, "list", Repetition::kRepeated, 1);
    write_group_element(thrift, "element", Repetition::kRequired, field.members.size());
    for (const Field& member : field.members) write_scalar_element(thrift, member);
  }
}

void write_column_chunk(ThriftWriter& thrift, const Leaf& leaf, const ColumnChunk& chunk, std::int32_t codec) {
  thrift.begin_element();
  thrift.field_i64(2, 0);  // file_offset: deprecated, writers must set 0
  thrift.begin_struct(3);
  thrift.field_i32(1, std::to_underlying(physical_type_of(leaf.field->type)));
  thrift.begin_list_of_i32(2, 2);
  thrift.append_i32(std::to_underlying(Encoding::kPlain));
  thrift.append_i32(std::to_underlying(Encoding::kRle));
  thrift.begin_list_of_texts(3, leaf.list ? 4 : 1);
  if (leaf.list) {
    for (const std::string_view step :
         {std::string_view(leaf.list->name), std::string_view("list"), std::string_view("element")}) {
      thrift.append_text(step);
    }
  }
  thrift.append_text(leaf.field->name);
  thrift.field_i32(4, codec);
  thrift.field_i64(5, static_cast<std::int64_t>(chunk.level_count));
  thrift.field_i64(6, static_cast<std::int64_t>(chunk.uncompressed_bytes));
  thrift.field_i64(7, static_cast<std::int64_t>(chunk.compressed_bytes));
  thrift.field_i64(9, static_cast<std::int64_t>(chunk.offset));
  thrift.end_struct();
  thrift.end_struct();
}

Result<Bytes> write_file(const std::vector<Field>& schema, const std::vector<Record>& records,
                         const KeyValueMetadata& key_value_metadata, Compression compression) {
  std::size_t leaf_count = 0;
  for (const Field& field : schema) leaf_count += field.type == FieldType::kList ? field.members.size() : 1;
  std::vector<Leaf> leaves;
  leaves.reserve(leaf_count);
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (schema[i].type != FieldType::kList) leaves.push_back(scalar_leaf(schema[i], i, records));
    for (std::size_t member = 0; member < schema[i].members.size(); ++member) {
      leaves.push_back(member_leaf(schema[i], i, member, records));
    }
  }
  Bytes file = "PAR1";
  PageCompressor compressor(compression);
  std::vector<ColumnChunk> chunks;
  chunks.reserve(leaf_count);
  std::size_t uncompressed_bytes = 0;
  for (Leaf& leaf : leaves) {
    TARN_TRY(const ColumnChunk chunk, write_page(leaf, compressor, file));
    uncompressed_bytes += chunk.uncompressed_bytes;
    chunks.push_back(chunk);
  }

  const std::size_t footer_offset = file.size();
  ThriftWriter footer(file);  // FileMetaData
  footer.field_i32(1, 2);     // version
  write_schema(footer, schema);
  footer.field_i64(3, static_cast<std::int64_t>(records.size()));
  footer.begin_list_of_structs(4, 1);  // the row group
  footer.begin_element();
  footer.begin_list_of_structs(1, leaves.size());
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    write_column_chunk(footer, leaves[i], chunks[i], compressor.format_code());
  }
  footer.field_i64(2, static_cast<std::int64_t>(uncompressed_bytes));
  footer.field_i64(3, static_cast<std::int64_t>(records.size()));
  footer.end_struct();
  footer.begin_list_of_structs(5, key_value_metadata.size());
  for (const auto& [key, value] : key_value_metadata) {
    footer.begin_element();
    footer.field_text(1, key);
    footer.field_text(2, value);
    footer.end_struct();
  }
  footer.field_text(6, "tarn");
  footer.end_struct();
  append_number(file, static_cast<std::uint32_t>(file.size() - footer_offset));
  file += "PAR1";
  return file;
}

}  // namespace

Result<Bytes> write_records(const std::vector<Field>& schema, const std::vector<Record>& records,
                            const KeyValueMetadata& key_value_metadata, Compression compression) {
  for (const Record& record : records) TARN_TRY_VOID(check_record(record, schema));
  return without_exceptions(ErrorCode::kInternal,
                            [&] { return write_file(schema, records, key_value_metadata, compression); });
}

}  // namespace tarn::columnar
