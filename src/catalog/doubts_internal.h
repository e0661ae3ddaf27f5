#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tarn::catalog {

/// Names whose last write may or may not have been applied, and may yet be: the store is asked before each read and
/// write of them. At most one entry a name. Thread-safe.
class Doubts {
 public:
  struct Doubt {
    std::string base_etag;     ///< what the unproven write expects to find; empty: nothing
    std::uint64_t number = 0;  ///< tells it from an earlier or later doubt about the same name
  };

  void add(const std::string& name, std::string base_etag);
  /// Costs one atomic read while nothing is in doubt.
  std::optional<Doubt> find(const std::string& name) const;

  /// What a look at the store, begun after `doubt` was found, says about it. It ends with any ETag but the one that the
  /// unproven write expects, since then that write cannot be applied any more; until then it stays.
  void resolve(const std::string& name, const Doubt& doubt, std::string_view found_etag);

  /// Those that begin with `prefix` and come after `after`.
  std::vector<std::string> names(std::string_view prefix, std::string_view after) const;
  std::size_t size() const { return size_.load(std::memory_order_acquire); }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Doubt> doubts_;
  std::uint64_t last_number_ = 0;
  std::atomic<std::size_t> size_{0};
};

}  // namespace tarn::catalog
