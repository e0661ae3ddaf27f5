#include "columnar/records.h"

#include <fstream>
#include <iterator>
#include <limits>
#include <random>

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/file_reader.h>

#include "columnar/test_support.h"

namespace tarn::columnar {
namespace {

using ::testing::HasSubstr;
using enum FieldType;

Bytes test_file(const std::string& name) {
  std::ifstream file(std::string(TARN_TESTDATA "/") + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// A field of each type, each once required and once nullable.
std::vector<Field> every_type() {
  const std::vector<Field> members{
      {.name = "key"}, {.name = "size", .type = kInt64, .is_nullable = true}, {.name = "is_set", .type = kBool}};
  std::vector<Field> schema;
  for (const bool is_nullable : {false, true}) {
    const std::string suffix = is_nullable ? "?" : "";
    schema.push_back({.name = "bool" + suffix, .type = kBool, .is_nullable = is_nullable});
    schema.push_back({.name = "int64" + suffix, .type = kInt64, .is_nullable = is_nullable});
    schema.push_back({.name = "double" + suffix, .type = kDouble, .is_nullable = is_nullable});
    schema.push_back({.name = "string" + suffix, .type = kString, .is_nullable = is_nullable});
    schema.push_back({.name = "bytes" + suffix, .type = kBytes, .is_nullable = is_nullable});
    schema.push_back({.name = "timestamp" + suffix, .type = kTimestamp, .is_nullable = is_nullable});
    schema.push_back({.name = "list" + suffix, .type = kList, .is_nullable = is_nullable, .members = members});
  }
  return schema;
}

Record random_record(std::mt19937& random) {
  const auto text = [&] { return std::string(random() % 40, 'a'); };
  Record record;
  for (const bool is_nullable : {false, true}) {
    const auto add = [&](Value value) {
      record.push_back(is_nullable && random() % 2 == 0 ? Value() : std::move(value));
    };
    add(random() % 2 == 0);
    add(static_cast<std::int64_t>(random()) * (random() % 2 == 0 ? 1 : -1));
    add(static_cast<double>(random()) / 3);
    add(text());
    add(text() + '\xff');
    add(Timestamp(std::chrono::microseconds(static_cast<std::int64_t>(random()))));
    std::vector<Struct> list(random() % 5);
    for (Struct& element : list) {
      element = {text(), random() % 2 == 0 ? Scalar() : Scalar(static_cast<std::int64_t>(random())), random() % 2 == 0};
    }
    add(std::move(list));
  }
  return record;
}

Result<std::vector<Record>> read_all(ByteView file, const std::vector<Field>& schema, const RecordLimits& limits = {}) {
  TARN_TRY(auto reader, RecordReader::open(file, limits));
  return reader.read(schema);
}

TEST(Records, ComeBackAsTheyWereWritten) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const std::size_t count : {0, 1, 2, 9, 1000}) {
    std::vector<Record> records;
    for (std::size_t i = 0; i < count; ++i) records.push_back(random_record(random));
    for (const auto compression : {Compression::kNone, Compression::kSnappy, Compression::kZstd}) {
      const auto file = write_records(every_type(), records, {{"a", "b"}}, compression);
      ASSERT_TRUE(file) << to_string(file.error());

      const auto read = read_all(*file, every_type());

      ASSERT_TRUE(read) << to_string(read.error());
      EXPECT_EQ(*read, records);
    }
  }
}

TEST(Records, KeepExtremes) {
  const std::vector<Field> schema{{.name = "n", .type = kInt64}, {.name = "d", .type = kDouble}, {.name = "s"}};
  const std::vector<Record> records{
      {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<double>::infinity(), ""},
      {std::numeric_limits<std::int64_t>::max(), -0.0, std::string("\0é", 3)}};

  const auto file = write_records(schema, records, {}, Compression::kSnappy);

  ASSERT_TRUE(file);
  EXPECT_EQ(read_all(*file, schema), records);
}

TEST(Records, AreCompressedWhereThatMakesAPageSmaller) {
  const std::vector<Field> schema{{.name = "long"}, {.name = "short"}};
  const Bytes file = *write_records(schema, {{std::string(1000, 'x'), "x"}}, {}, Compression::kSnappy);

  const auto metadata =
      parquet::ParquetFileReader::Open(std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(file)))
          ->metadata();

  EXPECT_EQ(metadata->RowGroup(0)->ColumnChunk(0)->compression(), parquet::Compression::SNAPPY);
  EXPECT_EQ(metadata->RowGroup(0)->ColumnChunk(1)->compression(), parquet::Compression::UNCOMPRESSED);
  EXPECT_LT(file.size(), 900U);
}

TEST(Records, TellWhatStandsBesideThem) {
  const KeyValueMetadata metadata{{"version", "1.0"}, {"empty", ""}};
  const auto file = write_records({{.name = "a"}}, {{"x"}, {"y"}}, metadata, Compression::kNone);
  ASSERT_TRUE(file);

  const auto reader = RecordReader::open(*file);

  ASSERT_TRUE(reader) << to_string(reader.error());
  EXPECT_EQ(reader->key_value_metadata(), metadata);
  EXPECT_EQ(reader->record_count(), 2);
}

TEST(Records, AreRefusedWhenTheyDoNotFitTheSchema) {
  const std::vector<Field> schema{{.name = "text"},
                                  {.name = "list", .type = kList, .members = {{.name = "n", .type = kInt64}}}};
  const auto refused = [&](Record record) {
    const auto file = write_records(schema, {std::move(record)}, {}, Compression::kNone);
    EXPECT_FALSE(file);
    if (file) return std::string();
    EXPECT_EQ(file.error().code, ErrorCode::kInvalidArgument);
    return file.error().message;
  };
  const std::vector<Struct> list;

  EXPECT_THAT(refused({"x"}), HasSubstr("other fields"));
  EXPECT_THAT(refused({std::monostate(), list}), HasSubstr("text"));
  EXPECT_THAT(refused({std::int64_t{1}, list}), HasSubstr("text"));
  EXPECT_THAT(refused({"\xff", list}), HasSubstr("UTF-8"));
  EXPECT_THAT(refused({"x", "y"}), HasSubstr("list"));
  EXPECT_THAT(refused({"x", std::monostate()}), HasSubstr("list"));
  EXPECT_THAT(refused({"x", std::vector<Struct>{{}}}), HasSubstr("list"));
  EXPECT_THAT(refused({"x", std::vector<Struct>{{"text"}}}), HasSubstr("n"));
}

// ------------------------------------------------------------------------------------------- files of other programs

const std::vector<Field>& sliced_schema() {
  static const std::vector<Field> schema{
      {.name = "items",
       .type = kList,
       .is_nullable = true,
       .members = {{.name = "size", .type = kInt64, .is_nullable = true}, {.name = "key"}}},
      {.name = "id", .type = kInt64},
      {.name = "name", .is_nullable = true},
      {.name = "time", .type = kTimestamp},
      {.name = "missing", .type = kBool, .is_nullable = true},
  };
  return schema;
}

TEST(Records, AreReadFromSlicedListsInSeveralRowGroups) {
  const auto read = read_all(test_file("sliced.parquet"), sliced_schema());

  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_EQ(read->size(), 30);
  for (std::size_t row = 0; row < read->size(); ++row) {
    SCOPED_TRACE(row);
    const auto i = static_cast<std::int64_t>(row) + 20;  // the table was cut there
    const Record& record = (*read)[row];
    EXPECT_EQ(std::get<std::int64_t>(record[1]), i);
    EXPECT_EQ(record[2], i % 5 == 4 ? Value() : Value("name-" + std::to_string(i % 3)));
    EXPECT_EQ(to_rfc3339(std::get<Timestamp>(record[3])), "2026-11-23T01:02:03.456789Z");
    EXPECT_EQ(record[4], Value());
    if (i % 7 == 6) {
      EXPECT_EQ(record[0], Value());
      continue;
    }
    std::vector<Struct> items;
    for (std::int64_t j = 0; j < i % 4; ++j) {
      items.push_back({j == 1 ? Scalar() : Scalar(j), "k" + std::to_string(i) + "-" + std::to_string(j)});
    }
    EXPECT_EQ(record[0], Value(items));
  }
}

Error read_error(const std::string& file, const std::vector<Field>& schema, const RecordLimits& limits = {}) {
  const auto read = read_all(test_file(file), schema, limits);
  EXPECT_FALSE(read);
  return read ? Error{} : read.error();
}

TEST(Records, AreCorruptWhereAColumnIsMissingOrOfAnotherType) {
  const Field id{.name = "id", .type = kInt64};
  const auto message = [&](const std::string& file, const Field& field) {
    const Error error = read_error(file, {id, field});
    EXPECT_EQ(error.code, ErrorCode::kCorrupt);
    EXPECT_THAT(error.message, HasSubstr(field.name));
    return error.message;
  };
  const std::vector<Field> members{{.name = "key"}};

  EXPECT_THAT(message("no_items.parquet", {.name = "items", .type = kList, .members = members}), HasSubstr("missing"));
  EXPECT_THAT(message("list_of_numbers.parquet", {.name = "items", .type = kList, .members = members}),
              HasSubstr("no list of structs"));
  EXPECT_THAT(message("null_element.parquet", {.name = "items", .type = kList, .members = members}),
              HasSubstr("null element"));
  EXPECT_THAT(
      message("sliced.parquet", {.name = "items", .type = kList, .members = {{.name = "none", .is_nullable = true}}}),
      HasSubstr("none of its members"));
  EXPECT_THAT(message("sliced.parquet", {.name = "items", .type = kList, .members = members}), HasSubstr("null"));
  EXPECT_THAT(message("sliced.parquet", {.name = "items"}), HasSubstr("another type"));
  EXPECT_THAT(message("sliced.parquet", {.name = "name"}), HasSubstr("null"));
  for (const auto type : {kBool, kInt64, kDouble, kBytes, kTimestamp}) {
    EXPECT_THAT(message("sliced.parquet", {.name = "name", .type = type}), HasSubstr("another type"));
  }
  EXPECT_THAT(message("sliced.parquet", {.name = "time", .type = kInt64}), HasSubstr("another type"));
  EXPECT_THAT(message("sliced.parquet", {.name = "name", .type = kList, .members = members}),
              HasSubstr("no list of structs"));
}

TEST(Records, AreCorruptWhenTheBytesAreNoParquet) {
  const Bytes file = *write_records({{.name = "a"}}, {{"x"}}, {}, Compression::kSnappy);
  const std::vector<Bytes> broken{"",
                                  "PAR1",
                                  "PAR1PAR1",
                                  std::string(1000, 'x'),
                                  file.substr(1),
                                  file.substr(0, file.size() - 1),
                                  file.substr(0, file.size() - 8) + std::string("\xff\xff\xff\x7fPAR1", 8)};
  for (const Bytes& bytes : broken) {
    const auto read = read_all(bytes, {{.name = "a"}});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
  }
}

TEST(Records, NeverCrashOnDamage) {
  std::mt19937 random(4711);
  std::vector<Record> records;
  for (int i = 0; i < 5; ++i) records.push_back(random_record(random));
  const Bytes file = *write_records(every_type(), records, {{"a", "b"}}, Compression::kSnappy);
  int accepted = 0;
  for (int round = 0; round < 2000; ++round) {
    Bytes damaged = file;
    for (int i = 0; i < 3; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto read = read_all(damaged, every_type(), {.max_memory_bytes = 16 << 20});
    accepted += read.has_value();
  }
  EXPECT_LT(accepted, 200) << "only what no checksum covers may pass: a byte of the footer that changes nothing";
}

TEST(Records, AreBoundedInEveryDirection) {
  const auto code = [](const RecordLimits& limits) {
    return read_error("sliced.parquet", sliced_schema(), limits).code;
  };

  EXPECT_EQ(code({.max_file_bytes = 100}), ErrorCode::kTooLarge);
  EXPECT_EQ(code({.max_records = 29}), ErrorCode::kTooLarge);
  EXPECT_EQ(code({.max_list_elements = 10}), ErrorCode::kTooLarge);
  EXPECT_NE(code({.max_memory_bytes = 64}), ErrorCode{});
}

TEST(Records, DoNotGrowBeyondTheirLimitBehindADictionary) {
  // A thousand rows name one string of 10,000 bytes: little in the file, little in the pages.
  const std::vector<Field> schema{{.name = "text", .is_nullable = true}};

  EXPECT_EQ(read_error("dictionary.parquet", schema, {.max_memory_bytes = 1 << 20}).code, ErrorCode::kTooLarge);
  EXPECT_TRUE(read_all(test_file("dictionary.parquet"), schema, {.max_memory_bytes = 16 << 20}));
}

TEST(Records, DoNotGrowBeyondTheirLimitInAPage) {
  const Bytes file = *write_records({{.name = "a"}}, {{std::string(1 << 20, 'x')}}, {}, Compression::kSnappy);

  const auto read = read_all(file, {{.name = "a"}}, {.max_memory_bytes = 1 << 19});

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kTooLarge);
}

// ------------------------------------------------------------------------------------------- the libraries behind it

TEST(Libraries, LeaveOpenSslToTheSystem) {
  // pyarrow's libparquet exports an OpenSSL of its own; code that mixed the two would fail in ways nobody could
  // explain.
  Dl_info found{};
  ASSERT_NE(dladdr(dlsym(RTLD_DEFAULT, "EVP_DigestInit_ex"), &found), 0);

  EXPECT_THAT(found.dli_fname, HasSubstr("libcrypto"));
}

}  // namespace
}  // namespace tarn::columnar
