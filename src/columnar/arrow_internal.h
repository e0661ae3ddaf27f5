#pragma once

#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include <parquet/exception.h>
#include <parquet/types.h>

#include "base/result.h"
#include "columnar/records.h"

namespace tarn::columnar {

/// Runs `call`, which uses Arrow and Parquet and may throw. No exception leaves it: what Parquet throws about the bytes
/// it reads becomes `code`; memory over the limit (std::bad_alloc, or an allocation its pool refused) kTooLarge.
template <class Call>
std::invoke_result_t<Call&> without_exceptions(ErrorCode code, Call call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return failure(ErrorCode::kTooLarge, "out of memory");
  } catch (const parquet::ParquetStatusException& exception) {
    return failure(exception.status().IsOutOfMemory() ? ErrorCode::kTooLarge : code, exception.what());
  } catch (const std::exception& exception) {
    return failure(code, exception.what());
  }
}

/// Calls `call.operator()<ParquetType>()` for the physical type behind a scalar's `type`.
template <class Call>
auto with_physical_type(FieldType type, Call call) {
  TARN_ASSERT(type != FieldType::kList);
  switch (type) {
    case FieldType::kBool:
      return call.template operator()<parquet::BooleanType>();
    case FieldType::kInt64:
    case FieldType::kTimestamp:
      return call.template operator()<parquet::Int64Type>();
    case FieldType::kDouble:
      return call.template operator()<parquet::DoubleType>();
    case FieldType::kString:
    case FieldType::kBytes:
      return call.template operator()<parquet::ByteArrayType>();
    case FieldType::kList:
      break;
  }
  std::unreachable();
}

}  // namespace tarn::columnar
