#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/byte_source.h"
#include "async/thread_pool.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "store/blob_files_internal.h"
#include "store/blob_garbage_internal.h"
#include "store/bucket_table_internal.h"
#include "store/committer_internal.h"
#include "store/disk_store.h"
#include "store/file_system_internal.h"
#include "store/index_internal.h"
#include "store/index_records_internal.h"
#include "store/store_folder_internal.h"

namespace tarn::store {

/// Where tests put a disk that fails.
struct DiskStoreSeams {
  FileSystem* file_system = nullptr;  ///< of blobs; null: the operating system's
  rocksdb::Env* env = nullptr;        ///< of the index; null: the operating system's
};
Result<std::unique_ptr<DiskStore>> open_disk_store(DiskStoreOptions options, async::ThreadPool& pool,
                                                   const Clock& clock, Random& random, Metrics& metrics,
                                                   DiskStoreSeams seams);

/// An object found in the index, and what is needed to read its bytes.
struct FoundObject {
  ObjectRecord record;
  Bytes inline_value;           ///< of an inline object, or of a layout's last segment
  std::vector<Segment> layout;  ///< of a layout, or the one blob; empty for an inline object
  BlobGarbage::Pin pin;         ///< keeps the blobs
};

/// The disk store's parts and its blocking steps; DiskStore arranges them into calls.
struct DiskStore::Engine {
  Engine(DiskStoreOptions store_options, async::ThreadPool& thread_pool, const Clock& wall_clock, Random& random,
         Metrics& metrics_registry, StoreFolder store_folder, DiskStoreSeams seams);

  /// Opens the index, sweeps, starts the committer.
  Result<void> start(rocksdb::Env* env);

  /// Looks at memory only. kWouldBlock: ask find() on the pool.
  Result<Lookup> find_in_memory(const ObjectKey& key, bool with_content, FoundObject& found) const;
  /// Errors: kNotFound/kNoSuchKey, /kNoSuchBucket; kCorrupt. Blocks.
  Result<FoundObject> find(const ObjectKey& key, bool with_content);
  Result<ListPage> list(const std::string& bucket, const ListQuery& query) const;
  Result<PartPage> list_parts(const ObjectKey& key, const Uuid& upload, int after_number, std::size_t limit) const;
  Result<UploadPage> list_uploads(const std::string& bucket, const std::string& prefix, const std::string& after_key,
                                  const std::string& after_upload_id, std::size_t limit) const;

  /// Errors: kNoSpace when `bytes` more would leave less than the reserve.
  Result<void> require_space(std::uint64_t bytes);
  std::unexpected<Error> not_found(const ObjectKey& key) const;
  /// The upload of that id, as far as memory knows it: what is not there is found out at the latest by the commit.
  /// Errors: kNotFound/kNoSuchBucket, /kNoSuchUpload.
  Result<Uuid> require_upload(const ObjectKey& key, const std::string& upload_id) const;

  const DiskStoreOptions options;
  async::ThreadPool& pool;
  const Clock& clock;
  UuidV7Generator ids;
  DiskStoreMetrics metrics;
  StoreFolder folder;
  PosixFileSystem posix_file_system;
  FileSystem& file_system;
  BlobFolders blobs;
  BucketTable buckets;
  std::unique_ptr<Index> index;
  // The order matters: the committer gives work to the garbage.
  std::optional<BlobGarbage> garbage;
  std::optional<Committer> committer;

 private:
  Result<void> load_buckets();
  Result<void> sweep();
  Result<bool> find_content(FoundObject& found, const ObjectKey& key, const rocksdb::Snapshot* snapshot);

  std::uint64_t reserve_bytes_ = 0;
  // Measured again once it is old; two threads may both do it.
  std::atomic<std::int64_t> measured_at_{0};
  std::atomic<std::uint64_t> measured_free_bytes_{0};
};

}  // namespace tarn::store
