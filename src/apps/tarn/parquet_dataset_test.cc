#include "apps/tarn/parquet_dataset.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/test_support.h"
#include "base/manual_clock.h"
#include "columnar/records.h"
#include "columnar/schema.h"
#include "columnar/test_support.h"
#include "store/memory_store.h"

namespace tarn::apps {
namespace {

using async::soon;
using columnar::FieldType;
using testing::HasSubstr;
using namespace std::chrono_literals;

class ParquetDatasetTest : public testing::Test {
 protected:
  ParquetDatasetTest() { EXPECT_TRUE(runtime_.run(store_.create_bucket("lake", soon()))); }

  void put(const std::string& key, const std::string& bytes) {
    ASSERT_TRUE(runtime_.run(store_.put({"lake", key}, bytes, store::PutCondition::none(), soon())));
  }
  /// A file with one column `name` of `type` and as many rows.
  void put_parquet(const std::string& key, const std::string& name, std::size_t rows,
                   FieldType type = FieldType::kString) {
    const columnar::Value value = type == FieldType::kString ? columnar::Value("x") : columnar::Value(std::int64_t{1});
    const auto file =
        columnar::write_records({{.name = name, .type = type}}, std::vector<columnar::Record>(rows, {value}), {},
                                columnar::Compression::kSnappy);
    ASSERT_TRUE(file) << file.error().message;
    put(key, *file);
  }
  Result<ParquetDataset> describe(std::vector<std::string> keys) {
    return runtime_.run(describe_parquet(store_, "lake", std::move(keys), 30s));
  }

  const ManualClock clock_;
  store::MemoryStore store_{clock_};
  async::TestRuntime runtime_;
};

TEST_F(ParquetDatasetTest, AddsRowsAndKeepsObjects) {
  put_parquet("a.parquet", "city", 3);
  put_parquet("b.parquet", "city", 4);

  const auto dataset = describe({"a.parquet", "b.parquet"});

  ASSERT_TRUE(dataset) << dataset.error().message;
  EXPECT_EQ(dataset->row_count, 7U);
  ASSERT_EQ(dataset->objects.size(), 2U);
  EXPECT_EQ(dataset->objects[1].key, "b.parquet");
  EXPECT_EQ(dataset->objects[1].size, runtime_.run(store_.head({"lake", "b.parquet"}, soon()))->size);
  EXPECT_EQ(dataset->objects[1].etag, runtime_.run(store_.head({"lake", "b.parquet"}, soon()))->etag);
  ASSERT_EQ(dataset->columns.size(), 1U);
  EXPECT_EQ(dataset->columns[0], (catalog::Column{.name = "city", .type = "string", .is_nullable = false}));
  EXPECT_EQ(dataset->schema_fingerprint,
            columnar::schema_fingerprint({{.name = "city", .type = "string", .is_nullable = false}}));
}

TEST_F(ParquetDatasetTest, AKeyThatEndsInASlashIsEveryParquetFileBelow) {
  put_parquet("flights/a.parquet", "city", 1);
  put_parquet("flights/2026/b.parquet", "city", 1);
  put("flights/_SUCCESS", "");

  const auto dataset = describe({"flights/"});

  ASSERT_TRUE(dataset) << dataset.error().message;
  EXPECT_EQ(dataset->objects.size(), 2U);
}

TEST_F(ParquetDatasetTest, AFileWithOtherColumnsIsNamed) {
  put_parquet("a.parquet", "city", 1);
  put_parquet("b.parquet", "city", 1, FieldType::kInt64);

  const auto dataset = describe({"a.parquet", "b.parquet"});

  EXPECT_EQ(dataset.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(dataset.error().message,
            "b.parquet has other columns than a.parquet: city int64 not null where city string not null is expected");
}

TEST_F(ParquetDatasetTest, WhatIsNoParquetFileIsNamed) {
  put("text.parquet", std::string(100, 'x'));
  put("empty.parquet", "");

  EXPECT_THAT(describe({"text.parquet"}).error().message, HasSubstr("text.parquet: "));
  EXPECT_EQ(describe({"text.parquet"}).error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(describe({"empty.parquet"}).error().message, HasSubstr("empty.parquet: the object is empty"));
}

TEST_F(ParquetDatasetTest, WhatIsMissingIsSaid) {
  EXPECT_EQ(describe({"absent.parquet"}).error().code, ErrorCode::kNotFound);
  EXPECT_THAT(describe({"absent/"}).error().message, HasSubstr("no .parquet object below absent/"));
  EXPECT_EQ(describe({}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ParquetDatasetTest, AFooterLongerThanTheFirstReadIsReadWhole) {
  // Key-value metadata of a megabyte stands in the footer.
  const auto file = columnar::write_records({{.name = "city"}}, {{columnar::Value("x")}},
                                            {{"note", std::string(1 << 20, 'n')}}, columnar::Compression::kNone);
  ASSERT_TRUE(file);
  put("a.parquet", *file);

  const auto dataset = describe({"a.parquet"});

  ASSERT_TRUE(dataset) << dataset.error().message;
  EXPECT_EQ(dataset->row_count, 1U);
}

}  // namespace
}  // namespace tarn::apps
