#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/table.h>
#include <benchmark/benchmark.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>

#include "columnar/records.h"
#include "columnar/test_support.h"

namespace tarn::columnar {
namespace {

/// About what a manifest has: 16 scalars and three lists of two members, 22 leaves.
struct Sample {
  std::vector<Field> schema;
  std::vector<Record> records{Record()};
};

Sample sample() {
  Sample sample;
  for (int i = 0; i < 16; ++i) {
    sample.schema.push_back({.name = "text" + std::to_string(i)});
    sample.records[0].push_back("some text of a manifest, 36 characters");
  }
  for (int i = 0; i < 3; ++i) {
    sample.schema.push_back({.name = "list" + std::to_string(i),
                             .type = FieldType::kList,
                             .members = {{.name = "key"}, {.name = "size", .type = FieldType::kInt64}}});
    sample.records[0].push_back(std::vector<Struct>{{"part-0001.parquet", std::int64_t{12345}}});
  }
  return sample;
}

void write_one(benchmark::State& state) {
  const Sample one = sample();
  for (auto _ : state) {
    benchmark::DoNotOptimize(*write_records(one.schema, one.records, {{"v", "1"}}, Compression::kSnappy));
  }
}
BENCHMARK(write_one);

void read_one(benchmark::State& state) {
  const Sample one = sample();
  const Bytes file = *write_records(one.schema, one.records, {{"v", "1"}}, Compression::kSnappy);
  for (auto _ : state) {
    auto reader = *RecordReader::open(file);
    benchmark::DoNotOptimize(*reader.read(one.schema));
  }
}
BENCHMARK(read_one);

std::shared_ptr<arrow::Table> read_through_arrow(const Bytes& file) {
  const auto buffer = std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(file.data()),
                                                      static_cast<std::int64_t>(file.size()));
  auto reader =
      *parquet::arrow::OpenFile(std::make_shared<arrow::io::BufferReader>(buffer), arrow::default_memory_pool());
  return *reader->ReadTable();
}

/// The same file, up to an Arrow table only.
void read_one_through_arrow(benchmark::State& state) {
  const Sample one = sample();
  const Bytes file = *write_records(one.schema, one.records, {{"v", "1"}}, Compression::kSnappy);
  for (auto _ : state) benchmark::DoNotOptimize(read_through_arrow(file));
}
BENCHMARK(read_one_through_arrow);

void write_one_through_arrow(benchmark::State& state) {
  const Sample one = sample();
  const auto table = read_through_arrow(*write_records(one.schema, one.records, {{"v", "1"}}, Compression::kSnappy));
  for (auto _ : state) {
    auto sink = *arrow::io::BufferOutputStream::Create();
    benchmark::DoNotOptimize(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink));
    benchmark::DoNotOptimize(*sink->Finish());
  }
}
BENCHMARK(write_one_through_arrow);

}  // namespace
}  // namespace tarn::columnar
