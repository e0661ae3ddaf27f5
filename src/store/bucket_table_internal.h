#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "store/bucket_store.h"

namespace tarn::store {

/// The buckets that the index holds, in memory: every call asks for one. Changed by the committer, after the index was.
/// Thread-safe.
class BucketTable {
 public:
  std::optional<BucketSummary> find(const std::string& name) const {
    const std::shared_lock lock(mutex_);
    const auto found = buckets_.find(name);
    if (found == buckets_.end()) return std::nullopt;
    return found->second;
  }
  bool contains(const std::string& name) const {
    const std::shared_lock lock(mutex_);
    return buckets_.contains(name);
  }
  std::vector<BucketSummary> all() const {
    const std::shared_lock lock(mutex_);
    std::vector<BucketSummary> summaries;
    for (const auto& [name, summary] : buckets_) summaries.push_back(summary);
    return summaries;
  }
  void add(BucketSummary bucket) {
    const std::lock_guard lock(mutex_);
    std::string name = bucket.name;
    buckets_.insert_or_assign(std::move(name), std::move(bucket));
  }
  void remove(const std::string& name) {
    const std::lock_guard lock(mutex_);
    buckets_.erase(name);
  }

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, BucketSummary> buckets_;
};

}  // namespace tarn::store
