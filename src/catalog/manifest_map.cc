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

const StoredManifest* ManifestMap::locate(std::string_view name) const {
  for (const Set& set : sets_) {
    const auto found = set.find(name);
    if (found != set.end()) return &*found;
  }
  return nullptr;
}

StoredManifest ManifestMap::find(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const StoredManifest* stored = locate(name);
  return stored ? *stored : StoredManifest();
}

void ManifestMap::put(std::string_view name, const StoredManifest& stored) {
  for (Set& set : sets_) {
    const auto former = set.find(name);
    if (former != set.end()) set.erase(former);
  }
  if (!stored.is_absent()) of(stored.manifest->state).insert(stored);
}

void ManifestMap::install(std::string_view name, std::string_view known_etag, const StoredManifest& found) {
  const std::unique_lock lock(mutex_);
  const StoredManifest* present = locate(name);
  const bool is_as_known = present ? present->etag == known_etag : known_etag.empty();
  const bool is_newer = present && !found.is_absent() && found.manifest->revision > present->manifest->revision;
  if (is_as_known || is_newer) put(name, found);
}

void ManifestMap::replace_all(std::vector<StoredManifest> manifests) {
  std::array<Set, 2> sets;
  for (StoredManifest& stored : manifests)
    sets[static_cast<std::size_t>(stored.manifest->state)].insert(std::move(stored));
  const std::unique_lock lock(mutex_);
  sets_.swap(sets);
}

DatasetPage ManifestMap::list(const ListDatasets& query) const {
  DatasetPage page;
  std::size_t bytes = 0;
  const std::shared_lock lock(mutex_);
  const Set& set = of(query.state);
  auto next = query.after < query.prefix ? set.lower_bound(std::string_view(query.prefix))
                                         : set.upper_bound(std::string_view(query.after));
  for (; next != set.end() && next->manifest->name.starts_with(query.prefix); ++next) {
    bytes += weight_of(*next->manifest);
    if (page.datasets.size() == query.limit || (bytes > query.limit_bytes && !page.datasets.empty())) {
      page.is_truncated = true;
      break;
    }
    page.datasets.push_back(next->manifest);
  }
  return page;
}

std::size_t ManifestMap::live_count() const {
  const std::shared_lock lock(mutex_);
  return of(DatasetState::kLive).size();
}

std::vector<std::pair<std::string, std::string>> ManifestMap::etags(DatasetState state) const {
  const std::shared_lock lock(mutex_);
  std::vector<std::pair<std::string, std::string>> etags;
  etags.reserve(of(state).size());
  for (const StoredManifest& stored : of(state)) etags.emplace_back(stored.manifest->name, stored.etag);
  return etags;
}

}  // namespace tarn::catalog
