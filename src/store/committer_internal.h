#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "async/deadline.h"
#include "async/suspend.h"
#include "async/task.h"
#include "base/result.h"
#include "store/blob_garbage_internal.h"
#include "store/bucket_table_internal.h"
#include "store/disk_store.h"
#include "store/index_internal.h"
#include "store/operations_internal.h"

namespace tarn::store {

/// The one thread that writes the index. It takes everything that waits, judges each operation against the index and
/// the operations before it, writes what holds as one batch with one sync, and then answers: so conditional writes are
/// serializable without a lock, and the cost of a sync is shared.
class Committer {
 public:
  /// How many operations wait at most; more are refused with kUnavailable.
  static constexpr std::size_t kMaxQueued = 2048;
  /// How long a batch waits at most for those that the last one answered.
  static constexpr std::chrono::microseconds kMaxGathering{1000};
  /// A batch of so many operations waits for no more.
  static constexpr std::size_t kEnoughToSync = 8;
  /// A batch is written once it holds this much.
  static constexpr std::size_t kMaxBatchBytes = 8 << 20;

  /// All outlive the committer.
  Committer(Index& index, BucketTable& buckets, BlobGarbage& garbage, DiskStoreMetrics& metrics);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  /// Commits what waits, then joins.
  ~Committer();

  /// Success: applied and durable. Errors: those of the operation; kDeadlineExceeded, judged when its turn comes;
  /// kUnavailable: the queue is full, or kReadOnly; all of these: certainly not applied. kOutcomeUnknown: the log
  /// could not be written or synced; from then on the store is read-only until it is opened anew.
  ///
  /// `operation` must live until the answer; its outputs are set then.
  Task<void> commit(Operation& operation, Deadline deadline);

  bool is_read_only() const { return is_read_only_.load(std::memory_order_relaxed); }

  /// Refuses what comes, commits what waits, joins. Thread-safe, more than once.
  void close();

 private:
  /// An operation that waits for its answer. It lives in the frame of its coroutine.
  struct Pending {
    Operation* operation = nullptr;
    Deadline deadline;
    std::optional<async::Resume<void>> resume{};
    Result<void> result{};
    bool is_in_batch = false;
    bool is_set_aside = false;  ///< it failed halfway into a batch: its error stands, and it is not tried again
  };

  bool enqueue(Pending& pending);
  void run();
  /// Waits for something to commit, and for those who are likely to come with it. False: closing, nothing waits.
  bool gather(std::unique_lock<std::mutex>& lock);
  void commit_group(std::span<Pending* const> group);
  /// Fills batch_ from the beginning of `group`; returns how many operations are answered by writing it.
  std::size_t fill_batch(std::span<Pending* const> group);
  Result<Batch::Applied> judge(Pending& pending);
  void write_batch(std::span<Pending* const> group);

  Index& index_;
  BucketTable& buckets_;
  BlobGarbage& garbage_;
  DiskStoreMetrics& metrics_;
  Batch batch_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Pending*> queue_;
  std::size_t wake_at_ = 1;  // the length of the queue that the committer waits for
  bool is_closing_ = false;
  std::atomic<bool> is_read_only_ = false;

  // The committer's own: what gather() expects.
  std::size_t expected_ = 1;
  std::chrono::nanoseconds last_sync_time_{0};

  std::thread thread_;
};

}  // namespace tarn::store
