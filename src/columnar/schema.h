#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tarn::columnar {

/// One top-level column of a data file.
struct ColumnSchema {
  std::string name;
  /// In the canonical form of docs/formats/fingerprint.md: "int64", "timestamp(us,UTC)", "list<string?>".
  std::string type;
  bool is_nullable = true;

  bool operator==(const ColumnSchema&) const = default;
};

/// What a Parquet file's footer says of it.
struct Footer {
  std::vector<ColumnSchema> columns;  ///< in the file's order
  std::uint64_t row_count = 0;
};

/// How many bytes at a file's end tell the size of its footer.
inline constexpr std::size_t kFooterTailBytes = 8;
/// The longest footer that is read.
inline constexpr std::size_t kMaxFooterBytes = 64 << 20;

/// How many bytes at its end read_footer needs of a Parquet file; `tail` is its last kFooterTailBytes or more. Errors:
/// kCorrupt when that is not the end of a Parquet file; kUnsupported for an encrypted footer; kTooLarge over
/// kMaxFooterBytes.
Result<std::uint64_t> footer_bytes_needed(ByteView tail);

/// Reads the footer from the last footer_bytes_needed(), or more, of a file. Trusts nothing. Errors: as above;
/// kInvalidArgument when `tail` is shorter; kUnsupported for a column of a type that has no canonical form.
Result<Footer> read_footer(ByteView tail);

/// The canonical text of a schema: one line a column (docs/formats/fingerprint.md).
std::string canonical_schema(const std::vector<ColumnSchema>& columns);

/// "sha256:" and the hexadecimal SHA-256 of canonical_schema(): the same columns give the same fingerprint, whatever
/// program wrote the file.
std::string schema_fingerprint(const std::vector<ColumnSchema>& columns);

}  // namespace tarn::columnar
