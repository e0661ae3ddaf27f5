#include "store/memory_store.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "base/encoding.h"
#include "store/listing_internal.h"
#include "store/rules_internal.h"

namespace tarn::store {

MemoryStore::MemoryStore(const Clock& clock) : clock_(clock) {}

Result<MemoryStore::Bucket*> MemoryStore::find_bucket(const std::string& name) {
  const auto found = buckets_.find(name);
  if (found == buckets_.end()) return no_such_bucket(name);
  return &found->second;
}

Result<MemoryStore::Object*> MemoryStore::find_object(const ObjectKey& key) {
  TARN_TRY_VOID(validate_key(key.key));
  TARN_TRY(Bucket * bucket, find_bucket(key.bucket));
  const auto found = bucket->objects.find(key.key);
  if (found == bucket->objects.end()) return no_such_key(key);
  return &found->second;
}

Result<MemoryStore::Upload*> MemoryStore::find_upload(const ObjectKey& key, const std::string& upload_id) {
  TARN_TRY_VOID(validate_key(key.key));
  TARN_TRY(Bucket * bucket, find_bucket(key.bucket));
  const auto found = bucket->uploads.find({key.key, upload_id});
  if (found == bucket->uploads.end()) return no_such_upload(key, upload_id);
  return &found->second;
}

Result<void> MemoryStore::judge(const ObjectKey& key, const PutCondition& condition) {
  TARN_TRY_VOID(find_bucket(key.bucket));
  const auto object = find_object(key);
  return store::judge(condition, key, object ? &(*object)->details.summary.etag : nullptr);
}

ObjectSummary MemoryStore::store(const ObjectKey& key, Object object) {
  object.details.summary.key = key.key;
  object.details.summary.size = object.bytes.size();
  object.details.summary.last_modified = clock_.now();
  ObjectSummary summary = object.details.summary;
  buckets_.at(key.bucket).objects.insert_or_assign(key.key, std::move(object));
  return summary;
}

Result<ObjectSummary> MemoryStore::put_bytes(const ObjectKey& key, Bytes body, const PutCondition& condition,
                                             Object described) {
  const std::lock_guard lock(mutex_);
  TARN_TRY_VOID(judge(key, condition));
  described.details.summary.etag = hex_encode(md5(body));
  described.bytes = std::move(body);
  return store(key, std::move(described));
}

Task<std::string> MemoryStore::put(ObjectKey key, Bytes body, PutCondition condition, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(key.key));
  TARN_CO_TRY_VOID(check(deadline, "put", key.path()));
  TARN_CO_TRY(ObjectSummary summary, put_bytes(key, std::move(body), condition, {}));
  co_return std::move(summary.etag);
}

Task<ObjectSummary> MemoryStore::put_object(ObjectKey key, std::unique_ptr<ByteSource> body, PutOptions options,
                                            Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(key.key));
  TARN_CO_TRY(Bytes bytes, co_await async::read_all(*body, kMaxPutBytes));
  TARN_CO_TRY_VOID(check(deadline, "put", key.path()));
  Object described;
  described.details.headers = std::move(options.headers);
  described.details.tags = std::move(options.tags);
  if (options.checksums) described.details.checksums = options.checksums();
  co_return put_bytes(key, std::move(bytes), options.condition, std::move(described));
}

Task<DetailedReader> MemoryStore::get_object(ObjectKey key, ByteRange range, Deadline deadline) {
  TARN_CO_TRY_VOID(check(deadline, "get", key.path()));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(const Object* object, find_object(key));
  TARN_CO_TRY(const ResolvedRange resolved, resolve(range, object->bytes.size()));
  co_return DetailedReader{.details = object->details,
                           .range = resolved,
                           .body = async::source_of(object->bytes.substr(resolved.offset, resolved.length))};
}

Task<ObjectReader> MemoryStore::get(ObjectKey key, ByteRange range, Deadline deadline) {
  TARN_CO_TRY(DetailedReader reader, co_await get_object(std::move(key), range, deadline));
  co_return ObjectReader{
      .summary = std::move(reader.details.summary), .range = reader.range, .body = std::move(reader.body)};
}

Task<ObjectDetails> MemoryStore::head_object(ObjectKey key, Deadline deadline) {
  TARN_CO_TRY_VOID(check(deadline, "head", key.path()));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(const Object* object, find_object(key));
  co_return object->details;
}

Task<ObjectSummary> MemoryStore::head(ObjectKey key, Deadline deadline) {
  TARN_CO_TRY(ObjectDetails details, co_await head_object(std::move(key), deadline));
  co_return std::move(details.summary);
}

Task<void> MemoryStore::remove(ObjectKey key, Deadline deadline) {
  return remove_object(std::move(key), {}, deadline);
}

Task<void> MemoryStore::remove_object(ObjectKey key, RemoveCondition condition, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(key.key));
  TARN_CO_TRY_VOID(check(deadline, "remove", key.path()));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(Bucket * bucket, find_bucket(key.bucket));
  const auto found = bucket->objects.find(key.key);
  const bool is_there = found != bucket->objects.end();
  TARN_CO_TRY_VOID(store::judge(condition, key, is_there ? &found->second.details.summary.etag : nullptr));
  if (is_there) bucket->objects.erase(found);
  co_return Result<void>();
}

Task<ListPage> MemoryStore::list(std::string bucket, ListQuery query, Deadline deadline) {
  TARN_CO_TRY_VOID(check(deadline, "list", bucket));
  TARN_CO_TRY(std::string position, start_position(query));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(const Bucket* found, find_bucket(bucket));
  ListPage page;
  // The whole bucket, each time: nothing is simpler to believe.
  for (const auto& [key, object] : found->objects) {
    if (!key.starts_with(query.prefix)) continue;
    const auto common_prefix = common_prefix_of(key, query);
    const std::string entry(common_prefix.value_or(key));
    if (entry <= position) continue;
    if (page.objects.size() + page.common_prefixes.size() == query.limit) {
      page.is_truncated = true;
      page.continuation = continuation_after(position);
      break;
    }
    if (common_prefix) {
      page.common_prefixes.push_back(entry);
    } else {
      page.objects.push_back(object.details.summary);
    }
    position = entry;
  }
  co_return page;
}

Task<void> MemoryStore::create_bucket(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_bucket_name(name));
  TARN_CO_TRY_VOID(check(deadline, "create bucket", name));
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = buckets_.try_emplace(name);
  if (!is_new) co_return bucket_exists(name);
  at->second.created_at = clock_.now();
  co_return Result<void>();
}

Task<void> MemoryStore::remove_bucket(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(check(deadline, "remove bucket", name));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(const Bucket* bucket, find_bucket(name));
  if (!bucket->objects.empty()) co_return bucket_not_empty(name);
  buckets_.erase(name);
  co_return Result<void>();
}

Task<BucketSummary> MemoryStore::head_bucket(std::string name, Deadline deadline) {
  TARN_CO_TRY_VOID(check(deadline, "head bucket", name));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(const Bucket* bucket, find_bucket(name));
  co_return BucketSummary{.name = name, .created_at = bucket->created_at};
}

Task<std::vector<BucketSummary>> MemoryStore::list_buckets(Deadline deadline) {
  TARN_CO_TRY_VOID(check(deadline, "list", "buckets"));
  const std::lock_guard lock(mutex_);
  std::vector<BucketSummary> summaries;
  for (const auto& [name, bucket] : buckets_) summaries.push_back({.name = name, .created_at = bucket.created_at});
  co_return summaries;
}

Task<ObjectSummary> MemoryStore::copy_object(ObjectKey source, ObjectKey target, CopyOptions options,
                                             Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(target.key));
  TARN_CO_TRY_VOID(check(deadline, "copy", source.path()));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(const Object* found, find_object(source));
  TARN_CO_TRY_VOID(judge_source(options, source, found->details.summary.etag));
  TARN_CO_TRY_VOID(judge(target, options.condition));
  Object copy = *found;
  if (options.headers) copy.details.headers = *std::move(options.headers);
  co_return store(target, std::move(copy));
}

Task<std::string> MemoryStore::create_upload(ObjectKey key, PutOptions options, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_key(key.key));
  TARN_CO_TRY_VOID(check(deadline, "create upload", key.path()));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(Bucket * bucket, find_bucket(key.bucket));
  std::string id = "upload-" + std::to_string(++last_upload_);
  bucket->uploads.emplace(UploadKey{key.key, id}, Upload{.initiated_at = clock_.now(),
                                                         .headers = std::move(options.headers),
                                                         .tags = std::move(options.tags),
                                                         .parts = {}});
  co_return id;
}

Task<PartSummary> MemoryStore::upload_part(ObjectKey key, std::string upload_id, int number,
                                           std::unique_ptr<ByteSource> body, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_part_number(number));
  TARN_CO_TRY(Bytes bytes, co_await async::read_all(*body, kMaxPartBytes));
  TARN_CO_TRY_VOID(check(deadline, "upload part", key.path()));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(Upload * upload, find_upload(key, upload_id));
  PartSummary summary{
      .number = number, .size = bytes.size(), .etag = hex_encode(md5(bytes)), .last_modified = clock_.now()};
  upload->parts.insert_or_assign(number, Part{.summary = summary, .bytes = std::move(bytes)});
  co_return summary;
}

Task<PartPage> MemoryStore::list_parts(ObjectKey key, std::string upload_id, int after_number, std::size_t limit,
                                       Deadline deadline) {
  TARN_CO_TRY_VOID(validate_page_limit(limit));
  TARN_CO_TRY_VOID(check(deadline, "list parts", key.path()));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(const Upload* upload, find_upload(key, upload_id));
  PartPage page;
  for (auto at = upload->parts.upper_bound(after_number); at != upload->parts.end(); ++at) {
    if (page.parts.size() == limit) {
      page.is_truncated = true;
      break;
    }
    page.parts.push_back(at->second.summary);
  }
  co_return page;
}

Task<ObjectSummary> MemoryStore::complete_upload(ObjectKey key, std::string upload_id, std::vector<CompletedPart> parts,
                                                 PutCondition condition, Deadline deadline) {
  TARN_CO_TRY_VOID(check(deadline, "complete upload", key.path()));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(Upload * upload, find_upload(key, upload_id));
  TARN_CO_TRY_VOID(validate_part_list(parts));
  CompletionCheck completion;
  Bytes bytes;
  for (const CompletedPart& part : parts) {
    const auto found = upload->parts.find(part.number);
    TARN_CO_TRY_VOID(completion.add(part, found == upload->parts.end() ? nullptr : &found->second.summary));
    bytes += found->second.bytes;
  }
  TARN_CO_TRY(std::string etag, completion.finish());
  TARN_CO_TRY_VOID(judge(key, condition));
  Object object;
  object.details.summary.etag = std::move(etag);
  object.details.headers = std::move(upload->headers);
  object.details.tags = std::move(upload->tags);
  object.details.part_count = static_cast<int>(parts.size());
  object.bytes = std::move(bytes);
  buckets_.at(key.bucket).uploads.erase({key.key, upload_id});
  co_return store(key, std::move(object));
}

Task<void> MemoryStore::abort_upload(ObjectKey key, std::string upload_id, Deadline deadline) {
  TARN_CO_TRY_VOID(check(deadline, "abort upload", key.path()));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY_VOID(find_upload(key, upload_id));
  buckets_.at(key.bucket).uploads.erase({key.key, upload_id});
  co_return Result<void>();
}

Task<UploadPage> MemoryStore::list_uploads(std::string bucket, std::string prefix, std::string after_key,
                                           std::string after_upload_id, std::size_t limit, Deadline deadline) {
  TARN_CO_TRY_VOID(validate_page_limit(limit));
  TARN_CO_TRY_VOID(check(deadline, "list uploads", bucket));
  const std::lock_guard lock(mutex_);
  TARN_CO_TRY(const Bucket* found, find_bucket(bucket));
  UploadPage page;
  for (const auto& [where, upload] : found->uploads) {
    const auto& [key, id] = where;
    const bool is_after = key > after_key || (key == after_key && !after_upload_id.empty() && id > after_upload_id);
    if (!key.starts_with(prefix) || !is_after) continue;
    if (page.uploads.size() == limit) {
      page.is_truncated = true;
      break;
    }
    page.uploads.push_back({.key = key, .upload_id = id, .initiated_at = upload.initiated_at});
  }
  co_return page;
}

}  // namespace tarn::store
