#include <utility>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include "store/index_internal.h"

namespace tarn::store {
namespace {

constexpr std::array<const char*, 3> kFamilyNames = {"default", "objects", "contents"};

rocksdb::Slice slice(ByteView bytes) {
  return {bytes.data(), bytes.size()};
}

rocksdb::DBOptions database_options(const IndexOptions& options) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  if (options.env != nullptr) db.env = options.env;
  // What a restart after a crash reads again at most.
  db.max_total_wal_size = 128 << 20;
  // A power cut may tear the last write of the log, which nobody was told of: recovery stops there.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // There is one writer.
  db.allow_concurrent_memtable_write = false;
  db.enable_write_thread_adaptive_yield = false;
  // A start is quick, and needs little memory.
  db.avoid_flush_during_recovery = true;
  db.skip_stats_update_on_db_open = true;
  db.max_open_files = 512;
  db.max_background_jobs = 2;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.bytes_per_sync = 1 << 20;
  db.keep_log_file_num = 2;
  db.max_log_file_size = 4 << 20;
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  return db;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const IndexOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions cf;
  cf.write_buffer_size = options.write_buffer_bytes;
  cf.level_compaction_dynamic_level_bytes = true;
  cf.compression = rocksdb::kLZ4Compression;
  if (family == Family::kContents) {
    cf.write_buffer_size = 2 * options.write_buffer_bytes;
    cf.max_write_buffer_number = 3;
    // Parquet and its like are compressed already.
    cf.compression = rocksdb::kNoCompression;
  }
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16 << 10;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Indexes and filters live within the cache's bound too.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  cf.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return cf;
}

}  // namespace

std::unexpected<Error> index_failure(const rocksdb::Status& status, std::string_view doing) {
  std::string message = std::string(doing) + ": " + status.ToString();
  if (status.IsCorruption()) return failure(ErrorCode::kCorrupt, std::move(message));
  if (status.IsIOError() || status.IsNoSpace() || status.IsBusy() || status.IsTryAgain()) {
    return failure(ErrorCode::kUnavailable, std::move(message));
  }
  return failure(ErrorCode::kInternal, std::move(message));
}

Result<std::unique_ptr<Index>> Index::open(const std::string& path, const IndexOptions& options) {
  std::unique_ptr<Index> index(new Index);
  rocksdb::LRUCacheOptions cache;
  cache.capacity = options.block_cache_bytes;
  cache.num_shard_bits = 4;
  index->cache_ = rocksdb::NewLRUCache(cache);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const Family family : {Family::kState, Family::kObjects, Family::kContents}) {
    families.emplace_back(kFamilyNames[static_cast<std::size_t>(family)],
                          family_options(family, options, index->cache_));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(database_options(options), path, families, &handles, &db);
  if (!status.ok()) return index_failure(status, "open the index " + path);
  index->db_.reset(db);
  std::copy(handles.begin(), handles.end(), index->handles_.begin());
  return index;
}

Index::~Index() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* const family : handles_) db_->DestroyColumnFamilyHandle(family);
  db_->Close().PermitUncheckedError();
}

Result<Lookup> Index::get(Family family, ByteView key, Bytes& value, ReadFrom from,
                          const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions read;
  read.snapshot = snapshot;
  if (from == ReadFrom::kMemory) read.read_tier = rocksdb::kBlockCacheTier;
  rocksdb::PinnableSlice pinned(&value);
  const rocksdb::Status status = db_->Get(read, handle(family), slice(key), &pinned);
  if (status.IsNotFound()) return Lookup::kAbsent;
  if (status.IsIncomplete()) return Lookup::kWouldBlock;
  if (!status.ok()) return index_failure(status, "read the index");
  if (pinned.IsPinned()) value.assign(pinned.data(), pinned.size());
  return Lookup::kFound;
}

std::unique_ptr<rocksdb::Iterator> Index::iterate(Family family, const rocksdb::Slice* upper_bound) const {
  rocksdb::ReadOptions read;
  read.iterate_upper_bound = upper_bound;
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(read, handle(family)));
}

Result<void> Index::status_of(const rocksdb::Iterator& iterator) {
  const rocksdb::Status status = iterator.status();
  if (!status.ok()) return index_failure(status, "list the index");
  return {};
}

Result<void> Index::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions write;
  write.sync = true;
  const rocksdb::Status status = db_->Write(write, &batch);
  if (!status.ok()) return index_failure(status, "write the log of the index");
  return {};
}

}  // namespace tarn::store
