#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"

namespace tarn::catalog {

/// Error::reason of the catalog: the codes of the HTTP bodies (design: "each its own error code").
inline constexpr std::string_view kEmptyName = "empty_name";
inline constexpr std::string_view kInvalidName = "invalid_name";
inline constexpr std::string_view kEmptyFingerprint = "empty_fingerprint";
inline constexpr std::string_view kReservedKey = "reserved_key";
inline constexpr std::string_view kFingerprintConflict = "fingerprint_conflict";

inline constexpr std::size_t kMaxNameBytes = 255;
inline constexpr std::size_t kMaxRecentCommits = 16;
inline constexpr std::size_t kMaxIdempotencyEntries = 64;

enum class DatasetState : std::uint8_t { kLive, kDropped };
enum class DatasetKind : std::uint8_t { kParquet, kIceberg };

/// One file of a dataset: a key in the catalog's bucket.
struct DataObject {
  std::string key;
  std::uint64_t size = 0;  ///< bytes
  std::optional<std::string> etag;

  bool operator==(const DataObject&) const = default;
};

struct Column {
  std::string name;
  std::string type;  ///< as in the canonical schema text (docs/formats/fingerprint.md)
  bool is_nullable = true;

  bool operator==(const Column&) const = default;
};

/// The last commit of one writer process: enough to prove or disprove any of its writes, since it writes a name
/// serially.
struct RecentCommit {
  Uuid writer_id;
  Uuid commit_id;

  bool operator==(const RecentCommit&) const = default;
};

/// What a request with an idempotency key did.
struct IdempotencyEntry {
  std::string key;
  std::string request_hash;
  std::uint64_t result_revision = 0;
  Timestamp time{};

  bool operator==(const IdempotencyEntry&) const = default;
};

/// All the catalog knows of one dataset: one row of one small Parquet file (docs/formats/manifest.md). Shared as
/// `shared_ptr<const Manifest>`: immutable once published.
struct Manifest {
  Uuid dataset_id;
  std::string name;
  std::string schema_fingerprint;
  std::vector<DataObject> objects;
  std::optional<std::uint64_t> row_count;
  Timestamp created_at{};
  Timestamp updated_at{};                     ///< never goes back, even if the clock does
  std::uint64_t revision = 0;                 ///< 1, 2, …; goes on after drop and re-create
  Uuid commit_id;                             ///< version 7, new in every write, so no two writes have the same bytes
  std::vector<RecentCommit> recent_commits;   ///< oldest first, kMaxRecentCommits at most
  std::vector<IdempotencyEntry> idempotency;  ///< oldest first, kMaxIdempotencyEntries at most
  DatasetState state = DatasetState::kLive;
  DatasetKind kind = DatasetKind::kParquet;
  std::optional<std::vector<Column>> columns;
  std::map<std::string, std::string> properties;
  std::optional<std::string> metadata_location;

  bool is_live() const { return state == DatasetState::kLive; }
  bool operator==(const Manifest&) const = default;
};

using ManifestPtr = std::shared_ptr<const Manifest>;

/// UUIDv5 of the name in Tarn's namespace: the same name, on any machine, in any year, is the same id.
Uuid dataset_id_of(std::string_view name);

/// Names that callers may give. Errors: kInvalidArgument with kEmptyName or kInvalidName (pattern, length, reserved
/// first level `default` or `tarn`).
Result<void> validate_name(std::string_view name);

/// Whether a manifest may have this name: those that validate_name accepts, and those that the Iceberg routes make,
/// which may carry %XX escapes.
bool is_stored_name(std::string_view name);

/// What every manifest's key begins and ends with.
inline constexpr std::string_view kManifestPrefix = "_catalog/manifests/";
inline constexpr std::string_view kManifestSuffix = ".parquet";

/// Where the manifest of a dataset is: "_catalog/manifests/<name>.parquet".
std::string manifest_key(std::string_view name);
/// The reverse; nothing when `key` is no manifest's.
std::optional<std::string> name_of_manifest_key(std::string_view key);

}  // namespace tarn::catalog
