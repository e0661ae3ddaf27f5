#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

#include "catalog_api/proto_internal.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tarn/catalog/v1/catalog.pb.h"

namespace tarn::catalog_api {
namespace {

namespace v1 = catalog::v1;

constexpr std::string_view kErrorInfoType = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr std::string_view kErrorDomain = "tarn";

std::unexpected<Error> invalid(std::string field, std::string_view expected) {
  return failure(ErrorCode::kInvalidArgument, std::move(field) + ": expected " + std::string(expected));
}

Result<std::uint64_t> read_count(std::int64_t number, const std::string& field) {
  if (number < 0) return invalid(field, "an integer from 0 to 9223372036854775807, got " + std::to_string(number));
  return static_cast<std::uint64_t>(number);
}

Result<Uuid> read_uuid(const std::string& text, const char* field) {
  const auto uuid = Uuid::parse(text);
  if (!uuid) return invalid(field, "a UUID");
  return *uuid;
}

void write_time(Timestamp time, google::protobuf::Timestamp& message) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  message.set_seconds(seconds.time_since_epoch().count());
  message.set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds(time - seconds).count()));
}

Timestamp read_time(const google::protobuf::Timestamp& message) {
  const auto fraction = std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds(message.nanos()));
  return Timestamp(std::chrono::seconds(message.seconds())) + fraction;
}

template <class Message>
void write_objects(const std::vector<catalog::DataObject>& objects, Message& message) {
  message.mutable_objects()->Reserve(static_cast<int>(objects.size()));
  for (const auto& object : objects) {
    auto& written = *message.add_objects();
    written.set_key(object.key);
    written.set_size(static_cast<std::int64_t>(object.size));
    if (object.etag) written.set_etag(*object.etag);
  }
}

template <class Message>
Result<std::vector<catalog::DataObject>> read_objects(const Message& message) {
  std::vector<catalog::DataObject> objects;
  objects.reserve(static_cast<std::size_t>(message.objects_size()));
  for (const v1::DataObject& object : message.objects()) {
    catalog::DataObject& read = objects.emplace_back();
    read.key = object.key();
    if (object.size() < 0) {
      return invalid("objects[" + std::to_string(objects.size() - 1) + "].size",
                     "an integer from 0 to 9223372036854775807, got " + std::to_string(object.size()));
    }
    read.size = static_cast<std::uint64_t>(object.size());
    if (object.has_etag()) read.etag = object.etag();
  }
  return objects;
}

template <class Message>
void write_columns(const std::optional<std::vector<catalog::Column>>& columns, Message& message) {
  if (!columns) return;
  auto& list = *message.mutable_columns();
  for (const auto& column : *columns) {
    auto& written = *list.add_columns();
    written.set_name(column.name);
    written.set_type(column.type);
    written.set_nullable(column.is_nullable);
  }
}

template <class Message>
std::optional<std::vector<catalog::Column>> read_columns(const Message& message) {
  if (!message.has_columns()) return std::nullopt;
  std::vector<catalog::Column> columns;
  for (const v1::Column& column : message.columns().columns()) {
    columns.push_back({.name = column.name(), .type = column.type(), .is_nullable = column.nullable()});
  }
  return columns;
}

v1::DatasetState to_proto(catalog::DatasetState state) {
  switch (state) {
    case catalog::DatasetState::kLive:
      return v1::DATASET_STATE_LIVE;
    case catalog::DatasetState::kDropped:
      return v1::DATASET_STATE_DROPPED;
  }
  return v1::DATASET_STATE_UNSPECIFIED;
}

Result<catalog::DatasetState> from_proto(v1::DatasetState state) {
  if (state == v1::DATASET_STATE_UNSPECIFIED || state == v1::DATASET_STATE_LIVE) return catalog::DatasetState::kLive;
  if (state == v1::DATASET_STATE_DROPPED) return catalog::DatasetState::kDropped;
  return invalid("state", "a DatasetState");
}

v1::DatasetKind to_proto(catalog::DatasetKind kind) {
  switch (kind) {
    case catalog::DatasetKind::kParquet:
      return v1::DATASET_KIND_PARQUET;
    case catalog::DatasetKind::kIceberg:
      return v1::DATASET_KIND_ICEBERG;
  }
  return v1::DATASET_KIND_UNSPECIFIED;
}

Result<catalog::DatasetKind> from_proto(v1::DatasetKind kind) {
  if (kind == v1::DATASET_KIND_PARQUET) return catalog::DatasetKind::kParquet;
  if (kind == v1::DATASET_KIND_ICEBERG) return catalog::DatasetKind::kIceberg;
  return invalid("kind", "a DatasetKind");
}

Result<DatasetView> from_proto(v1::DatasetView view) {
  if (view == v1::DATASET_VIEW_UNSPECIFIED || view == v1::DATASET_VIEW_FULL) return DatasetView::kFull;
  if (view == v1::DATASET_VIEW_NAMES) return DatasetView::kNames;
  return invalid("view", "a DatasetView");
}

std::map<std::string, std::string> read_properties(const google::protobuf::Map<std::string, std::string>& properties) {
  return {properties.begin(), properties.end()};
}

}  // namespace

void to_proto(const catalog::Manifest& manifest, v1::Dataset& message) {
  message.set_dataset_id(manifest.dataset_id.to_string());
  message.set_name(manifest.name);
  message.set_schema_fingerprint(manifest.schema_fingerprint);
  write_objects(manifest.objects, message);
  if (manifest.row_count) message.set_row_count(static_cast<std::int64_t>(*manifest.row_count));
  write_time(manifest.created_at, *message.mutable_created_at());
  write_time(manifest.updated_at, *message.mutable_updated_at());
  message.set_revision(static_cast<std::int64_t>(manifest.revision));
  message.set_commit_id(manifest.commit_id.to_string());
  message.set_state(to_proto(manifest.state));
  message.set_kind(to_proto(manifest.kind));
  write_columns(manifest.columns, message);
  message.mutable_properties()->insert(manifest.properties.begin(), manifest.properties.end());
  if (manifest.metadata_location) message.set_metadata_location(*manifest.metadata_location);
}

Result<catalog::ManifestPtr> from_proto(const v1::Dataset& message) {
  catalog::Manifest manifest;
  TARN_TRY(manifest.dataset_id, read_uuid(message.dataset_id(), "dataset_id"));
  manifest.name = message.name();
  manifest.schema_fingerprint = message.schema_fingerprint();
  TARN_TRY(manifest.objects, read_objects(message));
  if (message.has_row_count()) {
    TARN_TRY(manifest.row_count, read_count(message.row_count(), "row_count"));
  }
  manifest.created_at = read_time(message.created_at());
  manifest.updated_at = read_time(message.updated_at());
  TARN_TRY(manifest.revision, read_count(message.revision(), "revision"));
  TARN_TRY(manifest.commit_id, read_uuid(message.commit_id(), "commit_id"));
  TARN_TRY(manifest.state, from_proto(message.state()));
  TARN_TRY(manifest.kind, from_proto(message.kind()));
  manifest.columns = read_columns(message);
  manifest.properties = read_properties(message.properties());
  if (message.has_metadata_location()) manifest.metadata_location = message.metadata_location();
  return std::make_shared<const catalog::Manifest>(std::move(manifest));
}

void to_proto(const catalog::RegisterRequest& request, v1::RegisterRequest& message) {
  message.set_name(request.name);
  message.set_schema_fingerprint(request.schema_fingerprint);
  write_objects(request.objects, message);
  if (request.row_count) message.set_row_count(static_cast<std::int64_t>(*request.row_count));
  write_columns(request.columns, message);
  message.mutable_properties()->insert(request.properties.begin(), request.properties.end());
}

Result<catalog::RegisterRequest> from_proto(const v1::RegisterRequest& message) {
  catalog::RegisterRequest request;
  request.name = message.name();
  request.schema_fingerprint = message.schema_fingerprint();
  TARN_TRY(request.objects, read_objects(message));
  if (message.has_row_count()) {
    TARN_TRY(request.row_count, read_count(message.row_count(), "row_count"));
  }
  request.columns = read_columns(message);
  request.properties = read_properties(message.properties());
  return request;
}

void to_proto(const catalog::ListDatasets& query, v1::ListRequest& message) {
  message.set_prefix(query.prefix);
  // What int32 cannot hold is over the server's bound as well.
  message.set_page_size(static_cast<std::int32_t>(std::min<std::size_t>(query.limit, kMaxPageSize + 1)));
  if (!query.after.empty()) message.set_page_token(page_token_after(query.after));
  message.set_state(to_proto(query.state));
}

Result<ListQuery> from_proto(const v1::ListRequest& message) {
  ListQuery query;
  if (message.prefix().size() > kMaxPrefixBytes) return invalid("prefix", "1024 bytes at most");
  query.datasets.prefix = message.prefix();
  query.datasets.limit = kDefaultPageSize;
  if (message.page_size() != 0) {
    if (message.page_size() < 0 || message.page_size() > static_cast<std::int32_t>(kMaxPageSize)) {
      return invalid("page_size", "an integer from 1 to 1000, or 0 for 100");
    }
    query.datasets.limit = static_cast<std::size_t>(message.page_size());
  }
  if (!message.page_token().empty()) {
    TARN_TRY(query.datasets.after, name_of_page_token(message.page_token()));
  }
  TARN_TRY(query.view, from_proto(message.view()));
  TARN_TRY(query.datasets.state, from_proto(message.state()));
  if (query.view == DatasetView::kNames) query.datasets.limit_bytes = kUnboundedPageBytes;
  return query;
}

void to_proto(const catalog::DatasetPage& page, DatasetView view, v1::ListResponse& message) {
  for (const auto& manifest : page.datasets) {
    auto& dataset = *message.add_datasets();
    switch (view) {
      case DatasetView::kFull:
        to_proto(*manifest, dataset);
        break;
      case DatasetView::kNames:
        dataset.set_dataset_id(manifest->dataset_id.to_string());
        dataset.set_name(manifest->name);
        break;
    }
  }
  if (page.is_truncated && !page.datasets.empty()) {
    message.set_next_page_token(page_token_after(page.datasets.back()->name));
  }
}

Result<catalog::DatasetPage> from_proto(const v1::ListResponse& message) {
  catalog::DatasetPage page;
  for (const v1::Dataset& dataset : message.datasets()) {
    TARN_TRY(auto manifest, from_proto(dataset));
    page.datasets.push_back(std::move(manifest));
  }
  page.is_truncated = !message.next_page_token().empty();
  return page;
}

Bytes render_status_details(GrpcCode status, std::string_view message, std::string_view code) {
  google::rpc::ErrorInfo reason;
  reason.set_reason(std::string(code));
  reason.set_domain(std::string(kErrorDomain));
  google::rpc::Status details;
  details.set_code(std::to_underlying(status));
  details.set_message(std::string(message));
  auto& any = *details.add_details();
  any.set_type_url(std::string(kErrorInfoType));
  any.set_value(reason.SerializeAsString());
  return details.SerializeAsString();
}

std::optional<std::string> code_of_status_details(ByteView details) {
  google::rpc::Status status;
  if (!status.ParseFromArray(details.data(), static_cast<int>(details.size()))) return std::nullopt;
  for (const auto& any : status.details()) {
    google::rpc::ErrorInfo reason;
    if (any.type_url() != kErrorInfoType || !reason.ParseFromString(any.value())) continue;
    if (reason.domain() == kErrorDomain) return reason.reason();
  }
  return std::nullopt;
}

std::string_view fit_into_trailers(std::string_view message) {
  // Thirds of a byte: percent-encoding makes three of one that is not plain ASCII, and base64 adds a third to the copy.
  constexpr std::size_t kBudget = 3 * 5400;
  std::size_t cost = 0;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const auto byte = static_cast<unsigned char>(message[i]);
    const bool is_plain = byte >= 0x20 && byte < 0x7f && byte != '%';
    cost += is_plain ? 7 : 13;
    if (cost <= kBudget) continue;
    // Not within a character.
    while (i > 0 && (static_cast<unsigned char>(message[i]) & 0xc0) == 0x80) --i;
    return message.substr(0, i);
  }
  return message;
}

}  // namespace tarn::catalog_api
