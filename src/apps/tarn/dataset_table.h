#pragma once

#include "apps/tarn/output.h"
#include "catalog/manifest.h"

namespace tarn::apps {

/// A table of datasets without rows: name, row_count, object_count, size, revision, updated_at, dataset_id.
Table dataset_table();
void add_dataset(Table& table, const catalog::Manifest& dataset);

}  // namespace tarn::apps
