#include "store/disk_store.h"

#include <utility>

#include "store/disk_engine_internal.h"
#include "store/listing_internal.h"
#include "store/operations_internal.h"
#include "store/rules_internal.h"
#include "store/transfer_internal.h"

namespace tarn::store {
namespace {

/// Commits what a stored body is part of. The blob stays where the index knows it, or may.
Task<void> commit_body(DiskStore::Engine& engine, Operation& operation, std::optional<UncommittedBlob>& blob,
                       Deadline deadline) {
  auto committed = co_await engine.committer->commit(operation, deadline);
  const bool may_be_known = committed || committed.error().code == ErrorCode::kOutcomeUnknown;
  if (blob && may_be_known) blob->keep();
  co_return committed;
}

ObjectDetails details_of(const ObjectKey& key, ObjectRecord record) {
  return {.summary = {.key = key.key,
                      .size = record.size,
                      .etag = std::move(record.etag),
                      .last_modified = record.last_modified},
          .headers = std::move(record.headers),
          .tags = std::move(record.tags),
          .checksums = std::move(record.checksums),
          .part_count = record.part_count > 0 ? std::optional(record.part_count) : std::nullopt};
}

Result<DetailedReader> open_found(DiskStore::Engine& engine, const ObjectKey& key, const ByteRange& range,
                                  FoundObject found) {
  TARN_TRY(const ResolvedRange resolved, resolve(range, found.record.size));
  ObjectDetails details = details_of(key, found.record);
  TARN_TRY(auto body, open_source(engine, std::move(found), resolved));
  return DetailedReader{.details = std::move(details), .range = resolved, .body = std::move(body)};
}

}  // namespace

DiskStoreMetrics::DiskStoreMetrics(Metrics& metrics)
    : commits(metrics.counter("tarn_store_commits_total", "Operations applied to the index.")),
      refused_commits(metrics.counter("tarn_store_refused_commits_total", "Operations not applied to the index.")),
      syncs(metrics.counter("tarn_store_log_syncs_total", "Synced writes of the index's log.")),
      is_read_only(metrics.gauge("tarn_store_read_only", "1 once a sync of the index's log failed.")),
      inline_bytes_put(metrics.counter("tarn_store_inline_put_bytes_total", "Bytes stored in the index.")),
      blob_bytes_put(metrics.counter("tarn_store_blob_put_bytes_total", "Bytes stored in files.")),
      bytes_got(metrics.counter("tarn_store_got_bytes_total", "Bytes read.")),
      corruptions(metrics.counter("tarn_store_corruptions_total", "Reads that found damaged or missing bytes.")),
      removed_blobs(metrics.counter("tarn_store_removed_blobs_total", "Files removed once nothing referred to them.")),
      swept_blobs(metrics.counter("tarn_store_swept_blobs_total", "Files without a record removed at a start.")) {}

Result<std::unique_ptr<DiskStore>> open_disk_store(DiskStoreOptions options, async::ThreadPool& pool,
                                                   const Clock& clock, Random& random, Metrics& metrics,
                                                   DiskStoreSeams seams) {
  if (options.inline_limit_bytes > kBlockBytes) {
    return failure(ErrorCode::kInvalidArgument, "inline_limit_bytes is over " + std::to_string(kBlockBytes));
  }
  TARN_TRY(StoreFolder folder, StoreFolder::open(options.folder));
  auto engine =
      std::make_unique<DiskStore::Engine>(std::move(options), pool, clock, random, metrics, std::move(folder), seams);
  if (auto started = engine->start(seams.env); !started) {
    return std::move(started).error().while_doing("open the store " + engine->folder.path());
  }
  return std::make_unique<DiskStore>(std::move(engine));
}

Result<std::unique_ptr<DiskStore>> DiskStore::open(DiskStoreOptions options, async::ThreadPool& pool,
                                                   const Clock& clock, Random& random, Metrics& metrics) {
  return open_disk_store(std::move(options), pool, clock, random, metrics, {});
}

DiskStore::DiskStore(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

DiskStore::~DiskStore() {
  close();
}

void DiskStore::close() {
  engine_.reset();
}

bool DiskStore::is_read_only() const {
  return engine_->committer->is_read_only();
}

// ---- objects

Task<std::string> DiskStore::put(ObjectKey key, Bytes body, PutCondition condition, Deadline deadline) {
  PutOptions options;
  options.condition = std::move(condition);
  auto put = co_await put_object(std::move(key), async::source_of(std::move(body)), std::move(options), deadline);
  if (!put) co_return std::unexpected(std::move(put).error());
  co_return std::move(put->etag);
}

Task<ObjectSummary> DiskStore::put_object(ObjectKey key, std::unique_ptr<ByteSource> body, PutOptions options,
                                          Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(key.key));
  TARN_CO_TRY_VOID(check(deadline, "put", key.path()));
  if (!engine_->buckets.contains(key.bucket)) co_return no_such_bucket(key.bucket);
  TARN_CO_TRY(StoredBody stored, co_await store_body(*engine_, *body, kMaxPutBytes, deadline));
  ObjectSummary summary{
      .key = key.key, .size = stored.size, .etag = std::move(stored.etag), .last_modified = engine_->clock.now()};
  ObjectRecord record{.size = summary.size,
                      .last_modified = summary.last_modified,
                      .etag = summary.etag,
                      .content = stored.content.ref,
                      .part_count = 0,
                      .headers = std::move(options.headers),
                      .tags = std::move(options.tags),
                      .checksums = {}};
  if (options.checksums) record.checksums = options.checksums();
  Operation operation = PutOperation{.key = std::move(key),
                                     .condition = std::move(options.condition),
                                     .record = encode(record),
                                     .content = std::move(stored.content)};
  TARN_CO_TRY_VOID(co_await commit_body(*engine_, operation, stored.blob, deadline));
  co_return summary;
}

Task<DetailedReader> DiskStore::get_object(ObjectKey key, ByteRange range, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(key.key));
  TARN_CO_TRY_VOID(check(deadline, "get", key.path()));
  FoundObject found;
  TARN_CO_TRY(const Lookup lookup, engine_->find_in_memory(key, true, found));
  if (lookup == Lookup::kAbsent) co_return engine_->not_found(key);
  if (lookup == Lookup::kFound) {
    auto opened = open_found(*engine_, key, range, std::move(found));
    if (!opened) co_return std::move(opened).error().while_doing("get " + key.path());
    co_return opened;
  }
  auto opened = co_await async::offload(engine_->pool, [&]() -> Result<DetailedReader> {
    TARN_TRY(FoundObject on_disk, engine_->find(key, true));
    return open_found(*engine_, key, range, std::move(on_disk));
  });
  if (!opened) co_return std::move(opened).error().while_doing("get " + key.path());
  co_return opened;
}

Task<ObjectReader> DiskStore::get(ObjectKey key, ByteRange range, Deadline deadline) {
  TARN_CO_TRY(DetailedReader reader, co_await get_object(std::move(key), range, deadline));
  co_return ObjectReader{
      .summary = std::move(reader.details.summary), .range = reader.range, .body = std::move(reader.body)};
}

Task<ObjectDetails> DiskStore::head_object(ObjectKey key, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(key.key));
  TARN_CO_TRY_VOID(check(deadline, "head", key.path()));
  FoundObject found;
  TARN_CO_TRY(const Lookup lookup, engine_->find_in_memory(key, false, found));
  if (lookup == Lookup::kAbsent) co_return engine_->not_found(key);
  if (lookup == Lookup::kWouldBlock) {
    TARN_CO_TRY(found, co_await async::offload(engine_->pool, [&] { return engine_->find(key, false); }));
  }
  co_return details_of(key, std::move(found.record));
}

Task<ObjectSummary> DiskStore::head(ObjectKey key, Deadline deadline) {
  TARN_CO_TRY(ObjectDetails details, co_await head_object(std::move(key), deadline));
  co_return std::move(details.summary);
}

Task<void> DiskStore::remove(ObjectKey key, Deadline deadline) {
  return remove_object(std::move(key), {}, deadline);
}

Task<void> DiskStore::remove_object(ObjectKey key, RemoveCondition condition, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(key.key));
  Operation operation = RemoveOperation{.key = std::move(key), .condition = std::move(condition)};
  co_return co_await engine_->committer->commit(operation, deadline);
}

Task<ListPage> DiskStore::list(std::string bucket, ListQuery query, Deadline deadline) {
  TARN_CO_TRY_VOID(check(deadline, "list", bucket));
  co_return co_await async::offload(engine_->pool, [&] { return engine_->list(bucket, query); });
}

Task<ObjectSummary> DiskStore::copy_object(ObjectKey source, ObjectKey target, CopyOptions options, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(source.key));
  TARN_CO_TRY_VOID(validate_key(target.key));
  TARN_CO_TRY_VOID(engine_->require_space(0));
  Operation operation = CopyOperation{.source = std::move(source),
                                      .target = std::move(target),
                                      .options = std::move(options),
                                      .now = engine_->clock.now(),
                                      .inline_id = engine_->ids.next(),
                                      .copied = {}};
  TARN_CO_TRY_VOID(co_await engine_->committer->commit(operation, deadline));
  co_return std::move(std::get<CopyOperation>(operation).copied);
}

// ---- buckets

Task<void> DiskStore::create_bucket(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_bucket_name(name));
  TARN_CO_TRY_VOID(engine_->require_space(0));
  Operation operation = CreateBucketOperation{.name = std::move(name), .now = engine_->clock.now()};
  co_return co_await engine_->committer->commit(operation, deadline);
}

Task<void> DiskStore::remove_bucket(std::string name, Deadline deadline) {
  Operation operation = RemoveBucketOperation{.name = std::move(name)};
  co_return co_await engine_->committer->commit(operation, deadline);
}

Task<BucketSummary> DiskStore::head_bucket(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(check(deadline, "head bucket", name));
  auto bucket = engine_->buckets.find(name);
  if (!bucket) co_return no_such_bucket(name);
  co_return *std::move(bucket);
}

Task<std::vector<BucketSummary>> DiskStore::list_buckets(Deadline deadline) {
  TARN_CO_TRY_VOID(check(deadline, "list", "buckets"));
  co_return engine_->buckets.all();
}

// ---- multipart uploads

Task<std::string> DiskStore::create_upload(ObjectKey key, PutOptions options, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(key.key));
  TARN_CO_TRY_VOID(engine_->require_space(0));
  const Uuid upload = engine_->ids.next();
  const UploadRecord record{
      .initiated_at = engine_->clock.now(), .headers = std::move(options.headers), .tags = std::move(options.tags)};
  Operation operation = CreateUploadOperation{.key = std::move(key), .upload = upload, .record = encode(record)};
  TARN_CO_TRY_VOID(co_await engine_->committer->commit(operation, deadline));
  co_return upload_id_text(upload);
}

Task<PartSummary> DiskStore::upload_part(ObjectKey key, std::string upload_id, int number,
                                         std::unique_ptr<ByteSource> body, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(key.key));
  TARN_CO_TRY_VOID(validate_part_number(number));
  TARN_CO_TRY_VOID(check(deadline, "upload part", key.path()));
  TARN_CO_TRY(const Uuid upload, engine_->require_upload(key, upload_id));
  TARN_CO_TRY(StoredBody stored, co_await store_body(*engine_, *body, kMaxPartBytes, deadline));
  PartSummary summary{
      .number = number, .size = stored.size, .etag = std::move(stored.etag), .last_modified = engine_->clock.now()};
  const PartRecord record{.size = summary.size,
                          .last_modified = summary.last_modified,
                          .etag = summary.etag,
                          .content = stored.content.ref};
  Operation operation = PutPartOperation{.key = std::move(key),
                                         .upload = upload,
                                         .number = number,
                                         .record = encode(record),
                                         .content = std::move(stored.content)};
  TARN_CO_TRY_VOID(co_await commit_body(*engine_, operation, stored.blob, deadline));
  co_return summary;
}

Task<PartPage> DiskStore::list_parts(ObjectKey key, std::string upload_id, int after_number, std::size_t limit,
                                     Deadline deadline) {
  TARN_CO_TRY_VOID(validate_page_limit(limit));
  TARN_CO_TRY_VOID(check(deadline, "list parts", key.path()));
  TARN_CO_TRY(const Uuid upload, engine_->require_upload(key, upload_id));
  co_return co_await async::offload(engine_->pool,
                                    [&] { return engine_->list_parts(key, upload, after_number, limit); });
}

Task<ObjectSummary> DiskStore::complete_upload(ObjectKey key, std::string upload_id, std::vector<CompletedPart> parts,
                                               PutCondition condition, Deadline deadline) {
  TARN_CO_TRY(const Uuid upload, engine_->require_upload(key, upload_id));
  Operation operation = CompleteUploadOperation{.key = std::move(key),
                                                .upload = upload,
                                                .parts = std::move(parts),
                                                .condition = std::move(condition),
                                                .now = engine_->clock.now(),
                                                .layout_id = engine_->ids.next(),
                                                .completed = {}};
  TARN_CO_TRY_VOID(co_await engine_->committer->commit(operation, deadline));
  co_return std::move(std::get<CompleteUploadOperation>(operation).completed);
}

Task<void> DiskStore::abort_upload(ObjectKey key, std::string upload_id, Deadline deadline) {
  TARN_CO_TRY(const Uuid upload, engine_->require_upload(key, upload_id));
  Operation operation = AbortUploadOperation{.key = std::move(key), .upload = upload};
  co_return co_await engine_->committer->commit(operation, deadline);
}

Task<UploadPage> DiskStore::list_uploads(std::string bucket, std::string prefix, std::string after_key,
                                         std::string after_upload_id, std::size_t limit, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_page_limit(limit));
  TARN_CO_TRY_VOID(check(deadline, "list uploads", bucket));
  co_return co_await async::offload(
      engine_->pool, [&] { return engine_->list_uploads(bucket, prefix, after_key, after_upload_id, limit); });
}

}  // namespace tarn::store
