#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "async/deadline.h"
#include "async/task.h"
#include "catalog/manifest.h"
#include "store/object_store.h"

namespace tarn::apps {

/// What a dataset of Parquet files is, as their footers tell.
struct ParquetDataset {
  std::string schema_fingerprint;
  std::vector<catalog::Column> columns;
  std::uint64_t row_count = 0;  ///< of all files
  std::vector<catalog::DataObject> objects;
};

/// Most files that one dataset may be made of here.
inline constexpr std::size_t kMaxParquetFiles = 100'000;

/// Reads the footers of `keys`; one that ends in '/' stands for every "….parquet" below it. Each request to the store
/// has `request_timeout`. Errors: kInvalidArgument when there is no file, or one has other columns than the first, by
/// name; kCorrupt and kUnsupported naming the file; kTooLarge over kMaxParquetFiles; those of the store.
Task<ParquetDataset> describe_parquet(store::ObjectStore& store, std::string bucket, std::vector<std::string> keys,
                                      std::chrono::milliseconds request_timeout);

}  // namespace tarn::apps
