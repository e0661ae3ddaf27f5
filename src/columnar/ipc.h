#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "columnar/records.h"

namespace tarn::columnar {

/// Records as an Arrow IPC stream (arrow.apache.org/docs/format/Columnar.html) of one batch, which pyarrow, DuckDB and
/// Polars read from a pipe. Timestamps are microseconds in UTC. Made for results that fit memory. Errors:
/// kInvalidArgument naming the field whose value does not fit `schema`; kUnsupported for lists.
Result<Bytes> write_ipc_stream(const std::vector<Field>& schema, const std::vector<Record>& records);

}  // namespace tarn::columnar
