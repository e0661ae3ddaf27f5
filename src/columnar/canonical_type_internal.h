#pragma once

#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "columnar/schema.h"

namespace tarn::columnar {

/// The columns of an Arrow schema in canonical form: string = utf8 = large_utf8 = string view (binary and lists alike),
/// a dictionary is its value type, an extension its storage type; metadata is ignored. Errors: kUnsupported for a type
/// that has no canonical form, naming the column.
Result<std::vector<ColumnSchema>> canonical_columns(const arrow::Schema& schema);

}  // namespace tarn::columnar
