#include <cstring>
#include <memory>

#include <arrow/type.h>
#include <parquet/arrow/schema.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include "base/digest.h"
#include "base/encoding.h"
#include "columnar/arrow_internal.h"
#include "columnar/canonical_type_internal.h"
#include "columnar/schema.h"

namespace tarn::columnar {
namespace {

Result<Footer> parse_footer(ByteView metadata_bytes) {
  const auto metadata =
      parquet::FileMetaData::Make(metadata_bytes.data(), static_cast<std::int64_t>(metadata_bytes.size()));
  if (metadata->num_rows() < 0) return failure(ErrorCode::kCorrupt, "a negative row count");
  // Without the file's key-value metadata, where Arrow's writers keep the schema of their memory (large strings,
  // dictionaries, time zones): what the file holds is the same whoever wrote it.
  std::shared_ptr<arrow::Schema> schema;
  PARQUET_THROW_NOT_OK(
      parquet::arrow::FromParquetSchema(metadata->schema(), parquet::ArrowReaderProperties(), nullptr, &schema));
  TARN_TRY(auto columns, canonical_columns(*schema));
  for (const ColumnSchema& column : columns) {
    if (!is_valid_utf8(column.name)) return failure(ErrorCode::kCorrupt, "a column's name is no UTF-8");
  }
  return Footer{std::move(columns), static_cast<std::uint64_t>(metadata->num_rows())};
}

}  // namespace

Result<std::uint64_t> footer_bytes_needed(ByteView tail) {
  if (tail.size() < kFooterTailBytes) return failure(ErrorCode::kCorrupt, "too short for a Parquet file");
  const ByteView end = tail.substr(tail.size() - kFooterTailBytes);
  if (end.ends_with("PARE")) return failure(ErrorCode::kUnsupported, "a Parquet file with an encrypted footer");
  if (!end.ends_with("PAR1")) return failure(ErrorCode::kCorrupt, "not a Parquet file");
  std::uint32_t metadata_size = 0;  // little-endian, as is every machine that this runs on
  std::memcpy(&metadata_size, end.data(), sizeof(metadata_size));
  if (metadata_size > kMaxFooterBytes) {
    return failure(ErrorCode::kTooLarge, "a Parquet footer of " + std::to_string(metadata_size) + " bytes, " +
                                             std::to_string(kMaxFooterBytes) + " at most");
  }
  return metadata_size + kFooterTailBytes;
}

Result<Footer> read_footer(ByteView tail) {
  TARN_TRY(const std::uint64_t needed, footer_bytes_needed(tail));
  if (tail.size() < needed) {
    return failure(ErrorCode::kInvalidArgument, "the footer has " + std::to_string(needed) + " bytes, " +
                                                    std::to_string(tail.size()) + " were given");
  }
  const ByteView footer = tail.substr(tail.size() - static_cast<std::size_t>(needed));
  return without_exceptions(ErrorCode::kCorrupt,
                            [&] { return parse_footer(footer.substr(0, footer.size() - kFooterTailBytes)); });
}

std::string schema_fingerprint(const std::vector<ColumnSchema>& columns) {
  return "sha256:" + hex_encode(sha256(canonical_schema(columns)));
}

}  // namespace tarn::columnar
