#pragma once

#include <array>
#include <cstddef>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/commit_internal.h"

namespace tarn::catalog {

/// What the process knows of the store: every manifest and its ETag, by name. All calls are short and none waits for
/// I/O. Thread-safe.
class ManifestMap {
 public:
  /// Absent when the name is not known; a tombstone is given as it is.
  StoredManifest find(std::string_view name) const;

  /// Takes what the store was seen to hold under `name`, unless memory has moved on meanwhile: `known_etag` is what
  /// memory held (empty: nothing) when that look began. A higher revision is taken in any case.
  void install(std::string_view name, std::string_view known_etag, const StoredManifest& found);

  /// Replaces everything. None of `manifests` is absent; names are unique.
  void replace_all(std::vector<StoredManifest> manifests);

  DatasetPage list(const ListDatasets& query) const;
  std::size_t live_count() const;
  /// Name and ETag of every manifest in `state`, by name.
  std::vector<std::pair<std::string, std::string>> etags(DatasetState state) const;

 private:
  struct ByName {
    using is_transparent = void;
    static std::string_view name_of(const StoredManifest& stored) { return stored.manifest->name; }
    static std::string_view name_of(std::string_view name) { return name; }
    bool operator()(const auto& a, const auto& b) const { return name_of(a) < name_of(b); }
  };
  /// Ordered by the name that the manifest itself holds: no second copy of it, at 100,000 of them.
  using Set = std::set<StoredManifest, ByName>;

  const Set& of(DatasetState state) const { return sets_[static_cast<std::size_t>(state)]; }
  Set& of(DatasetState state) { return sets_[static_cast<std::size_t>(state)]; }
  // Both expect mutex_ to be held.
  const StoredManifest* locate(std::string_view name) const;
  void put(std::string_view name, const StoredManifest& stored);

  mutable std::shared_mutex mutex_;
  std::array<Set, 2> sets_;  // live and dropped apart, so that listing one never walks the other
};

}  // namespace tarn::catalog
