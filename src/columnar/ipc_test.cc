#include "columnar/ipc.h"

#include <chrono>
#include <cstdint>
#include <string>

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::columnar {
namespace {

using ::testing::HasSubstr;
using enum FieldType;

std::shared_ptr<arrow::Table> read_back(const Bytes& stream) {
  const auto source = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(stream));
  return arrow::ipc::RecordBatchStreamReader::Open(source).ValueOrDie()->ToTable().ValueOrDie();
}

TEST(WriteIpcStream, KeepsEveryScalarAndNull) {
  const std::vector<Field> schema{{.name = "bool", .type = kBool, .is_nullable = true},
                                  {.name = "int64", .type = kInt64, .is_nullable = true},
                                  {.name = "double", .type = kDouble, .is_nullable = true},
                                  {.name = "string", .type = kString, .is_nullable = true},
                                  {.name = "bytes", .type = kBytes, .is_nullable = true},
                                  {.name = "time", .type = kTimestamp, .is_nullable = true}};
  const Timestamp time(std::chrono::microseconds(1'795'393'926'000'042));

  const auto stream = write_ipc_stream(
      schema, {{true, std::int64_t{-7}, 1.5, std::string("donn\u00e9es"), std::string("\xff"), time}, Record(6)});

  ASSERT_TRUE(stream) << stream.error().message;
  const auto table = read_back(*stream);
  EXPECT_TRUE(table->ValidateFull().ok());
  EXPECT_EQ(table->schema()->ToString(),
            "bool: bool\nint64: int64\ndouble: double\nstring: string\nbytes: binary\ntime: timestamp[us, tz=UTC]");
  ASSERT_EQ(table->num_rows(), 2);
  const auto text_of = [&](int column) { return table->column(column)->GetScalar(0).ValueOrDie()->ToString(); };
  EXPECT_EQ(text_of(0), "true");
  EXPECT_EQ(text_of(1), "-7");
  EXPECT_EQ(text_of(2), "1.5");
  EXPECT_EQ(text_of(3), "donn\u00e9es");
  EXPECT_THAT(text_of(5), HasSubstr("2026-11-23 00:32:06.000042"));
  for (int i = 0; i < table->num_columns(); ++i) EXPECT_EQ(table->column(i)->null_count(), 1) << i;
}

TEST(WriteIpcStream, WithoutRecordsStillTellsTheSchema) {
  const auto stream = write_ipc_stream({{.name = "name"}}, {});

  ASSERT_TRUE(stream) << stream.error().message;
  EXPECT_EQ(read_back(*stream)->num_rows(), 0);
  EXPECT_EQ(read_back(*stream)->schema()->ToString(), "name: string not null");
}

TEST(WriteIpcStream, RefusesWhatDoesNotFitItsField) {
  const auto message_of = [](const Field& field, const Value& value) {
    return write_ipc_stream({field}, {{value}}).error().message;
  };

  EXPECT_THAT(message_of({.name = "a", .type = kInt64}, std::string("1")), HasSubstr("field a"));
  EXPECT_THAT(message_of({.name = "a", .type = kString}, Value()), HasSubstr("field a"));
  EXPECT_THAT(message_of({.name = "a", .type = kString}, std::string("\xff")), HasSubstr("field a"));
  EXPECT_THAT(message_of({.name = "a", .type = kList}, std::vector<Struct>()), HasSubstr("lists"));
  EXPECT_FALSE(write_ipc_stream({{.name = "a"}}, {{}}));
}

}  // namespace
}  // namespace tarn::columnar
