#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "async/thread_pool.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "store/bucket_store.h"

namespace tarn::store {

struct DiskStoreOptions {
  /// The folder that holds everything; made when it is not there. One process at a time.
  std::string folder;
  /// Objects and parts of up to this many bytes are kept in the index, larger ones in files. At most 64 KiB.
  std::size_t inline_limit_bytes = 32 * 1024;
  /// What the index keeps of its tables in memory.
  std::size_t index_cache_bytes = 32 << 20;
  /// What the index collects in memory before it writes a table.
  std::size_t index_write_buffer_bytes = 16 << 20;
  /// Writes that need room are refused with kNoSpace when less than this would stay free, so that the log has room for
  /// removals; at most a twentieth of what is free when the store is opened.
  std::uint64_t reserved_bytes = 64 << 20;
};

/// The engine's counters.
struct DiskStoreMetrics {
  explicit DiskStoreMetrics(Metrics& metrics);

  Counter& commits;          ///< operations that were applied
  Counter& refused_commits;  ///< operations that were not
  Counter& syncs;            ///< of the index's log: commits / syncs is what grouping gains
  Gauge& is_read_only;       ///< 1 once a sync of the log failed
  Counter& inline_bytes_put;
  Counter& blob_bytes_put;
  Counter& bytes_got;
  Counter& corruptions;    ///< reads that failed a checksum or missed a blob
  Counter& removed_blobs;  ///< files of replaced, removed and failed objects
  Counter& swept_blobs;    ///< files without a record, found at a start
};

/// A BucketStore on a local disk: RocksDB holds the index and small objects, files hold the rest. docs/formats/store.md
/// describes the folder, docs/adr/0002-rocksdb-index-group-commit.md why it is so.
///
/// Errors beyond the promise's: kUnavailable/kReadOnly for every write after a sync of the index's log failed, until
/// the store is opened anew; kOutcomeUnknown for the writes whose sync it was; kCorrupt for bytes that fail their
/// checksum, from a reader's next() too; kUnavailable when the pool's or the committer's queue is full.
///
/// A transfer holds at most 256 KiB beside what its source or sink holds. Lookups of what the index has in memory run
/// on the caller's thread (4 µs for an object of 4 KiB); whatever may wait for the disk runs on the pool.
class DiskStore final : public BucketStore {
 public:
  /// Opens the folder, recovers, and removes blobs that no record refers to (one lookup a blob file). `pool`, `clock`,
  /// `random` and `metrics` outlive the store. Blocks. Errors: kConflict: another process has it open; kUnsupported: a
  /// newer version wrote it; kCorrupt; kNoSpace; kUnavailable.
  static Result<std::unique_ptr<DiskStore>> open(DiskStoreOptions options, async::ThreadPool& pool, const Clock& clock,
                                                 Random& random, Metrics& metrics);
  /// close().
  ~DiskStore() override;

  /// Commits what waits, then closes every file. Blocks. No call may be under way, and no reader alive; none may
  /// follow.
  void close();

  /// True once a sync of the index's log failed.
  bool is_read_only() const;

  Task<std::string> put(ObjectKey key, Bytes body, PutCondition condition, Deadline deadline) override;
  Task<ObjectReader> get(ObjectKey key, ByteRange range, Deadline deadline) override;
  Task<ObjectSummary> head(ObjectKey key, Deadline deadline) override;
  Task<void> remove(ObjectKey key, Deadline deadline) override;
  Task<ListPage> list(std::string bucket, ListQuery query, Deadline deadline) override;

  Task<void> create_bucket(std::string name, Deadline deadline) override;
  Task<void> remove_bucket(std::string name, Deadline deadline) override;
  Task<BucketSummary> head_bucket(std::string name, Deadline deadline) override;
  Task<std::vector<BucketSummary>> list_buckets(Deadline deadline) override;

  Task<ObjectSummary> put_object(ObjectKey key, std::unique_ptr<ByteSource> body, PutOptions options,
                                 Deadline deadline) override;
  Task<DetailedReader> get_object(ObjectKey key, ByteRange range, Deadline deadline) override;
  Task<ObjectDetails> head_object(ObjectKey key, Deadline deadline) override;
  Task<void> remove_object(ObjectKey key, RemoveCondition condition, Deadline deadline) override;
  Task<ObjectSummary> copy_object(ObjectKey source, ObjectKey target, CopyOptions options, Deadline deadline) override;

  Task<std::string> create_upload(ObjectKey key, PutOptions options, Deadline deadline) override;
  Task<PartSummary> upload_part(ObjectKey key, std::string upload_id, int number, std::unique_ptr<ByteSource> body,
                                Deadline deadline) override;
  Task<PartPage> list_parts(ObjectKey key, std::string upload_id, int after_number, std::size_t limit,
                            Deadline deadline) override;
  Task<ObjectSummary> complete_upload(ObjectKey key, std::string upload_id, std::vector<CompletedPart> parts,
                                      PutCondition condition, Deadline deadline) override;
  Task<void> abort_upload(ObjectKey key, std::string upload_id, Deadline deadline) override;
  Task<UploadPage> list_uploads(std::string bucket, std::string prefix, std::string after_key,
                                std::string after_upload_id, std::size_t limit, Deadline deadline) override;

  /// The engine itself, behind a wall: its parts know RocksDB.
  struct Engine;
  explicit DiskStore(std::unique_ptr<Engine> engine);

 private:
  std::unique_ptr<Engine> engine_;
};

}  // namespace tarn::store
