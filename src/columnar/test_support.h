#pragma once

#include <vector>

#include "columnar/records.h"

namespace tarn::columnar {

/// For tests: one file of a schema that is written once.
inline Result<Bytes> write_records(const std::vector<Field>& schema, const std::vector<Record>& records,
                                   const KeyValueMetadata& key_value_metadata, Compression compression) {
  return RecordWriter(schema).write(records, key_value_metadata, compression);
}

}  // namespace tarn::columnar
