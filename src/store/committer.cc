#include <algorithm>
#include <utility>

#include "store/committer_internal.h"

namespace tarn::store {
namespace {

std::unexpected<Error> read_only() {
  return failure(ErrorCode::kUnavailable,
                 "the store is read-only, since its log could not be written or synced: look at the disk, then restart",
                 kReadOnly);
}

}  // namespace

Committer::Committer(Index& index, BucketTable& buckets, BlobGarbage& garbage, DiskStoreMetrics& metrics)
    : index_(index), buckets_(buckets), garbage_(garbage), metrics_(metrics), batch_(index, buckets), thread_([this] {
        run();
      }) {}

Committer::~Committer() {
  close();
}

void Committer::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Task<void> Committer::commit(Operation& operation, Deadline deadline) {
  Pending pending{.operation = &operation, .deadline = deadline};
  co_return co_await async::suspend<void>([this, &pending](async::Resume<void> resume) {
    pending.resume.emplace(std::move(resume));
    if (!enqueue(pending)) {
      (*pending.resume)(failure(ErrorCode::kUnavailable, "too many writes wait for the store; try again later"));
    }
  });
}

bool Committer::enqueue(Pending& pending) {
  bool is_awaited = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_closing_ || queue_.size() >= kMaxQueued) return false;
    queue_.push_back(&pending);
    is_awaited = queue_.size() == wake_at_;
  }
  if (is_awaited) changed_.notify_one();
  return true;
}

bool Committer::gather(std::unique_lock<std::mutex>& lock) {
  wake_at_ = 1;
  changed_.wait(lock, [this] { return is_closing_ || !queue_.empty(); });
  if (queue_.empty()) return false;
  // Those whom the last batch answered tend to come back together. The first of them alone would get a sync of its own,
  // and let all others wait for the next: half of all syncs would carry one operation. Once there are enough to share
  // a sync, waiting for the rest would only leave the disk idle.
  const auto patience = std::min<std::chrono::nanoseconds>(last_sync_time_ / 2, kMaxGathering);
  const std::size_t wanted = std::min(expected_, kEnoughToSync);
  if (queue_.size() < wanted && patience.count() > 0) {
    wake_at_ = wanted;
    changed_.wait_for(lock, patience, [this] { return is_closing_ || queue_.size() >= wake_at_; });
  }
  wake_at_ = 0;  // the committer is at work, nobody wakes it
  return true;
}

void Committer::run() {
  std::vector<Pending*> group;
  std::unique_lock lock(mutex_);
  while (gather(lock)) {
    group.clear();
    group.swap(queue_);
    lock.unlock();
    commit_group(group);
    lock.lock();
    expected_ = group.size() + queue_.size();
  }
}

void Committer::commit_group(std::span<Pending* const> group) {
  while (!group.empty()) {
    const std::size_t count = fill_batch(group);
    write_batch(group.first(count));
    group = group.subspan(count);
  }
}

std::size_t Committer::fill_batch(std::span<Pending* const> group) {
  while (true) {
    batch_.clear();
    std::size_t count = 0;
    bool is_spoiled = false;
    for (; count < group.size() && batch_.size_bytes() < kMaxBatchBytes; ++count) {
      Pending& pending = *group[count];
      pending.is_in_batch = false;
      if (pending.is_set_aside) continue;
      const std::size_t size_before = batch_.size();
      const auto applied = judge(pending);
      if (!applied) {
        pending.result = std::unexpected(applied.error());
        is_spoiled = batch_.size() != size_before;
        if (!is_spoiled) continue;
        pending.is_set_aside = true;
        break;
      }
      if (*applied == Batch::Applied::kNeedsFlush) break;
      pending.is_in_batch = true;
    }
    if (!is_spoiled) return count;
    // Part of an operation is in the batch, and nothing of it was written: begin anew without that one. What was
    // refused in the meantime is judged again, since the batch it was judged by is gone.
    for (Pending* const pending : group.first(count)) {
      if (!pending->is_set_aside) pending->result = {};
    }
  }
}

Result<Batch::Applied> Committer::judge(Pending& pending) {
  if (is_read_only()) return read_only();
  if (pending.deadline.has_passed()) {
    return failure(ErrorCode::kDeadlineExceeded, "the deadline passed while the write waited for its turn");
  }
  return batch_.apply(*pending.operation);
}

void Committer::write_batch(std::span<Pending* const> group) {
  if (batch_.size() > 0) {
    const auto start = std::chrono::steady_clock::now();
    const Result<void> written = index_.write(batch_.write_batch());
    last_sync_time_ = std::chrono::steady_clock::now() - start;
    if (written) {
      for (const BucketSummary& bucket : batch_.created_buckets()) buckets_.add(bucket);
      for (const std::string& bucket : batch_.removed_buckets()) buckets_.remove(bucket);
      garbage_.discard(batch_.garbage());
      metrics_.syncs.add();
    } else {
      is_read_only_ = true;
      metrics_.is_read_only.set(1);
      for (Pending* const pending : group) {
        if (pending->is_in_batch) {
          pending->result = failure(ErrorCode::kOutcomeUnknown, written.error().message, kReadOnly);
        } else {
          // It was refused because of what the batch held, which may never have been.
          pending->result = read_only();
        }
      }
    }
  }
  for (Pending* const pending : group) {
    (pending->result ? metrics_.commits : metrics_.refused_commits).add();
    // The answer ends the life of `pending`.
    async::Resume<void> resume = *std::move(pending->resume);
    Result<void> result = std::move(pending->result);
    resume(std::move(result));
  }
}

}  // namespace tarn::store
