#include <algorithm>
#include <mutex>

#include "catalog/manifest_map_internal.h"

namespace tarn::catalog {
namespace {

/// About what a manifest weighs in an answer.
std::size_t weight_of(const Manifest& manifest) {
  std::size_t bytes = 256 + manifest.name.size() + manifest.schema_fingerprint.size();
  for (const DataObject& object : manifest.objects) {
    bytes += 32 + object.key.size() + (object.etag ? object.etag->size() : 0);
  }
  if (manifest.columns) {
    for (const Column& column : *manifest.columns) bytes += 48 + column.name.size() + column.type.size();
  }
  for (const auto& [key, value] : manifest.properties) bytes += 8 + key.size() + value.size();
  return bytes;
}

}  // namespace

const ManifestMap::Entry* ManifestMap::locate(std::string_view name) const {
  for (const Set& set : sets_) {
    const auto found = set.find(name);
    if (found != set.end()) return &*found;
  }
  return nullptr;
}

StoredManifest ManifestMap::find(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const Entry* present = locate(name);
  return present ? present->stored : StoredManifest();
}

void ManifestMap::put(const Entry* present, const StoredManifest& stored) {
  if (present) {
    const DatasetState state = present->stored.manifest->state;
    if (!stored.is_absent() && stored.manifest->state == state) {
      present->stored = stored;
      present->last_seen = last_listing_;
      return;
    }
    of(state).erase(of(state).find(*present));
  }
  if (!stored.is_absent()) of(stored.manifest->state).insert({.stored = stored, .last_seen = last_listing_});
}

void ManifestMap::install(std::string_view name, std::string_view known_etag, const StoredManifest& found) {
  const std::unique_lock lock(mutex_);
  const Entry* present = locate(name);
  const bool is_as_known = present ? present->stored.etag == known_etag : known_etag.empty();
  const bool is_newer = present && !found.is_absent() && found.manifest->revision > present->stored.manifest->revision;
  if (is_as_known || is_newer) put(present, found);
}

void ManifestMap::replace_all(std::vector<StoredManifest> manifests) {
  std::array<Set, 2> sets;
  for (StoredManifest& stored : manifests) {
    const auto state = static_cast<std::size_t>(stored.manifest->state);
    sets[state].insert({.stored = std::move(stored), .last_seen = 0});
  }
  const std::unique_lock lock(mutex_);
  sets_.swap(sets);
}

std::uint64_t ManifestMap::begin_listing() {
  const std::unique_lock lock(mutex_);
  return ++last_listing_;
}

std::vector<std::string> ManifestMap::note_listed(std::uint64_t listing, std::span<const Listed> page) {
  std::vector<std::string> differing;
  const std::unique_lock lock(mutex_);
  for (const Listed& listed : page) {
    const Entry* present = locate(listed.name);
    if (present) present->last_seen = std::max(present->last_seen, listing);
    if (!present || present->stored.etag != listed.etag) differing.push_back(listed.name);
  }
  return differing;
}

std::vector<std::string> ManifestMap::unlisted(std::uint64_t listing) const {
  std::vector<std::string> names;
  const std::shared_lock lock(mutex_);
  for (const Set& set : sets_) {
    for (const Entry& entry : set) {
      if (entry.last_seen < listing) names.push_back(entry.stored.manifest->name);
    }
  }
  return names;
}

DatasetPage ManifestMap::list(const ListDatasets& query) const {
  DatasetPage page;
  std::size_t bytes = 0;
  const std::shared_lock lock(mutex_);
  const Set& set = of(query.state);
  auto next = query.after < query.prefix ? set.lower_bound(std::string_view(query.prefix))
                                         : set.upper_bound(std::string_view(query.after));
  for (; next != set.end() && next->stored.manifest->name.starts_with(query.prefix); ++next) {
    bytes += weight_of(*next->stored.manifest);
    if (page.datasets.size() == query.limit || (bytes > query.limit_bytes && !page.datasets.empty())) {
      page.is_truncated = true;
      break;
    }
    page.datasets.push_back(next->stored.manifest);
  }
  return page;
}

std::size_t ManifestMap::live_count() const {
  const std::shared_lock lock(mutex_);
  return of(DatasetState::kLive).size();
}

std::vector<std::string> ManifestMap::names(DatasetState state) const {
  std::vector<std::string> names;
  const std::shared_lock lock(mutex_);
  names.reserve(of(state).size());
  for (const Entry& entry : of(state)) names.push_back(entry.stored.manifest->name);
  return names;
}

}  // namespace tarn::catalog
