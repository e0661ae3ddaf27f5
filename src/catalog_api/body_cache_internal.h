#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"

namespace tarn::catalog_api {

/// Rendered datasets by commit id: one commit's bytes never change, so nothing here is ever stale. Each id has one
/// place, taken by whoever came last: no list to keep, and bounded. Thread-safe.
class BodyCache {
 public:
  explicit BodyCache(std::size_t places) : places_(places) {}

  /// Shared with the responses that are being sent. Null when it is not here.
  std::shared_ptr<const Bytes> find(const Uuid& commit_id) {
    if (places_.empty()) return nullptr;
    Place& place = place_of(commit_id);
    const std::lock_guard lock(place.mutex);
    return place.commit_id == commit_id ? place.body : nullptr;
  }

  void put(const Uuid& commit_id, std::shared_ptr<const Bytes> body) {
    if (places_.empty()) return;
    Place& place = place_of(commit_id);
    const std::lock_guard lock(place.mutex);
    place.commit_id = commit_id;
    place.body.swap(body);
  }

 private:
  struct Place {
    std::mutex mutex;
    Uuid commit_id;
    std::shared_ptr<const Bytes> body;
  };

  Place& place_of(const Uuid& commit_id) {
    // The last bytes of a version 7 UUID are random.
    std::size_t hash = 0;
    for (std::size_t i = 8; i < commit_id.bytes.size(); ++i) hash = hash << 8 | commit_id.bytes[i];
    return places_[hash % places_.size()];
  }

  std::vector<Place> places_;
};

}  // namespace tarn::catalog_api
