#include <benchmark/benchmark.h>

#include "catalog/manifest_codec_internal.h"

namespace tarn::catalog {
namespace {

Manifest small_manifest() {
  Manifest manifest;
  manifest.name = "nyc.flights";
  manifest.dataset_id = dataset_id_of(manifest.name);
  manifest.schema_fingerprint = "sha256:" + std::string(64, 'a');
  manifest.objects = {{"nyc/flights/part-0001.parquet", 12'345'678, std::string(32, 'e')}};
  manifest.row_count = 3'000'000;
  manifest.created_at = manifest.updated_at = Timestamp(std::chrono::microseconds(1'795'000'000'000'000));
  manifest.revision = 1;
  manifest.commit_id = *Uuid::parse("01938a5e-7b3c-7def-8123-456789abcdef");
  manifest.recent_commits = {{*Uuid::parse("01938a5e-0000-7def-8123-456789abcdef"), manifest.commit_id}};
  return manifest;
}

void encode_small(benchmark::State& state) {
  const Manifest manifest = small_manifest();
  for (auto _ : state) benchmark::DoNotOptimize(*encode_manifest(manifest, columnar::Compression::kSnappy));
}
BENCHMARK(encode_small)->ThreadRange(1, 2);

void decode_small(benchmark::State& state) {
  const Manifest manifest = small_manifest();
  const Bytes file = *encode_manifest(manifest, columnar::Compression::kSnappy);
  const std::string key = manifest_key(manifest.name);
  for (auto _ : state) benchmark::DoNotOptimize(*decode_manifest(file, key));
  state.counters["file_bytes"] = static_cast<double>(file.size());
}
BENCHMARK(decode_small)->ThreadRange(1, 2);

void decode_many_objects(benchmark::State& state) {
  Manifest manifest = small_manifest();
  for (int i = 1; i < 10'000; ++i) {
    manifest.objects.push_back({"nyc/flights/part-" + std::to_string(i) + ".parquet", 1'000'000, std::string(32, 'e')});
  }
  const Bytes file = *encode_manifest(manifest, columnar::Compression::kSnappy);
  const std::string key = manifest_key(manifest.name);
  for (auto _ : state) benchmark::DoNotOptimize(*decode_manifest(file, key));
}
BENCHMARK(decode_many_objects);

}  // namespace
}  // namespace tarn::catalog
