#pragma once

#include <string>

#include "base/result.h"

namespace tarn::store {

/// The disk store's folder: held by one process at a time, and of a known format. See docs/formats/store.md.
class StoreFolder {
 public:
  /// Makes the folder if need be, takes its LOCK, reads or writes its FORMAT. Errors: those of DiskStore::open.
  static Result<StoreFolder> open(const std::string& path);
  StoreFolder(StoreFolder&& other) noexcept;
  StoreFolder& operator=(StoreFolder&&) = delete;
  /// Gives the lock back.
  ~StoreFolder();

  std::string index_path() const { return path_ + "/index"; }
  std::string blobs_path() const { return path_ + "/blobs"; }
  const std::string& path() const { return path_; }

 private:
  StoreFolder(std::string path, int lock);

  std::string path_;
  int lock_;  // descriptor; the lock goes with it
};

}  // namespace tarn::store
