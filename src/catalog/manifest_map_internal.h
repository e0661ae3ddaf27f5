#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
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

  /// Comparing memory with a LIST of the store, page by page: takes what note_listed() and unlisted() are to be given.
  std::uint64_t begin_listing();
  /// One manifest as a LIST shows it.
  struct Listed {
    std::string name;
    std::string etag;
  };
  /// Notes that these exist. Returns the names of those that memory does not hold as they are listed.
  std::vector<std::string> note_listed(std::uint64_t listing, std::span<const Listed> page);
  /// The names in memory that no page had, and that did not come to memory meanwhile either.
  std::vector<std::string> unlisted(std::uint64_t listing) const;

  DatasetPage list(const ListDatasets& query) const;
  std::size_t live_count() const;
  /// The names of every manifest in `state`, in order.
  std::vector<std::string> names(DatasetState state) const;

 private:
  /// What an entry holds may change where it stands, as long as the name does not.
  struct Entry {
    mutable StoredManifest stored;
    mutable std::uint64_t last_seen;  ///< the listing that last showed it, or during which it came
  };
  struct ByName {
    using is_transparent = void;
    static std::string_view name_of(const Entry& entry) { return entry.stored.manifest->name; }
    static std::string_view name_of(std::string_view name) { return name; }
    bool operator()(const auto& a, const auto& b) const { return name_of(a) < name_of(b); }
  };
  /// Ordered by the name that the manifest itself holds: no second copy of it, at 100,000 of them.
  using Set = std::set<Entry, ByName>;

  const Set& of(DatasetState state) const { return sets_[static_cast<std::size_t>(state)]; }
  Set& of(DatasetState state) { return sets_[static_cast<std::size_t>(state)]; }
  // Both expect mutex_ to be held.
  const Entry* locate(std::string_view name) const;
  void put(const Entry* present, const StoredManifest& stored);

  mutable std::shared_mutex mutex_;
  std::uint64_t last_listing_ = 0;
  std::array<Set, 2> sets_;  // live and dropped apart, so that listing one never walks the other
};

}  // namespace tarn::catalog
