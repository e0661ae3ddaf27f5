#include "columnar/ipc.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/writer.h>

#include "base/encoding.h"
#include "columnar/arrow_internal.h"

namespace tarn::columnar {
namespace {

/// The arrow::Status of a call as an error of ours.
Result<void> checked(const arrow::Status& status) {
  if (status.ok()) return {};
  return failure(status.IsOutOfMemory() ? ErrorCode::kTooLarge : ErrorCode::kInternal, status.ToString());
}

template <class T>
Result<T> checked(arrow::Result<T> result) {
  TARN_TRY_VOID(checked(result.status()));
  return *std::move(result);
}

std::unexpected<Error> misfit(const Field& field) {
  return failure(ErrorCode::kInvalidArgument, "field " + field.name + ": the value is not of its type");
}

/// Builds the column of a field from one member of each record's variant.
template <class Held, class Builder, class Convert = std::identity>
Result<std::shared_ptr<arrow::Array>> build(Builder& builder, const Field& field, const std::vector<Record>& records,
                                            std::size_t index, Convert convert = {}) {
  TARN_TRY_VOID(checked(builder.Reserve(static_cast<std::int64_t>(records.size()))));
  for (const Record& record : records) {
    const Value& value = record[index];
    if (std::holds_alternative<std::monostate>(value) && field.is_nullable) {
      TARN_TRY_VOID(checked(builder.AppendNull()));
      continue;
    }
    const Held* const held = std::get_if<Held>(&value);
    if (held == nullptr) return misfit(field);
    if constexpr (std::is_same_v<Builder, arrow::StringBuilder>) {
      if (!is_valid_utf8(*held)) return misfit(field);
    }
    TARN_TRY_VOID(checked(builder.Append(convert(*held))));
  }
  return checked(builder.Finish());
}

Result<std::shared_ptr<arrow::Array>> build_column(const Field& field, const std::vector<Record>& records,
                                                   std::size_t index) {
  switch (field.type) {
    case FieldType::kBool: {
      arrow::BooleanBuilder builder;
      return build<bool>(builder, field, records, index);
    }
    case FieldType::kInt64: {
      arrow::Int64Builder builder;
      return build<std::int64_t>(builder, field, records, index);
    }
    case FieldType::kDouble: {
      arrow::DoubleBuilder builder;
      return build<double>(builder, field, records, index);
    }
    case FieldType::kString: {
      arrow::StringBuilder builder;
      return build<std::string>(builder, field, records, index);
    }
    case FieldType::kBytes: {
      arrow::BinaryBuilder builder;
      return build<std::string>(builder, field, records, index);
    }
    case FieldType::kTimestamp: {
      arrow::TimestampBuilder builder(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), arrow::default_memory_pool());
      return build<Timestamp>(builder, field, records, index,
                              [](Timestamp time) { return time.time_since_epoch().count(); });
    }
    case FieldType::kList:
      break;
  }
  return failure(ErrorCode::kUnsupported, "field " + field.name + ": lists are not written as Arrow");
}

Result<Bytes> write_batch(const arrow::RecordBatch& batch) {
  TARN_TRY(const auto sink, checked(arrow::io::BufferOutputStream::Create()));
  TARN_TRY(const auto writer, checked(arrow::ipc::MakeStreamWriter(sink, batch.schema())));
  TARN_TRY_VOID(checked(writer->WriteRecordBatch(batch)));
  TARN_TRY_VOID(checked(writer->Close()));
  TARN_TRY(const auto buffer, checked(sink->Finish()));
  return buffer->ToString();
}

}  // namespace

Result<Bytes> write_ipc_stream(const std::vector<Field>& schema, const std::vector<Record>& records) {
  return without_exceptions(ErrorCode::kInternal, [&]() -> Result<Bytes> {
    arrow::FieldVector fields;
    arrow::ArrayVector columns;
    for (const Record& record : records) {
      if (record.size() != schema.size()) return failure(ErrorCode::kInvalidArgument, "a record lacks a field");
    }
    for (std::size_t i = 0; i < schema.size(); ++i) {
      TARN_TRY(auto column, build_column(schema[i], records, i));
      fields.push_back(arrow::field(schema[i].name, column->type(), schema[i].is_nullable));
      columns.push_back(std::move(column));
    }
    const auto batch = arrow::RecordBatch::Make(arrow::schema(std::move(fields)),
                                                static_cast<std::int64_t>(records.size()), std::move(columns));
    return write_batch(*batch);
  });
}

}  // namespace tarn::columnar
