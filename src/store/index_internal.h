#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include "base/bytes.h"
#include "base/result.h"

namespace tarn::store {

/// The column families of the index, see docs/formats/store.md.
enum class Family : std::uint8_t { kState = 0, kObjects = 1, kContents = 2 };

/// Whether a read may wait for the disk, or only look at what is in memory.
enum class ReadFrom : std::uint8_t { kMemory, kDisk };

enum class Lookup : std::uint8_t { kFound, kAbsent, kWouldBlock };

struct IndexOptions {
  std::size_t block_cache_bytes = 32 << 20;
  /// Small writes are kept in memory in tables of this size, the contents of small objects in one of twice this size.
  std::size_t write_buffer_bytes = 16 << 20;
  /// Null: the operating system's. Must outlive the index.
  rocksdb::Env* env = nullptr;
};

/// RocksDB as the disk store uses it. Reads from any thread; writes from one.
class Index {
 public:
  /// Errors: kCorrupt; kUnavailable when the system refuses; kUnsupported for families of a newer version.
  static Result<std::unique_ptr<Index>> open(const std::string& path, const IndexOptions& options);
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;
  ~Index();

  /// One value, into `value`. Within `snapshot`, or as of now when that is null. Errors: kCorrupt, kUnavailable.
  Result<Lookup> get(Family family, ByteView key, Bytes& value, ReadFrom from = ReadFrom::kDisk,
                     const rocksdb::Snapshot* snapshot = nullptr) const;

  /// An iterator over keys below `upper_bound` (empty: all), which must outlive it.
  std::unique_ptr<rocksdb::Iterator> iterate(Family family, const rocksdb::Slice* upper_bound) const;
  /// What an iterator that is no longer valid ended with: success at the end of its range.
  static Result<void> status_of(const rocksdb::Iterator& iterator);

  /// A moment of the index to read at.
  class Snapshot {
   public:
    explicit Snapshot(const Index& index) : db_(index.db_.get()), snapshot_(db_->GetSnapshot()) {}
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot() { db_->ReleaseSnapshot(snapshot_); }
    const rocksdb::Snapshot* get() const { return snapshot_; }

   private:
    rocksdb::DB* db_;
    const rocksdb::Snapshot* snapshot_;
  };

  /// Writes all of `batch` and syncs the log once. After an error it is not known what a restart will find.
  Result<void> write(rocksdb::WriteBatch& batch);

  rocksdb::ColumnFamilyHandle* handle(Family family) const { return handles_[static_cast<std::size_t>(family)]; }

 private:
  Index() = default;

  std::shared_ptr<rocksdb::Cache> cache_;  // shared with RocksDB
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, 3> handles_{};
};

/// RocksDB's status as an error of ours.
std::unexpected<Error> index_failure(const rocksdb::Status& status, std::string_view doing);

}  // namespace tarn::store
