#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apps/setting.h"
#include "base/clock.h"
#include "base/result.h"

namespace tarn::apps {

enum class OutputFormat : std::uint8_t {
  kTable,  ///< aligned, sizes and times for people
  kCsv,    ///< RFC 4180, a header line, raw numbers
  kJson,   ///< an array of objects, raw numbers, times as RFC 3339
  kArrow,  ///< an Arrow IPC stream, for programs that read one from a pipe
};

template <>
struct SettingValue<OutputFormat> {
  static constexpr SettingKind kKind = SettingKind::kText;
  static Result<OutputFormat> parse(std::string_view text);
  static std::string to_toml(OutputFormat value);
};

/// A number of bytes: "1.2 MiB" for people.
struct ByteCount {
  std::uint64_t bytes = 0;
};

/// JSON text that is put into JSON as it is, and shown as it is elsewhere.
struct RawJson {
  std::string text;
};

/// std::monostate is "no value": "-" in a table, empty in CSV, null in JSON.
using Cell = std::variant<std::monostate, std::string, std::uint64_t, ByteCount, Timestamp, double, bool, RawJson>;

/// Rows under named columns. Every row has a cell for each column.
struct Table {
  std::vector<std::string> columns;  ///< snake_case, as JSON has them
  std::vector<std::vector<Cell>> rows;
};

/// All rows: `dataset_id` is headed DATASET ID in a table; numbers align right there. Errors: kInvalidArgument for text
/// that is no UTF-8 where the format has no form for it.
Result<std::string> render(const Table& table, OutputFormat format);
/// The first row alone: a line a column in a table, one object in JSON, header and row in CSV, one row in
/// Arrow.
Result<std::string> render_record(const Table& table, OutputFormat format);

/// The two for people, which cannot fail.
std::string render_for_people(const Table& table);
std::string render_record_for_people(const Table& table);

/// "0 B", "999 B", "1.0 KiB", "12 MiB": three digits at most before the unit, binary units.
std::string human_bytes(std::uint64_t bytes);
/// "2026-11-23 00:32:06": UTC, for people.
std::string human_time(Timestamp time);

}  // namespace tarn::apps
