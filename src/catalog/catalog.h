#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "async/deadline.h"
#include "async/task.h"
#include "catalog/manifest.h"

namespace tarn::catalog {

/// The most that one request may hold; beyond it kTooLarge. All text is UTF-8.
inline constexpr std::size_t kMaxObjects = 100'000;  ///< keys of store::kMaxKeyBytes each
inline constexpr std::size_t kMaxEtagBytes = 256;
inline constexpr std::size_t kMaxFingerprintBytes = 1024;
inline constexpr std::size_t kMaxColumns = 10'000;
inline constexpr std::size_t kMaxColumnBytes = 16 << 10;  ///< name and type together
inline constexpr std::size_t kMaxProperties = 1'000;
inline constexpr std::size_t kMaxPropertyBytes = 16 << 10;  ///< key and value together

struct RegisterRequest {
  std::string name;
  std::string schema_fingerprint;
  std::vector<DataObject> objects;
  std::optional<std::uint64_t> row_count;
  std::optional<std::vector<Column>> columns = {};     ///< none: an existing dataset keeps its own
  std::map<std::string, std::string> properties = {};  ///< empty: an existing dataset keeps its own
};

struct RegisterResult {
  ManifestPtr manifest;
  bool is_existing = false;  ///< the name was live before: its objects were replaced
};

/// How fresh an answer must be.
enum class Freshness : std::uint8_t {
  kCached,   ///< what this process knows: other replicas' commits appear within the refresh interval
  kCurrent,  ///< the store is asked first
};

inline constexpr std::size_t kMaxListLimit = 1000;

struct ListDatasets {
  std::string prefix = {};
  std::string after = {};             ///< only names after this one
  std::size_t limit = 100;            ///< 1 to kMaxListLimit
  std::size_t limit_bytes = 4 << 20;  ///< of manifests, about; at least one is given whatever its size
  DatasetState state = DatasetState::kLive;
};

struct DatasetPage {
  std::vector<ManifestPtr> datasets;  ///< by name, in byte order
  bool is_truncated = false;          ///< more follow after the last one's name
};

/// The promise of a catalog, kept by Registry (the core) and catalog_api's clients. Thread-safe.
///
/// Errors of every call: kUnavailable and kDeadlineExceeded: certainly not applied. kOutcomeUnknown
/// ("commit_state_unknown"): no proof either way in time; repeating the same call is safe. kCorrupt: a manifest cannot
/// be read; the message names its key.
class Catalog {
 public:
  virtual ~Catalog() = default;

  /// ADR-020. Creates the dataset, or, for the same fingerprint, replaces its objects and row count.
  /// Errors: kInvalidArgument with kEmptyName, kInvalidName, kEmptyFingerprint or kReservedKey, or without a reason for
  /// other malformed fields and for Iceberg tables, which only their own commits change; kTooLarge over a limit;
  /// kConflict/kFingerprintConflict: another fingerprint is registered; the message has both, nothing changed.
  virtual Task<RegisterResult> register_dataset(RegisterRequest request, Deadline deadline) = 0;
  /// Errors: kNotFound, also when dropped.
  virtual Task<ManifestPtr> get(std::string name, Freshness freshness, Deadline deadline) = 0;
  virtual Task<DatasetPage> list(ListDatasets query, Deadline deadline) = 0;
  /// Writes a tombstone. Errors: kNotFound, also when dropped already.
  virtual Task<void> drop(std::string name, Deadline deadline) = 0;
  /// Makes a dropped dataset live again as it was. A live one is answered as it is. Errors: kNotFound.
  virtual Task<ManifestPtr> undrop(std::string name, Deadline deadline) = 0;
};

}  // namespace tarn::catalog
