#include "apps/tarn/dataset_table.h"

#include <cstdint>

namespace tarn::apps {

Table dataset_table() {
  return {.columns = {"name", "row_count", "object_count", "size", "revision", "updated_at", "dataset_id"}, .rows = {}};
}

void add_dataset(Table& table, const catalog::Manifest& dataset) {
  ByteCount size;
  for (const catalog::DataObject& object : dataset.objects) size.bytes += object.size;
  table.rows.push_back({dataset.name, dataset.row_count ? Cell(*dataset.row_count) : Cell(),
                        std::uint64_t{dataset.objects.size()}, size, dataset.revision, dataset.updated_at,
                        dataset.dataset_id.to_string()});
}

}  // namespace tarn::apps
