#include <cstring>

#include "store/blob_garbage_internal.h"

namespace tarn::store {

std::size_t BlobGarbage::IdHash::operator()(const Uuid& id) const {
  std::size_t hash = 0;  // the last bytes of a version 7 UUID are random
  std::memcpy(&hash, id.bytes.data() + id.bytes.size() - sizeof(hash), sizeof(hash));
  return hash;
}

BlobGarbage::BlobGarbage(BlobFolders& folders, Counter& removed)
    : folders_(folders), removed_(removed), thread_([this] { run(); }) {}

BlobGarbage::~BlobGarbage() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BlobGarbage::Pin::release() {
  if (auto* const garbage = std::exchange(garbage_, nullptr)) garbage->unpin(content_);
}

BlobGarbage::Pin BlobGarbage::pin(const Uuid& content) {
  const std::lock_guard lock(mutex_);
  ++pinned_[content].readers;
  return Pin(*this, content);
}

void BlobGarbage::unpin(const Uuid& content) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = pinned_.find(content);
    TARN_ASSERT(found != pinned_.end());
    if (--found->second.readers > 0) return;
    for (const Uuid& blob : found->second.doomed) enqueue(blob);
    pinned_.erase(found);
  }
  changed_.notify_all();
}

void BlobGarbage::discard(std::span<const Item> items) {
  if (items.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    for (const Item& item : items) {
      const auto found = pinned_.find(item.content);
      if (found == pinned_.end()) {
        enqueue(item.blob);
      } else {
        found->second.doomed.push_back(item.blob);
      }
    }
  }
  changed_.notify_all();
}

void BlobGarbage::enqueue(const Uuid& blob) {
  if (queue_.size() < kMaxQueued) queue_.push_back(blob);
}

void BlobGarbage::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.empty() && !is_removing_; });
}

void BlobGarbage::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Uuid blob = queue_.front();
    queue_.pop_front();
    is_removing_ = true;
    lock.unlock();
    // A file that cannot be removed now is swept at the next start.
    if (folders_.remove_blob(blob)) removed_.add();
    lock.lock();
    is_removing_ = false;
    if (queue_.empty()) changed_.notify_all();
  }
}

}  // namespace tarn::store
