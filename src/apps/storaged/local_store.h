#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "async/thread_pool.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "store/disk_store.h"

namespace tarn::apps {

/// The engine over a folder and the threads it waits for the disk on.
class LocalStore {
 public:
  /// Opens, or makes, the store in `folder`. Errors name the folder and the remedy: it cannot be written, another
  /// process has it open. All of `clock`, `random` and `metrics` outlive the store.
  static Result<std::unique_ptr<LocalStore>> open(const std::filesystem::path& folder, const Clock& clock,
                                                  Random& random, Metrics& metrics);

  store::DiskStore& store() { return *store_; }

 private:
  LocalStore() = default;

  async::ThreadPool disk_{"disk", kDiskThreads};
  std::unique_ptr<store::DiskStore> store_;

  // As many reads and writes of files may wait for the disk at once.
  static constexpr std::size_t kDiskThreads = 8;
};

}  // namespace tarn::apps
