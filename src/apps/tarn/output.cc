#include "apps/tarn/output.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include <fmt/format.h>

#include "base/encoding.h"
#include "columnar/ipc.h"
#include "columnar/records.h"

namespace tarn::apps {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

std::string to_json(const Cell& cell) {
  return std::visit(Overloaded{[](std::monostate) -> std::string { return "null"; },
                               [](const std::string& text) { return json_quote(text); },
                               [](std::uint64_t count) { return std::to_string(count); },
                               [](ByteCount count) { return std::to_string(count.bytes); },
                               [](Timestamp time) { return json_quote(to_rfc3339(time)); },
                               [](double value) { return number(value); },
                               [](bool flag) -> std::string { return flag ? "true" : "false"; },
                               [](const RawJson& json) { return json.text; }},
                    cell);
}

/// RFC 4180 section 2: quoted where it must be, quotes doubled.
std::string csv_quote(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string to_csv(const Cell& cell) {
  if (std::holds_alternative<std::monostate>(cell)) return {};
  if (const auto* text = std::get_if<std::string>(&cell)) return csv_quote(*text);
  if (const auto* time = std::get_if<Timestamp>(&cell)) return to_rfc3339(*time);
  return csv_quote(to_json(cell));
}

/// Escapes what would move a terminal's cursor: keys may hold anything.
std::string printable(const std::string& text) {
  const bool has_control =
      !is_valid_utf8(text) || std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  return has_control ? json_quote(text) : text;
}

std::string for_people(const Cell& cell) {
  if (std::holds_alternative<std::monostate>(cell)) return "-";
  if (const auto* text = std::get_if<std::string>(&cell)) return printable(*text);
  if (const auto* count = std::get_if<ByteCount>(&cell)) return human_bytes(count->bytes);
  if (const auto* time = std::get_if<Timestamp>(&cell)) return human_time(*time);
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? "yes" : "no";
  return to_json(cell);
}

bool is_number(const Cell& cell) {
  return std::holds_alternative<std::uint64_t>(cell) || std::holds_alternative<ByteCount>(cell) ||
         std::holds_alternative<double>(cell);
}

/// Characters as a terminal shows most of them: code points of UTF-8.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, bool is_right) {
  const std::string space(width - std::min(width, width_of(text)), ' ');
  return is_right ? space + text : text + space;
}

std::string heading_of(std::string name) {
  std::ranges::replace(name, '_', ' ');
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

std::string json_object(const Table& table, const std::vector<Cell>& row) {
  std::string json = "{";
  for (std::size_t i = 0; i < row.size(); ++i) {
    json += (i == 0 ? "" : ",") + json_quote(table.columns[i]) + ":" + to_json(row[i]);
  }
  return json + "}";
}

std::string csv_line(const std::vector<std::string>& texts) {
  std::string line;
  for (std::size_t i = 0; i < texts.size(); ++i) line += (i == 0 ? "" : ",") + texts[i];
  return line + "\r\n";
}

std::string render_csv(const Table& table) {
  std::vector<std::string> texts;
  std::ranges::transform(table.columns, std::back_inserter(texts), csv_quote);
  std::string csv = csv_line(texts);
  for (const auto& row : table.rows) {
    texts.clear();
    std::ranges::transform(row, std::back_inserter(texts), to_csv);
    csv += csv_line(texts);
  }
  return csv;
}

columnar::Value to_value(const Cell& cell) {
  return std::visit(
      Overloaded{[](std::monostate) { return columnar::Value(); },
                 [](const std::string& text) { return columnar::Value(text); },
                 [](std::uint64_t count) { return columnar::Value(static_cast<std::int64_t>(count)); },
                 [](ByteCount count) { return columnar::Value(static_cast<std::int64_t>(count.bytes)); },
                 [](Timestamp time) { return columnar::Value(time); },
                 [](double value) { return columnar::Value(value); }, [](bool flag) { return columnar::Value(flag); },
                 [](const RawJson& json) { return columnar::Value(json.text); }},
      cell);
}

columnar::FieldType type_of(const columnar::Value& value) {
  using columnar::FieldType;
  if (std::holds_alternative<bool>(value)) return FieldType::kBool;
  if (std::holds_alternative<std::int64_t>(value)) return FieldType::kInt64;
  if (std::holds_alternative<double>(value)) return FieldType::kDouble;
  if (std::holds_alternative<Timestamp>(value)) return FieldType::kTimestamp;
  return FieldType::kString;
}

/// A column has the type of its first value; one without any is text.
Result<std::string> render_arrow(const Table& table) {
  std::vector<columnar::Field> schema;
  for (const std::string& column : table.columns) schema.push_back({.name = column, .is_nullable = true});
  std::vector<columnar::Record> records;
  for (const auto& row : table.rows) {
    std::ranges::transform(row, std::back_inserter(records.emplace_back()), to_value);
  }
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const auto first = std::ranges::find_if(
        records, [i](const auto& record) { return !std::holds_alternative<std::monostate>(record[i]); });
    if (first != records.end()) schema[i].type = type_of((*first)[i]);
  }
  return columnar::write_ipc_stream(schema, records);
}

}  // namespace

Result<OutputFormat> SettingValue<OutputFormat>::parse(std::string_view text) {
  if (text == "table") return OutputFormat::kTable;
  if (text == "csv") return OutputFormat::kCsv;
  if (text == "json") return OutputFormat::kJson;
  if (text == "arrow") return OutputFormat::kArrow;
  return failure(ErrorCode::kInvalidArgument, "expected table, csv, json or arrow");
}

std::string SettingValue<OutputFormat>::to_toml(OutputFormat value) {
  switch (value) {
    case OutputFormat::kTable:
      return "\"table\"";
    case OutputFormat::kCsv:
      return "\"csv\"";
    case OutputFormat::kJson:
      return "\"json\"";
    case OutputFormat::kArrow:
      return "\"arrow\"";
  }
  return {};
}

Result<std::string> render(const Table& table, OutputFormat format) {
  switch (format) {
    case OutputFormat::kTable:
      return render_for_people(table);
    case OutputFormat::kCsv:
      return render_csv(table);
    case OutputFormat::kJson: {
      std::string json = "[";
      for (const auto& row : table.rows) json += (json.size() > 1 ? ",\n " : "") + json_object(table, row);
      return json + "]\n";
    }
    case OutputFormat::kArrow:
      return render_arrow(table);
  }
  return {};
}

Result<std::string> render_record(const Table& table, OutputFormat format) {
  const Table first{table.columns, {table.rows.front()}};
  switch (format) {
    case OutputFormat::kTable:
      return render_record_for_people(first);
    case OutputFormat::kCsv:
    case OutputFormat::kArrow:
      return render(first, format);
    case OutputFormat::kJson:
      return json_object(first, first.rows.front()) + "\n";
  }
  return {};
}

std::string render_for_people(const Table& table) {
  const std::size_t columns = table.columns.size();
  std::vector<std::vector<std::string>> lines(1);
  std::ranges::transform(table.columns, std::back_inserter(lines[0]), heading_of);
  std::vector<bool> is_right(columns, !table.rows.empty());
  for (const auto& row : table.rows) {
    std::ranges::transform(row, std::back_inserter(lines.emplace_back()), for_people);
    for (std::size_t i = 0; i < columns; ++i) {
      if (!is_number(row[i]) && !std::holds_alternative<std::monostate>(row[i])) is_right[i] = false;
    }
  }
  std::vector<std::size_t> widths(columns);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  }
  std::string text;
  for (const auto& line : lines) {
    std::string out;
    for (std::size_t i = 0; i < columns; ++i) out += (i == 0 ? "" : "  ") + padded(line[i], widths[i], is_right[i]);
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + "\n";
  }
  return text;
}

std::string render_record_for_people(const Table& table) {
  const auto& row = table.rows.front();
  std::size_t width = 0;
  for (const std::string& column : table.columns) width = std::max(width, width_of(column));
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) {
    text += padded(table.columns[i], width, false) + "  " + for_people(row[i]) + "\n";
  }
  return text;
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // 1023.5 and more would round to a fourth digit.
  while (value >= 1023.5 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return value < 9.95 ? fmt::format("{:.1f} {}", value, kUnits[unit]) : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

std::string human_time(Timestamp time) {
  std::string text = to_rfc3339(time).substr(0, std::string_view("2026-11-23T00:32:06").size());
  text[text.find('T')] = ' ';
  return text;
}

}  // namespace tarn::apps
