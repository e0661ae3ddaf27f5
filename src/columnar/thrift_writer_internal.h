#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace tarn::columnar {

/// Writes Thrift's compact protocol (doc/specs/thrift-compact-protocol.md of Apache Thrift), in which Parquet's footers
/// and page headers are. Fields are written in ascending order of their numbers.
class ThriftWriter {
 public:
  /// Appends to `out`, which outlives the writer. A struct is open at once: the outermost one.
  explicit ThriftWriter(Bytes& out) : out_(out) {}

  void field_bool(int number, bool value) { field_header(number, value ? kTrue : kFalse); }
  void field_i32(int number, std::int32_t value) {
    field_header(number, kI32);
    zigzag(value);
  }
  void field_i64(int number, std::int64_t value) {
    field_header(number, kI64);
    zigzag(value);
  }
  void field_text(int number, std::string_view text) {
    field_header(number, kBinary);
    append_text(text);
  }

  void begin_struct(int number) {
    field_header(number, kStruct);
    begin_element();
  }
  /// Ends what begin_struct, begin_element or the constructor opened.
  void end_struct() {
    out_.push_back(0);
    last_number_ = enclosing_.empty() ? 0 : enclosing_.back();
    if (!enclosing_.empty()) enclosing_.pop_back();
  }
  void empty_struct(int number) {
    begin_struct(number);
    end_struct();
  }

  /// Appends fields that another writer made at the same place, the last of them `last_number`.
  void encoded_fields(ByteView bytes, int last_number) {
    out_ += bytes;
    last_number_ = last_number;
  }
  /// As if the fields up to this one were written: for making encoded fields.
  void skip_to(int number) { last_number_ = number; }

  void begin_list_of_structs(int number, std::size_t size) { list_header(number, size, kStruct); }
  void begin_list_of_texts(int number, std::size_t size) { list_header(number, size, kBinary); }
  void begin_list_of_i32(int number, std::size_t size) { list_header(number, size, kI32); }
  void begin_element() {
    enclosing_.push_back(last_number_);
    last_number_ = 0;
  }
  void append_text(std::string_view text) {
    varint(text.size());
    out_.append(text);
  }
  void append_i32(std::int32_t value) { zigzag(value); }

 private:
  enum Type : std::uint8_t { kTrue = 1, kFalse = 2, kI32 = 5, kI64 = 6, kBinary = 8, kList = 9, kStruct = 12 };

  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  /// The short form: Parquet's field numbers never lie more than 15 apart.
  void field_header(int number, Type type) {
    out_.push_back(static_cast<char>(((number - last_number_) << 4) | type));
    last_number_ = number;
  }
  void list_header(int number, std::size_t size, Type type) {
    field_header(number, kList);
    if (size < 15) {
      out_.push_back(static_cast<char>((size << 4) | type));
    } else {
      out_.push_back(static_cast<char>(0xf0 | type));
      varint(size);
    }
  }

  Bytes& out_;
  int last_number_ = 0;
  std::vector<int> enclosing_;  // the last field numbers of the structs around
};

}  // namespace tarn::columnar
