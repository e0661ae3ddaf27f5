#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
enum class CompressionCodec : std::int32_t { kUncompressed = 0, kSnappy = 1, kZstd = 6 };

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

/// Appends the levels of one column in Parquet's RLE form, their length before them. Levels here are at most 3, so a
/// run's value takes one byte.
class Levels {
 public:
  explicit Levels(Bytes& page) : page_(page), begin_(page.size()) { append_number(page_, std::uint32_t{0}); }

  void append(int level) {
    if (level == run_level_ && run_length_ > 0) {
      ++run_length_;
      return;
    }
    end_run();
    run_level_ = level;
    run_length_ = 1;
  }
  void end() {
    end_run();
    const auto size = static_cast<std::uint32_t>(page_.size() - begin_ - sizeof(std::uint32_t));
    std::memcpy(page_.data() + begin_, &size, sizeof(size));
  }

 private:
  void end_run() {
    if (run_length_ == 0) return;
    std::uint64_t header = std::exchange(run_length_, 0) << 1;
    for (; header >= 0x80; header >>= 7) page_.push_back(static_cast<char>(header | 0x80));
    page_.push_back(static_cast<char>(header));
    page_.push_back(static_cast<char>(run_level_));
  }

  Bytes& page_;
  const std::size_t begin_;
  int run_level_ = 0;
  std::uint64_t run_length_ = 0;
};

/// Appends plain-encoded values.
class PlainValues {
 public:
  explicit PlainValues(Bytes& page) : page_(page) {}

  /// One that was checked; a null has no value.
  template <class Variant>
  void append(const Variant& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      append_number(page_, static_cast<std::uint32_t>(text->size()));
      page_ += *text;
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      append_number(page_, *number);
    } else if (const auto* time = std::get_if<Timestamp>(&value)) {
      append_number(page_, static_cast<std::int64_t>(time->time_since_epoch().count()));
    } else if (const auto* real = std::get_if<double>(&value)) {
      append_number(page_, *real);
    } else if (const auto* truth = std::get_if<bool>(&value)) {
      append_bit(*truth);
    }
  }

 private:
  void append_bit(bool value) {
    const std::size_t bit = bit_count_++ % 8;
    if (bit == 0) page_.push_back(0);
    if (value) page_.back() = static_cast<char>(page_.back() | (1 << bit));
  }

  Bytes& page_;
  std::size_t bit_count_ = 0;
};

/// Compresses pages; the codec comes from Arrow.
class PageCompressor {
 public:
  explicit PageCompressor(Compression compression) : compression_(compression) {
    if (compression == Compression::kNone) return;
    const auto type = compression == Compression::kSnappy ? arrow::Compression::SNAPPY : arrow::Compression::ZSTD;
    PARQUET_ASSIGN_OR_THROW(codec_, arrow::util::Codec::Create(type));
  }

  struct Page {
    ByteView bytes;  ///< of the page itself or of the compressor, good until the next call
    CompressionCodec codec = CompressionCodec::kUncompressed;
  };
  /// What does not get smaller stays as it is; each column says which.
  Page compress(ByteView page) {
    if (!codec_ || page.size() < kMinBytes) return {.bytes = page};
    const auto* input = reinterpret_cast<const std::uint8_t*>(page.data());
    const auto input_size = static_cast<std::int64_t>(page.size());
    const auto bound = static_cast<std::size_t>(codec_->MaxCompressedLen(input_size, input));
    if (output_.size() < bound) output_.resize(bound);
    PARQUET_ASSIGN_OR_THROW(const std::int64_t output_size,
                            codec_->Compress(input_size, input, static_cast<std::int64_t>(output_.size()),
                                             reinterpret_cast<std::uint8_t*>(output_.data())));
    const auto size = static_cast<std::size_t>(output_size);
    if (size >= page.size()) return {.bytes = page};
    const bool is_snappy = compression_ == Compression::kSnappy;
    return {.bytes = ByteView(output_).substr(0, size),
            .codec = is_snappy ? CompressionCodec::kSnappy : CompressionCodec::kZstd};
  }

 private:
  /// Below it a codec finds little to save, and costs more than the rest of the page.
  static constexpr std::size_t kMinBytes = 64;

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
  CompressionCodec codec = CompressionCodec::kUncompressed;
};

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

/// Fields 1 to 3 of ColumnMetaData: type, encodings, path. The same in every file of a schema.
Bytes encode_constant_metadata(const Field* list, const Field& field) {
  Bytes bytes;
  ThriftWriter thrift(bytes);
  thrift.field_i32(1, std::to_underlying(physical_type_of(field.type)));
  thrift.begin_list_of_i32(2, 2);
  thrift.append_i32(std::to_underlying(Encoding::kPlain));
  thrift.append_i32(std::to_underlying(Encoding::kRle));
  thrift.begin_list_of_texts(3, list ? 4 : 1);
  if (list) {
    for (const std::string_view step :
         {std::string_view(list->name), std::string_view("list"), std::string_view("element")}) {
      thrift.append_text(step);
    }
  }
  thrift.append_text(field.name);
  return bytes;
}

/// Field 2 of FileMetaData.
Bytes encode_schema(const std::vector<Field>& schema) {
  Bytes bytes;
  ThriftWriter thrift(bytes);
  thrift.skip_to(1);
  write_schema(thrift, schema);
  return bytes;
}

/// One leaf column: a scalar field, or one member of a list's struct. ("Nested Encoding" in Parquet's README.)
class Column {
 public:
  Column(const Field& field, std::size_t index) : Column(nullptr, field, index, 0) {}
  Column(const Field& list, std::size_t index, std::size_t member)
      : Column(&list, list.members[member], index, member) {}

  const std::string& name() const { return name_; }
  ByteView constant_metadata() const { return constant_metadata_; }

  /// Appends the data of a page: repetition levels, definition levels, values. Returns how many levels.
  std::size_t write(std::span<const Record> records, Bytes& page) const {
    return is_in_list_ ? write_member(records, page) : write_scalar(records, page);
  }

 private:
  Column(const Field* list, const Field& field, std::size_t index, std::size_t member)
      : name_(field.name),
        constant_metadata_(encode_constant_metadata(list, field)),
        index_(index),
        member_(member),
        is_in_list_(list != nullptr),
        definition_if_empty_(list != nullptr && list->is_nullable ? 1 : 0),
        definition_if_null_(list != nullptr ? definition_if_empty_ + 1 : 0),
        is_nullable_(field.is_nullable) {}

  template <class Variant>
  int definition_of(const Variant& value) const {
    return definition_if_null_ + (is_nullable_ && !std::holds_alternative<std::monostate>(value) ? 1 : 0);
  }

  std::size_t write_scalar(std::span<const Record> records, Bytes& page) const {
    if (is_nullable_) {
      Levels definitions(page);
      for (const Record& record : records) definitions.append(definition_of(record[index_]));
      definitions.end();
    }
    PlainValues values(page);
    for (const Record& record : records) values.append(record[index_]);
    return records.size();
  }

  std::size_t write_member(std::span<const Record> records, Bytes& page) const {
    const auto elements_of = [&](const Record& record) { return std::get_if<std::vector<Struct>>(&record[index_]); };
    std::size_t count = 0;
    Levels repetitions(page);
    for (const Record& record : records) {
      const auto* elements = elements_of(record);
      repetitions.append(0);  // a list that is null or empty has a level too
      for (std::size_t i = 1; elements && i < elements->size(); ++i) repetitions.append(1);
      count += elements && !elements->empty() ? elements->size() : 1;
    }
    repetitions.end();
    Levels definitions(page);
    for (const Record& record : records) {
      const auto* elements = elements_of(record);
      if (!elements || elements->empty()) definitions.append(elements ? definition_if_empty_ : 0);
      for (std::size_t i = 0; elements && i < elements->size(); ++i) {
        definitions.append(definition_of((*elements)[i][member_]));
      }
    }
    definitions.end();
    PlainValues values(page);
    for (const Record& record : records) {
      const auto* elements = elements_of(record);
      for (std::size_t i = 0; elements && i < elements->size(); ++i) values.append((*elements)[i][member_]);
    }
    return count;
  }

  std::string name_;
  Bytes constant_metadata_;
  std::size_t index_;
  std::size_t member_;
  bool is_in_list_;
  int definition_if_empty_;  ///< of an empty list; a null one has 0
  int definition_if_null_;
  bool is_nullable_;
};

std::vector<Column> columns_of(const std::vector<Field>& schema) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (schema[i].type != FieldType::kList) columns.emplace_back(schema[i], i);
    for (std::size_t member = 0; member < schema[i].members.size(); ++member) {
      columns.emplace_back(schema[i], i, member);
    }
  }
  return columns;
}

/// Writes a column's one page (PageHeader and DataPageHeader of parquet.thrift, then the data).
ColumnChunk write_page(ByteView page, std::size_t level_count, PageCompressor& compressor, Bytes& out) {
  const auto compressed = compressor.compress(page);
  ColumnChunk chunk{.offset = out.size(), .level_count = level_count, .codec = compressed.codec};
  ThriftWriter header(out);
  header.field_i32(1, 0);  // DATA_PAGE
  header.field_i32(2, static_cast<std::int32_t>(page.size()));
  header.field_i32(3, static_cast<std::int32_t>(compressed.bytes.size()));
  header.field_i32(4, static_cast<std::int32_t>(extend_crc32(0, compressed.bytes)));
  header.begin_struct(5);
  header.field_i32(1, static_cast<std::int32_t>(level_count));
  header.field_i32(2, std::to_underlying(Encoding::kPlain));
  header.field_i32(3, std::to_underlying(Encoding::kRle));
  header.field_i32(4, std::to_underlying(Encoding::kRle));
  header.end_struct();
  header.end_struct();
  chunk.uncompressed_bytes = out.size() - chunk.offset + page.size();
  out += compressed.bytes;
  chunk.compressed_bytes = out.size() - chunk.offset;
  return chunk;
}

/// ColumnChunk of parquet.thrift.
void write_column_chunk(ThriftWriter& thrift, const Column& column, const ColumnChunk& chunk) {
  thrift.begin_element();
  thrift.field_i64(2, 0);  // file_offset: deprecated, writers must set 0
  thrift.begin_struct(3);
  thrift.encoded_fields(column.constant_metadata(), 3);
  thrift.field_i32(4, std::to_underlying(chunk.codec));
  thrift.field_i64(5, static_cast<std::int64_t>(chunk.level_count));
  thrift.field_i64(6, static_cast<std::int64_t>(chunk.uncompressed_bytes));
  thrift.field_i64(7, static_cast<std::int64_t>(chunk.compressed_bytes));
  thrift.field_i64(9, static_cast<std::int64_t>(chunk.offset));
  thrift.end_struct();
  thrift.end_struct();
}

}  // namespace

struct RecordWriter::Impl {
  explicit Impl(std::vector<Field> fields)
      : schema(std::move(fields)), columns(columns_of(schema)), encoded_schema(encode_schema(schema)) {}

  const std::vector<Field> schema;
  const std::vector<Column> columns;
  const Bytes encoded_schema;

  Result<Bytes> write(std::span<const Record> records, const KeyValueMetadata& key_value_metadata,
                      Compression compression) const;
};

Result<Bytes> RecordWriter::Impl::write(std::span<const Record> records, const KeyValueMetadata& key_value_metadata,
                                        Compression compression) const {
  constexpr std::size_t kRoomForOneRecord = 4096;
  Bytes file;
  file.reserve(kRoomForOneRecord);
  file = "PAR1";
  PageCompressor compressor(compression);
  std::vector<ColumnChunk> chunks;
  chunks.reserve(columns.size());
  std::size_t uncompressed_bytes = 0;
  Bytes page;
  for (const Column& column : columns) {
    page.clear();
    const std::size_t level_count = column.write(records, page);
    if (page.size() > kMaxPageBytes) return failure(ErrorCode::kTooLarge, "column " + column.name() + " is over 1 GiB");
    chunks.push_back(write_page(page, level_count, compressor, file));
    uncompressed_bytes += chunks.back().uncompressed_bytes;
  }

  const std::size_t footer_offset = file.size();
  ThriftWriter footer(file);  // FileMetaData
  footer.field_i32(1, 2);     // version
  footer.encoded_fields(encoded_schema, 2);
  footer.field_i64(3, static_cast<std::int64_t>(records.size()));
  footer.begin_list_of_structs(4, 1);  // the row group
  footer.begin_element();
  footer.begin_list_of_structs(1, columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) write_column_chunk(footer, columns[i], chunks[i]);
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

RecordWriter::RecordWriter(std::vector<Field> schema) : impl_(std::make_unique<Impl>(std::move(schema))) {}
RecordWriter::RecordWriter(RecordWriter&&) noexcept = default;
RecordWriter& RecordWriter::operator=(RecordWriter&&) noexcept = default;
RecordWriter::~RecordWriter() = default;

Result<Bytes> RecordWriter::write(std::span<const Record> records, const KeyValueMetadata& key_value_metadata,
                                  Compression compression) const {
  for (const Record& record : records) TARN_TRY_VOID(check_record(record, impl_->schema));
  return without_exceptions(ErrorCode::kInternal,
                            [&] { return impl_->write(records, key_value_metadata, compression); });
}

}  // namespace tarn::columnar
