#include "columnar/schema.h"

#include <fstream>
#include <iterator>

#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columnar/canonical_type_internal.h"
#include "columnar/records.h"
#include "columnar/test_support.h"

namespace tarn::columnar {
namespace {

using ::testing::HasSubstr;

Bytes test_file(const std::string& name) {
  std::ifstream file(std::string(TARN_TESTDATA "/") + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Footer footer_of(const std::string& name) {
  const auto footer = read_footer(test_file(name));
  EXPECT_TRUE(footer) << to_string(footer.error());
  return footer ? *footer : Footer();
}

constexpr std::string_view kColumns = R"("flag":bool?
"tiny":int8?
"small":uint16?
"number":int32?
"id":int64?
"ratio":float32?
"value":float64?
"name":string?
"raw":binary?
"day":date?
"local":timestamp(us)?
"instant":timestamp(us,UTC)?
"price":decimal(10,2)?
"tags":list<string?>?
"point":struct<"x":float64?,"label \"y\"":string?>?
)";

TEST(Fingerprint, IsTheSameWhateverProgramWroteTheColumns) {
  for (const char* name : {"columns_pyarrow.parquet", "columns_pyarrow_other.parquet", "columns_polars.parquet",
                           "columns_duckdb.parquet"}) {
    const Footer footer = footer_of(name);

    EXPECT_EQ(canonical_schema(footer.columns), kColumns) << name;
    EXPECT_EQ(schema_fingerprint(footer.columns),
              "sha256:116f22f3f645cdf966a674a457745512960f44d162ac671feb20c9fa6aabe3cd")
        << name;
    EXPECT_EQ(footer.row_count, 2) << name;
  }
}

TEST(Fingerprint, SeesOrderNamesTypesAndNullability) {
  const std::vector<ColumnSchema> columns{{"a", "int64", true}, {"b", "string", true}};
  const auto differs = [&](const std::vector<ColumnSchema>& other) {
    EXPECT_NE(schema_fingerprint(other), schema_fingerprint(columns)) << canonical_schema(other);
  };
  differs({{"b", "string", true}, {"a", "int64", true}});
  differs({{"c", "int64", true}, {"b", "string", true}});
  differs({{"a", "int32", true}, {"b", "string", true}});
  differs({{"a", "int64", false}, {"b", "string", true}});
  differs({{"a", "int64", true}});
  differs({});
}

TEST(Fingerprint, HasVectors) {
  EXPECT_EQ(schema_fingerprint({}), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(schema_fingerprint({{"id", "int64", false}, {"id2", "int64", true}}),
            schema_fingerprint(footer_of("not_null.parquet").columns));
  EXPECT_EQ(canonical_schema(footer_of("not_null.parquet").columns), "\"id\":int64\n\"id2\":int64?\n");
}

TEST(CanonicalSchema, LetsNoNameLookLikeAnother) {
  const std::string text =
      canonical_schema({{"a\":int64\n\"b", "int64", true}, {"\\", "bool", true}, {"\x7f é", "bool", true}});

  EXPECT_EQ(text, "\"a\\\":int64\\x0a\\\"b\":int64?\n\"\\\\\":bool?\n\"\\x7f é\":bool?\n");
}

std::string canonical_type(std::shared_ptr<arrow::DataType> type) {
  const auto columns = canonical_columns(*arrow::schema({arrow::field("c", std::move(type))}));
  return columns ? columns->front().type : to_string(columns.error());
}

TEST(CanonicalType, ForgetsHowArrowLaysValuesOutInMemory) {
  EXPECT_EQ(canonical_type(arrow::large_utf8()), "string");
  EXPECT_EQ(canonical_type(arrow::utf8_view()), "string");
  EXPECT_EQ(canonical_type(arrow::large_binary()), "binary");
  EXPECT_EQ(canonical_type(arrow::binary_view()), "binary");
  EXPECT_EQ(canonical_type(arrow::dictionary(arrow::int8(), arrow::large_utf8())), "string");
  EXPECT_EQ(canonical_type(arrow::run_end_encoded(arrow::int32(), arrow::int64())), "int64");
  for (const auto& list :
       {arrow::list(arrow::int8()), arrow::large_list(arrow::int8()), arrow::list_view(arrow::int8()),
        arrow::large_list_view(arrow::int8()), arrow::fixed_size_list(arrow::int8(), 3)}) {
    EXPECT_EQ(canonical_type(list), "list<int8?>");
  }
}

TEST(CanonicalType, SpellsOutUnitsZonesPrecisionAndNesting) {
  EXPECT_EQ(canonical_type(arrow::timestamp(arrow::TimeUnit::NANO)), "timestamp(ns)");
  EXPECT_EQ(canonical_type(arrow::timestamp(arrow::TimeUnit::MILLI, "Europe/Berlin")), "timestamp(ms,Europe/Berlin)");
  EXPECT_EQ(canonical_type(arrow::time32(arrow::TimeUnit::MILLI)), "time(ms)");
  EXPECT_EQ(canonical_type(arrow::decimal128(38, 0)), "decimal(38,0)");
  EXPECT_EQ(canonical_type(arrow::decimal256(76, 10)), "decimal(76,10)");
  EXPECT_EQ(canonical_type(arrow::fixed_size_binary(16)), "fixed_binary(16)");
  EXPECT_EQ(canonical_type(arrow::map(arrow::utf8(), arrow::int32())), "map<string,int32?>");
  EXPECT_EQ(canonical_type(arrow::struct_({arrow::field("a", arrow::list(arrow::field("x", arrow::utf8(), false)))})),
            "struct<\"a\":list<string>?>");
}

TEST(CanonicalType, RefusesWhatHasNone) {
  EXPECT_THAT(canonical_type(arrow::dense_union({arrow::field("a", arrow::int8())})), HasSubstr("column c"));
  auto deep = arrow::int8();
  for (int i = 0; i < 100; ++i) deep = arrow::list(deep);
  EXPECT_THAT(canonical_type(deep), HasSubstr("too deeply"));
}

TEST(Footer, SaysHowManyBytesItNeeds) {
  const Bytes file = test_file("columns_pyarrow.parquet");
  const auto needed = footer_bytes_needed(ByteView(file).substr(file.size() - kFooterTailBytes));
  ASSERT_TRUE(needed);
  ASSERT_LT(*needed, file.size());

  EXPECT_TRUE(read_footer(ByteView(file).substr(file.size() - *needed)));
  EXPECT_EQ(read_footer(ByteView(file).substr(file.size() - *needed + 1)).error().code, ErrorCode::kInvalidArgument);
}

TEST(Footer, IsNotFoundInOtherFiles) {
  const auto code = [](ByteView tail) { return read_footer(tail).error().code; };

  EXPECT_EQ(code(""), ErrorCode::kCorrupt);
  EXPECT_EQ(code("PAR1"), ErrorCode::kCorrupt);
  EXPECT_EQ(code("no parquet file"), ErrorCode::kCorrupt);
  EXPECT_EQ(code(ByteView("\0\0\0\0PARE", 8)), ErrorCode::kUnsupported);
  EXPECT_EQ(code(ByteView("\xff\xff\xff\xffPAR1", 8)), ErrorCode::kTooLarge);
  EXPECT_EQ(code(ByteView("garbage!\x08\0\0\0PAR1", 16)), ErrorCode::kCorrupt);
  EXPECT_EQ(code(ByteView("\0\0\0\0PAR1", 8)), ErrorCode::kCorrupt);
}

TEST(Footer, IsReadFromOurOwnFiles) {
  const auto file = write_records(
      {{.name = "a"},
       {.name = "l", .type = FieldType::kList, .members = {{.name = "t", .type = FieldType::kTimestamp}}}},
      {{"x", std::vector<Struct>{}}}, {}, Compression::kNone);
  ASSERT_TRUE(file);

  const auto footer = read_footer(*file);

  ASSERT_TRUE(footer) << to_string(footer.error());
  EXPECT_EQ(canonical_schema(footer->columns), "\"a\":string\n\"l\":list<struct<\"t\":timestamp(us,UTC)>>\n");
}

}  // namespace
}  // namespace tarn::columnar
