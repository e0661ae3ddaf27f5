#include <charconv>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "catalog/manifest_codec_internal.h"

namespace tarn::catalog {
namespace {

using columnar::Field;
using columnar::FieldType;
using columnar::Record;
using columnar::Struct;
using columnar::Value;

constexpr columnar::RecordLimits kLimits{.max_file_bytes = kMaxManifestBytes,
                                         .max_records = 100,
                                         .max_list_elements = 1'000'000,
                                         .max_memory_bytes = 4 * kMaxManifestBytes};

/// The order of the columns in a record, as manifest_schema() lists them.
enum ManifestColumn : std::size_t {
  kDatasetIdColumn,
  kNameColumn,
  kSchemaFingerprintColumn,
  kObjectsColumn,
  kRowCountColumn,
  kCreatedAtColumn,
  kUpdatedAtColumn,
  kRevisionColumn,
  kCommitIdColumn,
  kRecentCommitsColumn,
  kIdempotencyColumn,
  kStateColumn,
  kKindColumn,
  kColumnsColumn,
  kPropertiesColumn,
  kMetadataLocationColumn,
  kColumnCount,
};

// Every leaf costs a page to encode and decode, so lists hold structs and nothing is stored that follows from the rest.
const std::vector<Field>& manifest_schema() {
  static const std::vector<Field> schema{
      {.name = "dataset_id"},
      {.name = "name"},
      {.name = "schema_fingerprint"},
      {.name = "objects",
       .type = FieldType::kList,
       .members = {{.name = "key"},
                   {.name = "size", .type = FieldType::kInt64},
                   {.name = "etag", .is_nullable = true}}},
      {.name = "row_count", .type = FieldType::kInt64, .is_nullable = true},
      {.name = "created_at", .type = FieldType::kTimestamp},
      {.name = "updated_at", .type = FieldType::kTimestamp},
      {.name = "revision", .type = FieldType::kInt64},
      {.name = "commit_id"},
      {.name = "recent_commits", .type = FieldType::kList, .members = {{.name = "writer_id"}, {.name = "commit_id"}}},
      {.name = "idempotency",
       .type = FieldType::kList,
       .is_nullable = true,
       .members = {{.name = "key"},
                   {.name = "request_hash"},
                   {.name = "result_revision", .type = FieldType::kInt64},
                   {.name = "time", .type = FieldType::kTimestamp}}},
      {.name = "state"},
      {.name = "kind"},
      {.name = "columns",
       .type = FieldType::kList,
       .is_nullable = true,
       .members = {{.name = "name"}, {.name = "type"}, {.name = "nullable", .type = FieldType::kBool}}},
      {.name = "properties",
       .type = FieldType::kList,
       .is_nullable = true,
       .members = {{.name = "key"}, {.name = "value"}}},
      {.name = "metadata_location", .is_nullable = true},
  };
  TARN_ASSERT(schema.size() == kColumnCount);
  return schema;
}

std::string_view to_text(DatasetState state) {
  switch (state) {
    case DatasetState::kLive:
      return "live";
    case DatasetState::kDropped:
      return "dropped";
  }
  std::unreachable();
}

std::string_view to_text(DatasetKind kind) {
  switch (kind) {
    case DatasetKind::kParquet:
      return "parquet";
    case DatasetKind::kIceberg:
      return "iceberg";
  }
  std::unreachable();
}

Result<std::int64_t> to_signed(std::uint64_t number, const char* what) {
  if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return failure(ErrorCode::kInvalidArgument, std::string(what) + " " + std::to_string(number) + " is over 2^63 - 1");
  }
  return static_cast<std::int64_t>(number);
}

template <class Target>
Target or_null(const std::optional<std::string>& text) {
  return text ? Target(*text) : Target();
}

Result<Value> objects_value(const std::vector<DataObject>& objects) {
  std::vector<Struct> elements;
  elements.reserve(objects.size());
  for (const DataObject& object : objects) {
    TARN_TRY(const std::int64_t size, to_signed(object.size, "size"));
    elements.push_back({object.key, size, or_null<columnar::Scalar>(object.etag)});
  }
  return elements;
}

Value recent_commits_value(const std::vector<RecentCommit>& commits) {
  std::vector<Struct> elements;
  elements.reserve(commits.size());
  for (const RecentCommit& commit : commits) {
    elements.push_back({commit.writer_id.to_string(), commit.commit_id.to_string()});
  }
  return elements;
}

Result<Value> idempotency_value(const std::vector<IdempotencyEntry>& entries) {
  if (entries.empty()) return Value();
  std::vector<Struct> elements;
  for (const IdempotencyEntry& entry : entries) {
    TARN_TRY(const std::int64_t revision, to_signed(entry.result_revision, "revision"));
    elements.push_back({entry.key, entry.request_hash, revision, entry.time});
  }
  return elements;
}

Value columns_value(const std::optional<std::vector<Column>>& columns) {
  if (!columns) return Value();
  std::vector<Struct> elements;
  for (const Column& column : *columns) elements.push_back({column.name, column.type, column.is_nullable});
  return elements;
}

Value properties_value(const std::map<std::string, std::string>& properties) {
  if (properties.empty()) return Value();
  std::vector<Struct> elements;
  for (const auto& [key, value] : properties) elements.push_back({key, value});
  return elements;
}

Result<Record> to_record(const Manifest& manifest) {
  Record record(kColumnCount);
  record[kDatasetIdColumn] = manifest.dataset_id.to_string();
  record[kNameColumn] = manifest.name;
  record[kSchemaFingerprintColumn] = manifest.schema_fingerprint;
  TARN_TRY(record[kObjectsColumn], objects_value(manifest.objects));
  if (manifest.row_count) {
    TARN_TRY(record[kRowCountColumn], to_signed(*manifest.row_count, "row count"));
  }
  record[kCreatedAtColumn] = manifest.created_at;
  record[kUpdatedAtColumn] = manifest.updated_at;
  TARN_TRY(record[kRevisionColumn], to_signed(manifest.revision, "revision"));
  record[kCommitIdColumn] = manifest.commit_id.to_string();
  record[kRecentCommitsColumn] = recent_commits_value(manifest.recent_commits);
  TARN_TRY(record[kIdempotencyColumn], idempotency_value(manifest.idempotency));
  record[kStateColumn] = std::string(to_text(manifest.state));
  record[kKindColumn] = std::string(to_text(manifest.kind));
  record[kColumnsColumn] = columns_value(manifest.columns);
  record[kPropertiesColumn] = properties_value(manifest.properties);
  record[kMetadataLocationColumn] = or_null<Value>(manifest.metadata_location);
  return record;
}

std::unexpected<Error> corrupt(std::string what) {
  return failure(ErrorCode::kCorrupt, std::move(what));
}

// The reader has checked types and nulls against the schema: what is read here is there, unless it may be null.
std::string take_text(auto& value) {
  return std::move(std::get<std::string>(value));
}

std::vector<Struct> take_list(Value& value) {
  auto* elements = std::get_if<std::vector<Struct>>(&value);
  return elements ? std::move(*elements) : std::vector<Struct>();
}

template <class ScalarOrValue>
std::optional<std::string> take_optional_text(ScalarOrValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
  return take_text(value);
}

Result<std::uint64_t> to_unsigned(const auto& value, const char* what) {
  const std::int64_t number = std::get<std::int64_t>(value);
  if (number < 0) return corrupt(std::string(what) + " is negative");
  return static_cast<std::uint64_t>(number);
}

Result<Uuid> to_uuid(const auto& value, const char* what) {
  const auto id = Uuid::parse(std::get<std::string>(value));
  if (!id) return corrupt(std::string(what) + " is no UUID");
  return *id;
}

Result<DatasetState> to_state(const Value& value) {
  const auto& text = std::get<std::string>(value);
  for (const auto state : {DatasetState::kLive, DatasetState::kDropped}) {
    if (text == to_text(state)) return state;
  }
  return corrupt("unknown state \"" + text + '"');
}

Result<DatasetKind> to_kind(const Value& value) {
  const auto& text = std::get<std::string>(value);
  for (const auto kind : {DatasetKind::kParquet, DatasetKind::kIceberg}) {
    if (text == to_text(kind)) return kind;
  }
  return corrupt("unknown kind \"" + text + '"');
}

Result<std::vector<DataObject>> to_objects(std::vector<Struct> elements) {
  std::vector<DataObject> objects;
  objects.reserve(elements.size());
  for (Struct& element : elements) {
    TARN_TRY(const std::uint64_t size, to_unsigned(element[1], "an object's size"));
    objects.push_back({.key = take_text(element[0]), .size = size, .etag = take_optional_text(element[2])});
  }
  return objects;
}

Result<std::vector<RecentCommit>> to_recent_commits(const std::vector<Struct>& elements) {
  if (elements.size() > kMaxRecentCommits) return corrupt("too many recent commits");
  std::vector<RecentCommit> commits;
  commits.reserve(elements.size());
  for (const Struct& element : elements) {
    TARN_TRY(const Uuid writer_id, to_uuid(element[0], "a writer's id"));
    TARN_TRY(const Uuid commit_id, to_uuid(element[1], "a recent commit's id"));
    commits.push_back({writer_id, commit_id});
  }
  return commits;
}

Result<std::vector<IdempotencyEntry>> to_idempotency(std::vector<Struct> elements) {
  if (elements.size() > kMaxIdempotencyEntries) return corrupt("too many idempotency entries");
  std::vector<IdempotencyEntry> entries;
  for (Struct& element : elements) {
    TARN_TRY(const std::uint64_t revision, to_unsigned(element[2], "an idempotency entry's revision"));
    entries.push_back({take_text(element[0]), take_text(element[1]), revision, std::get<Timestamp>(element[3])});
  }
  return entries;
}

std::optional<std::vector<Column>> to_columns(Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
  std::vector<Column> columns;
  for (Struct& element : take_list(value)) {
    columns.push_back({take_text(element[0]), take_text(element[1]), std::get<bool>(element[2])});
  }
  return columns;
}

Result<std::map<std::string, std::string>> to_properties(std::vector<Struct> elements) {
  std::map<std::string, std::string> properties;
  for (Struct& element : elements) {
    const auto [entry, is_new] = properties.emplace(take_text(element[0]), take_text(element[1]));
    if (!is_new) return corrupt("property \"" + entry->first + "\" is there twice");
  }
  return properties;
}

Result<Manifest> from_record(Record& record) {
  Manifest manifest;
  TARN_TRY(manifest.dataset_id, to_uuid(record[kDatasetIdColumn], "dataset_id"));
  manifest.name = take_text(record[kNameColumn]);
  manifest.schema_fingerprint = take_text(record[kSchemaFingerprintColumn]);
  TARN_TRY(manifest.objects, to_objects(take_list(record[kObjectsColumn])));
  if (!std::holds_alternative<std::monostate>(record[kRowCountColumn])) {
    TARN_TRY(manifest.row_count, to_unsigned(record[kRowCountColumn], "row_count"));
  }
  manifest.created_at = std::get<Timestamp>(record[kCreatedAtColumn]);
  manifest.updated_at = std::get<Timestamp>(record[kUpdatedAtColumn]);
  TARN_TRY(manifest.revision, to_unsigned(record[kRevisionColumn], "revision"));
  if (manifest.revision == 0) return corrupt("revision is 0");
  TARN_TRY(manifest.commit_id, to_uuid(record[kCommitIdColumn], "commit_id"));
  TARN_TRY(manifest.recent_commits, to_recent_commits(take_list(record[kRecentCommitsColumn])));
  TARN_TRY(manifest.idempotency, to_idempotency(take_list(record[kIdempotencyColumn])));
  TARN_TRY(manifest.state, to_state(record[kStateColumn]));
  TARN_TRY(manifest.kind, to_kind(record[kKindColumn]));
  manifest.columns = to_columns(record[kColumnsColumn]);
  TARN_TRY(manifest.properties, to_properties(take_list(record[kPropertiesColumn])));
  manifest.metadata_location = take_optional_text(record[kMetadataLocationColumn]);
  return manifest;
}

/// "1.0" or any "1.x" is ours.
Result<void> check_version(const columnar::KeyValueMetadata& metadata) {
  const auto found = metadata.find(std::string(kFormatVersionKey));
  if (found == metadata.end())
    return corrupt("no Tarn manifest: the key " + std::string(kFormatVersionKey) + " is missing");
  const std::string& text = found->second;
  int major = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), major);
  if (error != std::errc() || major < 1 || (end != text.data() + text.size() && *end != '.')) {
    return corrupt("format version \"" + text + "\" is none");
  }
  if (major > kFormatMajorVersion) {
    return failure(ErrorCode::kUnsupported, "written in format version " + text + " by a newer Tarn; this one reads " +
                                                std::to_string(kFormatMajorVersion) + ".x");
  }
  return {};
}

Result<Manifest> decode(ByteView file, std::string_view key) {
  if (file.empty()) return corrupt("an empty file");
  TARN_TRY(auto reader, columnar::RecordReader::open(file, kLimits));
  TARN_TRY_VOID(check_version(reader.key_value_metadata()));
  if (reader.record_count() != 1) return corrupt(std::to_string(reader.record_count()) + " rows in place of one");
  TARN_TRY(auto records, reader.read(manifest_schema()));
  TARN_TRY(Manifest manifest, from_record(records.front()));
  const auto name = name_of_manifest_key(key);
  if (!name) return corrupt("the key is not one of a manifest");
  if (manifest.name != *name) return corrupt("it is the manifest of another dataset, \"" + manifest.name + '"');
  if (manifest.dataset_id != dataset_id_of(manifest.name)) return corrupt("dataset_id is not the name's");
  return manifest;
}

}  // namespace

Result<Bytes> encode_manifest(const Manifest& manifest, columnar::Compression compression) {
  static const columnar::RecordWriter writer(manifest_schema());
  static const columnar::KeyValueMetadata metadata{{std::string(kFormatVersionKey), std::string(kFormatVersion)}};
  TARN_TRY(const Record record, to_record(manifest));
  TARN_TRY(Bytes file, writer.write(std::span(&record, 1), metadata, compression));
  if (file.size() > kMaxManifestBytes) {
    return failure(ErrorCode::kTooLarge, "the manifest of " + manifest.name + " has " + std::to_string(file.size()) +
                                             " bytes, " + std::to_string(kMaxManifestBytes) + " at most");
  }
  return file;
}

Result<Manifest> decode_manifest(ByteView file, std::string_view key) {
  auto manifest = decode(file, key);
  if (manifest) return manifest;
  Error error = std::move(manifest).error();
  // Too large for us is as wrong as any other damage: we never wrote it.
  if (error.code != ErrorCode::kUnsupported) error.code = ErrorCode::kCorrupt;
  return std::move(error).while_doing("read manifest " + std::string(key));
}

}  // namespace tarn::catalog
