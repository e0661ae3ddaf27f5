#include <fstream>
#include <functional>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/manifest_codec_internal.h"
#include "catalog/test_support.h"
#include "columnar/test_support.h"

namespace tarn::catalog {
namespace {

using ::testing::HasSubstr;

/// One with something in every field.
Manifest full_manifest() {
  Manifest manifest = small_manifest("nyc.flights");
  manifest.objects = {{"a.parquet", 1, "etag"}, {"données/b.parquet", 1ULL << 62, std::nullopt}, {"c", 0, ""}};
  manifest.row_count = 3;
  manifest.created_at = Timestamp(std::chrono::microseconds(-1));
  manifest.revision = 42;
  for (std::uint8_t i = 0; i < kMaxRecentCommits; ++i) {
    manifest.recent_commits.push_back({Uuid{{i}}, Uuid{{i, 1}}});
  }
  manifest.idempotency = {{"key", "hash", 41, Timestamp(std::chrono::seconds(5))}};
  manifest.state = DatasetState::kDropped;
  manifest.kind = DatasetKind::kIceberg;
  manifest.columns = {{{"id", "int64", false}, {"name \"x\"", "string", true}}};
  manifest.properties = {{"owner", "ann"}, {"", ""}};
  manifest.metadata_location = "s3://lake/x/metadata.json";
  return manifest;
}

Bytes encoded(const Manifest& manifest, columnar::Compression compression = columnar::Compression::kSnappy) {
  auto file = encode_manifest(manifest, compression);
  EXPECT_TRUE(file) << to_string(file.error());
  return file ? *file : Bytes();
}

Error decode_error(ByteView file, std::string_view key) {
  const auto manifest = decode_manifest(file, key);
  EXPECT_FALSE(manifest);
  if (manifest) return {};
  EXPECT_THAT(manifest.error().message, HasSubstr(key));
  return manifest.error();
}

const std::string kKey = manifest_key("nyc.flights");

TEST(ManifestCodec, KeepsEveryField) {
  using enum columnar::Compression;
  for (const auto compression : {kSnappy, kZstd, kNone}) {
    const auto decoded = decode_manifest(encoded(full_manifest(), compression), kKey);

    ASSERT_TRUE(decoded) << to_string(decoded.error());
    EXPECT_EQ(*decoded, full_manifest());
  }
}

TEST(ManifestCodec, KeepsWhatIsAbsent) {
  const Manifest manifest = small_manifest("x");

  const auto decoded = decode_manifest(encoded(manifest), manifest_key("x"));

  ASSERT_TRUE(decoded) << to_string(decoded.error());
  EXPECT_EQ(*decoded, manifest);
}

TEST(ManifestCodec, TellsNoObjectsColumnsFromNoneGiven) {
  Manifest manifest = small_manifest("x");
  manifest.objects.clear();
  manifest.columns.emplace();

  const auto decoded = decode_manifest(encoded(manifest), manifest_key("x"));

  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->objects.empty());
  EXPECT_TRUE(decoded->columns && decoded->columns->empty());
}

TEST(ManifestCodec, HoldsManyObjects) {
  Manifest manifest = small_manifest("x");
  for (int i = 0; i < 20'000; ++i) {
    manifest.objects.push_back({"part-" + std::to_string(i), static_cast<std::uint64_t>(i),
                                i % 3 == 0 ? std::optional<std::string>() : std::to_string(i)});
  }

  const auto decoded = decode_manifest(encoded(manifest), manifest_key("x"));

  ASSERT_TRUE(decoded) << to_string(decoded.error());
  EXPECT_EQ(*decoded, manifest);
}

TEST(ManifestCodec, RefusesToWriteWhatTheFormatCannotHold) {
  Manifest too_large = small_manifest("x");
  too_large.row_count = 1ULL << 63;
  Manifest no_text = small_manifest("x");
  no_text.schema_fingerprint = "\xff";

  EXPECT_EQ(encode_manifest(too_large, columnar::Compression::kSnappy).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(encode_manifest(no_text, columnar::Compression::kSnappy).error().code, ErrorCode::kInvalidArgument);
}

TEST(ManifestCodec, NamesTheKeyOfAnEmptyATruncatedAndAForeignFile) {
  const Bytes file = encoded(full_manifest());

  EXPECT_EQ(decode_error("", kKey).code, ErrorCode::kCorrupt);
  EXPECT_EQ(decode_error("not a manifest", kKey).code, ErrorCode::kCorrupt);
  for (const std::size_t size : {std::size_t{3}, std::size_t{8}, file.size() / 2, file.size() - 1}) {
    EXPECT_EQ(decode_error(file.substr(0, size), kKey).code, ErrorCode::kCorrupt) << size;
  }
}

TEST(ManifestCodec, FindsAFlippedBitInAnyPage) {
  const Bytes file = encoded(small_manifest("nyc.flights"), columnar::Compression::kNone);
  const std::size_t at = file.find("fingerprint-of-nyc.flights");
  ASSERT_NE(at, Bytes::npos);
  Bytes flipped = file;
  flipped[at] ^= 1;

  EXPECT_EQ(decode_error(flipped, kKey).code, ErrorCode::kCorrupt);
}

TEST(ManifestCodec, RefusesTheManifestOfAnotherName) {
  const Error error = decode_error(encoded(full_manifest()), manifest_key("nyc.trains"));

  EXPECT_EQ(error.code, ErrorCode::kCorrupt);
  EXPECT_THAT(error.message, HasSubstr("nyc.flights"));
}

TEST(ManifestCodec, RefusesAnIdThatIsNotTheNames) {
  Manifest manifest = full_manifest();
  manifest.dataset_id = dataset_id_of("other");

  EXPECT_THAT(decode_error(encoded(manifest), kKey).message, HasSubstr("dataset_id"));
}

TEST(ManifestCodec, RefusesRevisionZero) {
  Manifest manifest = full_manifest();
  manifest.revision = 0;

  EXPECT_THAT(decode_error(encoded(manifest), kKey).message, HasSubstr("revision"));
}

TEST(ManifestCodec, ReadsTheSlicedListsOfAnotherProgram) {
  std::ifstream file(TARN_TESTDATA "/sliced_manifest.parquet", std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};

  const auto decoded = decode_manifest(bytes, manifest_key("flights"));

  ASSERT_TRUE(decoded) << to_string(decoded.error());
  EXPECT_EQ(decoded->objects, (std::vector<DataObject>{{"flights/0.parquet", 0, "etag-0"},
                                                       {"flights/1.parquet", 1, std::nullopt},
                                                       {"flights/2.parquet", 2, "etag-2"}}));
  EXPECT_EQ(decoded->revision, 5);
  ASSERT_EQ(decoded->recent_commits.size(), 1);
  EXPECT_EQ(decoded->recent_commits[0].commit_id, decoded->commit_id);
}

/// The records of a manifest's file, changed and written anew: what a stranger's program could leave there.
Bytes rewritten(const std::function<void(std::vector<columnar::Field>&, std::vector<columnar::Record>&,
                                         columnar::KeyValueMetadata&)>& change) {
  std::vector<columnar::Field> schema{
      {.name = "dataset_id"},
      {.name = "name"},
      {.name = "schema_fingerprint"},
      {.name = "objects",
       .type = columnar::FieldType::kList,
       .members = {{.name = "key"}, {.name = "size", .type = columnar::FieldType::kInt64}}},
      {.name = "created_at", .type = columnar::FieldType::kTimestamp},
      {.name = "updated_at", .type = columnar::FieldType::kTimestamp},
      {.name = "revision", .type = columnar::FieldType::kInt64},
      {.name = "commit_id"},
      {.name = "recent_commits",
       .type = columnar::FieldType::kList,
       .members = {{.name = "writer_id"}, {.name = "commit_id"}}},
      {.name = "state"},
      {.name = "kind"}};
  std::vector<columnar::Record> records{
      {dataset_id_of("x").to_string(), "x", "fp", std::vector<columnar::Struct>{{"k", std::int64_t{1}}}, Timestamp(),
       Timestamp(), std::int64_t{1}, Uuid().to_string(), std::vector<columnar::Struct>{}, "live", "parquet"}};
  columnar::KeyValueMetadata metadata{{"tarn.manifest.version", "1.0"}};
  change(schema, records, metadata);
  auto file = columnar::write_records(schema, records, metadata, columnar::Compression::kSnappy);
  EXPECT_TRUE(file) << to_string(file.error());
  return file ? *file : Bytes();
}

Error rewritten_error(const std::function<void(std::vector<columnar::Field>&, std::vector<columnar::Record>&,
                                               columnar::KeyValueMetadata&)>& change) {
  return decode_error(rewritten(change), manifest_key("x"));
}

TEST(ManifestCodec, DoesWithoutTheOptionalColumns) {
  const auto decoded = decode_manifest(rewritten([](auto&, auto&, auto&) {}), manifest_key("x"));

  ASSERT_TRUE(decoded) << to_string(decoded.error());
  EXPECT_EQ(decoded->row_count, std::nullopt);
  EXPECT_EQ(decoded->columns, std::nullopt);
  EXPECT_EQ(decoded->objects, (std::vector<DataObject>{{"k", 1, std::nullopt}}));
}

TEST(ManifestCodec, IgnoresColumnsItDoesNotKnow) {
  const Bytes file = rewritten([](auto& schema, auto& records, auto& metadata) {
    schema.push_back({.name = "future"});
    records[0].push_back("x");
    metadata["tarn.manifest.version"] = "1.7";
  });

  EXPECT_TRUE(decode_manifest(file, manifest_key("x")));
}

TEST(ManifestCodec, RefusesANewerMajorVersionAndSaysSo) {
  const Error error = rewritten_error([](auto& schema, auto&, auto& metadata) {
    schema[0].name = "renamed";
    metadata["tarn.manifest.version"] = "2.0";
  });

  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, HasSubstr("newer"));
}

TEST(ManifestCodec, RefusesAFileWithoutAVersion) {
  EXPECT_EQ(rewritten_error([](auto&, auto&, auto& metadata) { metadata.clear(); }).code, ErrorCode::kCorrupt);
  for (const char* version : {"", "x", "0", "-1", "1x", "99999999999999999999"}) {
    EXPECT_EQ(rewritten_error([&](auto&, auto&, auto& metadata) { metadata.begin()->second = version; }).code,
              ErrorCode::kCorrupt)
        << version;
  }
}

TEST(ManifestCodec, RefusesMoreOrFewerRowsThanOne) {
  EXPECT_THAT(rewritten_error([](auto&, auto& records, auto&) { records.clear(); }).message, HasSubstr("0 rows"));
  EXPECT_THAT(rewritten_error([](auto&, auto& records, auto&) { records.push_back(records[0]); }).message,
              HasSubstr("2 rows"));
}

TEST(ManifestCodec, RefusesMissingColumnsOtherTypesAndNulls) {
  EXPECT_THAT(rewritten_error([](auto& schema, auto&, auto&) { schema[2].name = "renamed"; }).message,
              HasSubstr("schema_fingerprint"));
  EXPECT_THAT(rewritten_error([](auto& schema, auto&, auto&) { schema[2].type = columnar::FieldType::kBytes; }).message,
              HasSubstr("schema_fingerprint"));
  EXPECT_THAT(rewritten_error([](auto& schema, auto& records, auto&) {
                schema[2].is_nullable = true;
                records[0][2] = std::monostate();
              }).message,
              HasSubstr("schema_fingerprint"));
}

TEST(ManifestCodec, RefusesValuesThatMakeNoSense) {
  const auto with = [](std::size_t index, columnar::Value value) {
    return rewritten_error([&](auto&, auto& records, auto&) { records[0][index] = value; }).message;
  };
  EXPECT_THAT(with(0, "no uuid"), HasSubstr("dataset_id"));
  EXPECT_THAT(with(3, std::vector<columnar::Struct>{{"k", std::int64_t{-1}}}), HasSubstr("size"));
  EXPECT_THAT(with(6, std::int64_t{-1}), HasSubstr("revision"));
  EXPECT_THAT(with(7, "x"), HasSubstr("commit_id"));
  EXPECT_THAT(with(8, std::vector<columnar::Struct>(17, {Uuid().to_string(), Uuid().to_string()})),
              HasSubstr("recent commits"));
  EXPECT_THAT(with(9, "undead"), HasSubstr("undead"));
  EXPECT_THAT(with(10, "table"), HasSubstr("table"));
}

}  // namespace
}  // namespace tarn::catalog
