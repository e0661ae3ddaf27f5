#include <algorithm>
#include <chrono>
#include <utility>

#include "store/disk_engine_internal.h"
#include "store/listing_internal.h"
#include "store/rules_internal.h"

namespace tarn::store {
namespace {

using namespace std::chrono_literals;

/// How long a measurement of the free space is believed.
constexpr auto kMeasurementAge = 100ms;
/// How often an object may be replaced while one reader looks for its bytes.
constexpr int kMaxFindAttempts = 100;

rocksdb::Slice slice(ByteView bytes) {
  return {bytes.data(), bytes.size()};
}

ByteView view(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

std::int64_t steady_nanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch() / 1ns;
}

}  // namespace

DiskStore::Engine::Engine(DiskStoreOptions store_options, async::ThreadPool& thread_pool, const Clock& wall_clock,
                          Random& random, Metrics& metrics_registry, StoreFolder store_folder, DiskStoreSeams seams)
    : options(std::move(store_options)),
      pool(thread_pool),
      clock(wall_clock),
      ids(wall_clock, random),
      metrics(metrics_registry),
      folder(std::move(store_folder)),
      file_system(seams.file_system != nullptr ? *seams.file_system : posix_file_system),
      blobs(file_system, folder.blobs_path()) {}

Result<void> DiskStore::Engine::start(rocksdb::Env* env) {
  TARN_TRY_VOID(blobs.create());
  IndexOptions index_options;
  index_options.block_cache_bytes = options.index_cache_bytes;
  index_options.write_buffer_bytes = options.index_write_buffer_bytes;
  index_options.env = env;
  TARN_TRY(index, Index::open(folder.index_path(), index_options));
  // The names of blobs/ and, which RocksDB leaves to us, of index/.
  TARN_TRY_VOID(file_system.sync_folder(folder.path()));
  TARN_TRY_VOID(load_buckets());
  TARN_TRY_VOID(sweep());
  TARN_TRY(const std::uint64_t free_bytes, file_system.free_bytes(folder.path()));
  reserve_bytes_ = std::min(options.reserved_bytes, free_bytes / 20);
  garbage.emplace(blobs, metrics.removed_blobs);
  committer.emplace(*index, buckets, *garbage, metrics);
  return {};
}

Result<void> DiskStore::Engine::load_buckets() {
  const Bytes end = after_all_with_prefix(kBucketIndexPrefix);
  const rocksdb::Slice upper_bound = slice(end);
  const auto records = index->iterate(Family::kState, &upper_bound);
  for (records->Seek(slice(kBucketIndexPrefix)); records->Valid(); records->Next()) {
    TARN_TRY(const Timestamp created_at, decode_bucket(view(records->value())));
    const ByteView name = view(records->key()).substr(kBucketIndexPrefix.size());
    buckets.add({.name = std::string(name), .created_at = created_at});
  }
  return Index::status_of(*records);
}

Result<void> DiskStore::Engine::sweep() {
  Bytes ignored;
  return blobs.for_each_blob([&](const Uuid& id) -> Result<void> {
    TARN_TRY(const Lookup counted, index->get(Family::kState, reference_index_key(id), ignored));
    if (counted == Lookup::kFound) return {};
    TARN_TRY_VOID(blobs.remove_blob(id));
    metrics.swept_blobs.add();
    return {};
  });
}

std::unexpected<Error> DiskStore::Engine::not_found(const ObjectKey& key) const {
  if (!buckets.contains(key.bucket)) return no_such_bucket(key.bucket);
  return no_such_key(key);
}

Result<Uuid> DiskStore::Engine::require_upload(const ObjectKey& key, const std::string& upload_id) const {
  TARN_TRY_VOID(validate_key(key.key));
  if (!buckets.contains(key.bucket)) return no_such_bucket(key.bucket);
  const auto upload = parse_upload_id(upload_id);
  if (!upload) return no_such_upload(key, upload_id);
  Bytes ignored;
  TARN_TRY(const Lookup lookup,
           index->get(Family::kState, upload_index_key(key.bucket, key.key, *upload), ignored, ReadFrom::kMemory));
  if (lookup == Lookup::kAbsent) return no_such_upload(key, upload_id);
  return *upload;
}

Result<Lookup> DiskStore::Engine::find_in_memory(const ObjectKey& key, bool with_content, FoundObject& found) const {
  Bytes value;
  TARN_TRY(const Lookup record,
           index->get(Family::kObjects, object_index_key(key.bucket, key.key), value, ReadFrom::kMemory));
  if (record != Lookup::kFound) return record;
  TARN_TRY(found.record, decode_object(value));
  if (!with_content) return Lookup::kFound;
  if (found.record.content.kind != ContentKind::kInline) return Lookup::kWouldBlock;
  TARN_TRY(const Lookup content, index->get(Family::kContents, content_index_key(found.record.content.id),
                                            found.inline_value, ReadFrom::kMemory));
  // Absent: the object was replaced between the two looks.
  return content == Lookup::kFound ? Lookup::kFound : Lookup::kWouldBlock;
}

Result<FoundObject> DiskStore::Engine::find(const ObjectKey& key, bool with_content) {
  const Bytes index_key = object_index_key(key.bucket, key.key);
  Bytes value;
  for (int attempt = 0; attempt < kMaxFindAttempts; ++attempt) {
    const Index::Snapshot snapshot(*index);
    TARN_TRY(const Lookup lookup, index->get(Family::kObjects, index_key, value, ReadFrom::kDisk, snapshot.get()));
    if (lookup != Lookup::kFound) return not_found(key);
    FoundObject found;
    TARN_TRY(found.record, decode_object(value));
    if (!with_content) return found;
    TARN_TRY(const bool is_settled, find_content(found, key, snapshot.get()));
    if (is_settled) return found;
  }
  return failure(ErrorCode::kUnavailable, key.path() + " is replaced faster than it can be found");
}

/// Fills in what is needed to read the bytes. False: the object was replaced meanwhile, and its blobs may be gone.
Result<bool> DiskStore::Engine::find_content(FoundObject& found, const ObjectKey& key,
                                             const rocksdb::Snapshot* snapshot) {
  const ContentRef content = found.record.content;
  const auto find_inline = [&](const Uuid& id) -> Result<void> {
    TARN_TRY(const Lookup lookup,
             index->get(Family::kContents, content_index_key(id), found.inline_value, ReadFrom::kDisk, snapshot));
    if (lookup != Lookup::kFound) return failure(ErrorCode::kCorrupt, "the bytes of " + key.path() + " are missing");
    return {};
  };
  if (content.kind == ContentKind::kInline) {
    TARN_TRY_VOID(find_inline(content.id));
    return true;
  }
  if (content.kind == ContentKind::kLayout) {
    Bytes value;
    TARN_TRY(const Lookup lookup,
             index->get(Family::kState, layout_index_key(content.id), value, ReadFrom::kDisk, snapshot));
    if (lookup != Lookup::kFound) return failure(ErrorCode::kCorrupt, "the layout of " + key.path() + " is missing");
    TARN_TRY(found.layout, decode_layout(value));
    if (found.layout.back().content.kind == ContentKind::kInline) {
      TARN_TRY_VOID(find_inline(found.layout.back().content.id));
    }
  } else {
    found.layout = {Segment{.content = content, .size = found.record.size}};
  }
  found.pin = garbage->pin(content.id);
  // Blobs are discarded after the commit that forgets them. If the index still knows them now, that is yet to come, and
  // will see the pin.
  Bytes value;
  TARN_TRY(const Lookup again, index->get(Family::kObjects, object_index_key(key.bucket, key.key), value));
  if (again != Lookup::kFound) return false;
  TARN_TRY(const ObjectHead current, decode_object_head(value));
  return current.content == content;
}

Result<ListPage> DiskStore::Engine::list(const std::string& bucket, const ListQuery& query) const {
  TARN_TRY(const std::string position, start_position(query));
  if (!buckets.contains(bucket)) return no_such_bucket(bucket);
  ListPage page;
  const auto first = first_candidate(query, position);
  if (!first) return page;
  const std::size_t key_offset = bucket.size() + 1;
  const Bytes end = after_all_with_prefix(object_index_key(bucket, query.prefix));
  const rocksdb::Slice upper_bound = slice(end);
  const auto records = index->iterate(Family::kObjects, &upper_bound);
  std::string last;
  records->Seek(slice(object_index_key(bucket, *first)));
  while (records->Valid()) {
    if (page.objects.size() + page.common_prefixes.size() == query.limit) {
      page.is_truncated = true;
      page.continuation = continuation_after(last);
      return page;
    }
    const ByteView key = view(records->key()).substr(key_offset);
    if (const auto common_prefix = common_prefix_of(key, query)) {
      last = *common_prefix;
      page.common_prefixes.push_back(last);
      records->Seek(slice(object_index_key(bucket, after_all_with_prefix(last))));
    } else {
      TARN_TRY(ObjectHead head, decode_object_head(view(records->value())));
      last = key;
      page.objects.push_back(
          {.key = last, .size = head.size, .etag = std::move(head.etag), .last_modified = head.last_modified});
      records->Next();
    }
  }
  TARN_TRY_VOID(Index::status_of(*records));
  return page;
}

Result<PartPage> DiskStore::Engine::list_parts(const ObjectKey& key, const Uuid& upload, int after_number,
                                               std::size_t limit) const {
  Bytes value;
  TARN_TRY(const Lookup lookup, index->get(Family::kState, upload_index_key(key.bucket, key.key, upload), value));
  if (lookup != Lookup::kFound) return no_such_upload(key, upload_id_text(upload));
  PartPage page;
  if (after_number >= kMaxPartNumber) return page;
  const Bytes end = after_all_with_prefix(part_index_prefix(upload));
  const rocksdb::Slice upper_bound = slice(end);
  const auto parts = index->iterate(Family::kState, &upper_bound);
  for (parts->Seek(slice(part_index_key(upload, std::max(after_number, 0) + 1))); parts->Valid(); parts->Next()) {
    if (page.parts.size() == limit) {
      page.is_truncated = true;
      return page;
    }
    TARN_TRY(const int number, decode_part_number(view(parts->key())));
    TARN_TRY(PartRecord part, decode_part(view(parts->value())));
    page.parts.push_back(
        {.number = number, .size = part.size, .etag = std::move(part.etag), .last_modified = part.last_modified});
  }
  TARN_TRY_VOID(Index::status_of(*parts));
  return page;
}

Result<UploadPage> DiskStore::Engine::list_uploads(const std::string& bucket, const std::string& prefix,
                                                   const std::string& after_key, const std::string& after_upload_id,
                                                   std::size_t limit) const {
  if (!buckets.contains(bucket)) return no_such_bucket(bucket);
  const Bytes first = upload_index_prefix(bucket, prefix);
  const Bytes end = after_all_with_prefix(first);
  const rocksdb::Slice upper_bound = slice(end);
  const auto uploads = index->iterate(Family::kState, &upper_bound);
  // The uploads of one key stand together, so at most those of `after_key` are passed over.
  uploads->Seek(slice(std::max(first, upload_index_prefix(bucket, after_key))));
  UploadPage page;
  for (; uploads->Valid(); uploads->Next()) {
    TARN_TRY(UploadIndexKey upload, decode_upload_index_key(bucket, view(uploads->key())));
    std::string id = upload_id_text(upload.upload);
    const bool is_after =
        upload.key > after_key || (upload.key == after_key && !after_upload_id.empty() && id > after_upload_id);
    if (!is_after) continue;
    if (page.uploads.size() == limit) {
      page.is_truncated = true;
      return page;
    }
    TARN_TRY(const UploadRecord record, decode_upload(view(uploads->value())));
    page.uploads.push_back(
        {.key = std::move(upload.key), .upload_id = std::move(id), .initiated_at = record.initiated_at});
  }
  TARN_TRY_VOID(Index::status_of(*uploads));
  return page;
}

Result<void> DiskStore::Engine::require_space(std::uint64_t bytes) {
  const std::int64_t now = steady_nanoseconds();
  if (now - measured_at_.load(std::memory_order_relaxed) > kMeasurementAge / 1ns) {
    TARN_TRY(const std::uint64_t free_bytes, file_system.free_bytes(folder.path()));
    measured_free_bytes_.store(free_bytes, std::memory_order_relaxed);
    measured_at_.store(now, std::memory_order_relaxed);
  }
  const std::uint64_t free_bytes = measured_free_bytes_.load(std::memory_order_relaxed);
  if (free_bytes >= reserve_bytes_ && free_bytes - reserve_bytes_ >= bytes) return {};
  return failure(ErrorCode::kNoSpace, "the disk of " + folder.path() + " has " + std::to_string(free_bytes) +
                                          " bytes free, of which " + std::to_string(reserve_bytes_) + " are kept back");
}

}  // namespace tarn::store
