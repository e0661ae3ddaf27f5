#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace tarn::columnar {

/// What a field of a record holds, and how Parquet stores it.
enum class FieldType : std::uint8_t {
  kBool,       ///< BOOLEAN
  kInt64,      ///< INT64
  kDouble,     ///< DOUBLE
  kString,     ///< BYTE_ARRAY (STRING), well-formed UTF-8
  kBytes,      ///< BYTE_ARRAY
  kTimestamp,  ///< INT64 (TIMESTAMP, microseconds, adjusted to UTC)
  kList,       ///< LIST of a group: list<struct<members>>
};

struct Field {
  std::string name;
  FieldType type = FieldType::kString;
  bool is_nullable = false;
  std::vector<Field> members = {};  ///< of a list's struct; scalars only
};

/// A scalar's value; the alternative is the one of its FieldType (kString and kBytes: std::string), or none: null.
using Scalar = std::variant<std::monostate, bool, std::int64_t, double, std::string, Timestamp>;
/// The members of one element of a list, in the order of Field::members.
using Struct = std::vector<Scalar>;
/// A scalar, a list, or null.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Timestamp, std::vector<Struct>>;
/// Values in the order of the schema's fields.
using Record = std::vector<Value>;

/// What stands beside the records in a file's footer.
using KeyValueMetadata = std::map<std::string, std::string>;

enum class Compression : std::uint8_t { kNone, kSnappy, kZstd };

/// Writes Parquet files of one row group. Made for small files: everything is in memory, no statistics, no
/// dictionaries. What the files of a schema have in common is encoded once, in the constructor.
class RecordWriter {
 public:
  explicit RecordWriter(std::vector<Field> schema);
  RecordWriter(RecordWriter&&) noexcept;
  RecordWriter& operator=(RecordWriter&&) noexcept;
  ~RecordWriter();

  /// One file. Pages that `compression` does not make smaller stay as they are. Whatever does not fit the schema (a
  /// wrong alternative, null where none may be, text that is no UTF-8) is kInvalidArgument naming the field; a column
  /// over 1 GiB is kTooLarge. Thread-safe.
  Result<Bytes> write(std::span<const Record> records, const KeyValueMetadata& key_value_metadata,
                      Compression compression) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What a reader accepts at most; beyond it kTooLarge. Together they bound memory whatever the file claims.
struct RecordLimits {
  std::size_t max_file_bytes = 64 << 20;
  std::size_t max_records = 100'000;
  std::size_t max_list_elements = 1'000'000;  ///< of all lists together
  std::size_t max_memory_bytes = 512 << 20;   ///< of decompressed pages and of decoded strings, each
};

/// Reads such a file, whoever wrote it: other encodings, compressions and row groups, columns in another order. Trusts
/// nothing: whatever is wrong is kCorrupt with a message, and none of it throws. One thread at a time.
class RecordReader {
 public:
  /// Reads the footer. `file` outlives the reader.
  static Result<RecordReader> open(ByteView file, const RecordLimits& limits = {});
  RecordReader(RecordReader&&) noexcept;
  RecordReader& operator=(RecordReader&&) noexcept;
  ~RecordReader();

  const KeyValueMetadata& key_value_metadata() const;
  std::size_t record_count() const;

  /// Columns unknown to `schema` are ignored, missing ones are null where they may be. Any other difference, a null
  /// where none may be included, is kCorrupt with a message that names the column.
  Result<std::vector<Record>> read(const std::vector<Field>& schema);

 private:
  struct Impl;
  explicit RecordReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tarn::columnar
