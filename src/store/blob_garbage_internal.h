#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "base/uuid.h"
#include "store/blob_files_internal.h"

namespace tarn::store {

/// Removes blob files that nothing refers to any more, on a thread of its own, once their last reader has gone.
/// Removal is not synced and may be forgotten: what is left is swept at the next start. Thread-safe.
class BlobGarbage {
 public:
  /// A blob file to be removed, and the content (an object's blob or layout) whose readers may still need it.
  struct Item {
    Uuid content;
    Uuid blob;
  };

  /// `folders` must outlive this. `removed` counts files.
  BlobGarbage(BlobFolders& folders, Counter& removed);
  BlobGarbage(const BlobGarbage&) = delete;
  BlobGarbage& operator=(const BlobGarbage&) = delete;
  /// Removes what no reader holds, then joins.
  ~BlobGarbage();

  /// Keeps the files of one content from removal. Whoever finds a content in the index pins it, and looks again: when
  /// the index still refers to it, no removal can have begun.
  class Pin {
   public:
    Pin() = default;
    Pin(BlobGarbage& garbage, const Uuid& content) : garbage_(&garbage), content_(content) {}
    Pin(Pin&& other) noexcept : garbage_(std::exchange(other.garbage_, nullptr)), content_(other.content_) {}
    Pin& operator=(Pin&& other) noexcept {
      release();
      garbage_ = std::exchange(other.garbage_, nullptr);
      content_ = other.content_;
      return *this;
    }
    ~Pin() { release(); }

   private:
    void release();
    BlobGarbage* garbage_ = nullptr;
    Uuid content_;
  };
  Pin pin(const Uuid& content);

  /// The index refers to these no more: a commit replaced or removed them, or their request failed.
  void discard(std::span<const Item> items);
  /// Blocks until everything that no reader holds is removed.
  void drain();

 private:
  /// What waits for removal at most; more is left to the sweep at the next start.
  static constexpr std::size_t kMaxQueued = 1 << 20;

  struct IdHash {
    std::size_t operator()(const Uuid& id) const;
  };
  struct Pinned {
    std::size_t readers = 0;
    std::vector<Uuid> doomed;
  };
  void unpin(const Uuid& content);
  void enqueue(const Uuid& blob);  // expects mutex_ to be held
  void run();

  BlobFolders& folders_;
  Counter& removed_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<Uuid, Pinned, IdHash> pinned_;
  std::deque<Uuid> queue_;
  bool is_removing_ = false;
  bool is_closing_ = false;
  std::thread thread_;
};

}  // namespace tarn::store
