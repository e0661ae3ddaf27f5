#include <algorithm>
#include <utility>

#include "store/listing_internal.h"
#include "store/operations_internal.h"
#include "store/rules_internal.h"

namespace tarn::store {
namespace {

rocksdb::Slice slice(ByteView bytes) {
  return {bytes.data(), bytes.size()};
}

ByteView view(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

void Batch::clear() {
  batch_.Clear();
  state_.clear();
  objects_.clear();
  garbage_.clear();
  created_buckets_.clear();
  removed_buckets_.clear();
}

Result<Batch::Applied> Batch::apply(Operation& operation) {
  // What changes buckets is judged by scanning the index, and changes what everything else is judged by: it has a batch
  // of its own.
  const bool is_of_buckets = std::holds_alternative<CreateBucketOperation>(operation) ||
                             std::holds_alternative<RemoveBucketOperation>(operation);
  const bool has_bucket_change = !created_buckets_.empty() || !removed_buckets_.empty();
  if (size() > 0 && (is_of_buckets || has_bucket_change)) return Applied::kNeedsFlush;
  return std::visit([this](auto& one) { return apply_one(one); }, operation);
}

Result<bool> Batch::get(Family family, ByteView key, Bytes& value) {
  const Overlay& overlay = family == Family::kObjects ? objects_ : state_;
  if (const auto found = overlay.find(key); found != overlay.end()) {
    if (!found->second) return false;
    value = *found->second;
    return true;
  }
  TARN_TRY(const Lookup lookup, index_.get(family, key, value));
  return lookup == Lookup::kFound;
}

void Batch::put(Family family, Bytes key, Bytes value) {
  batch_.Put(index_.handle(family), slice(key), slice(value)).PermitUncheckedError();
  (family == Family::kObjects ? objects_ : state_).insert_or_assign(std::move(key), std::move(value));
}

void Batch::erase(Family family, Bytes key) {
  batch_.Delete(index_.handle(family), slice(key)).PermitUncheckedError();
  (family == Family::kObjects ? objects_ : state_).insert_or_assign(std::move(key), std::nullopt);
}

bool Batch::holds_any(Family family, ByteView key_prefix) const {
  const Overlay& overlay = family == Family::kObjects ? objects_ : state_;
  const auto first = overlay.lower_bound(key_prefix);
  return first != overlay.end() && first->first.starts_with(key_prefix);
}

Result<std::optional<ObjectHead>> Batch::find_object(ByteView index_key) {
  TARN_TRY(const bool is_there, get(Family::kObjects, index_key, scratch_));
  if (!is_there) return std::nullopt;
  TARN_TRY(ObjectHead head, decode_object_head(scratch_));
  return head;
}

Result<void> Batch::require_bucket(const std::string& name) const {
  if (buckets_.contains(name)) return {};
  return no_such_bucket(name);
}

Result<UploadRecord> Batch::find_upload(const ObjectKey& key, const Uuid& upload) {
  TARN_TRY_VOID(require_bucket(key.bucket));
  TARN_TRY(const bool is_there, get(Family::kState, upload_index_key(key.bucket, key.key, upload), scratch_));
  if (!is_there) return no_such_upload(key, upload_id_text(upload));
  return decode_upload(scratch_);
}

// ---- content

void Batch::add_content(const NewContent& content) {
  if (content.ref.kind == ContentKind::kInline) {
    batch_.Put(index_.handle(Family::kContents), slice(content_index_key(content.ref.id)), slice(content.inline_value))
        .PermitUncheckedError();
  } else {
    put(Family::kState, reference_index_key(content.ref.id), encode_reference_count(1));
  }
}

Result<void> Batch::add_reference(const Uuid& id) {
  Bytes key = reference_index_key(id);
  TARN_TRY(const bool is_there, get(Family::kState, key, scratch_));
  if (!is_there) return failure(ErrorCode::kCorrupt, "the index refers to content that it does not count");
  TARN_TRY(const std::uint64_t count, decode_reference_count(scratch_));
  put(Family::kState, std::move(key), encode_reference_count(count + 1));
  return {};
}

Result<void> Batch::release_blob(const Uuid& blob, const Uuid& content) {
  Bytes key = reference_index_key(blob);
  TARN_TRY(const bool is_there, get(Family::kState, key, scratch_));
  // Nobody counts it: it is garbage already, and the sweep's.
  if (!is_there) return {};
  TARN_TRY(const std::uint64_t count, decode_reference_count(scratch_));
  if (count > 1) {
    put(Family::kState, std::move(key), encode_reference_count(count - 1));
    return {};
  }
  erase(Family::kState, std::move(key));
  garbage_.push_back({.content = content, .blob = blob});
  return {};
}

Result<void> Batch::release(const ContentRef& content) {
  switch (content.kind) {
    case ContentKind::kInline:
      batch_.Delete(index_.handle(Family::kContents), slice(content_index_key(content.id))).PermitUncheckedError();
      return {};
    case ContentKind::kBlob:
      return release_blob(content.id, content.id);
    case ContentKind::kLayout:
      break;
  }
  Bytes key = reference_index_key(content.id);
  TARN_TRY(const bool is_counted, get(Family::kState, key, scratch_));
  if (!is_counted) return {};
  TARN_TRY(const std::uint64_t count, decode_reference_count(scratch_));
  if (count > 1) {
    put(Family::kState, std::move(key), encode_reference_count(count - 1));
    return {};
  }
  TARN_TRY(const bool is_there, get(Family::kState, layout_index_key(content.id), scratch_));
  if (is_there) {
    TARN_TRY(const std::vector<Segment> layout, decode_layout(scratch_));
    for (const Segment& segment : layout) {
      if (segment.content.kind == ContentKind::kInline) {
        TARN_TRY_VOID(release(segment.content));
      } else {
        TARN_TRY_VOID(release_blob(segment.content.id, content.id));
      }
    }
  }
  erase(Family::kState, layout_index_key(content.id));
  erase(Family::kState, std::move(key));
  return {};
}

Result<void> Batch::release_parts(const Uuid& upload, const std::vector<CompletedPart>& kept) {
  const Bytes prefix = part_index_prefix(upload);
  const Bytes end = after_all_with_prefix(prefix);
  const rocksdb::Slice upper_bound = slice(end);
  const auto parts = index_.iterate(Family::kState, &upper_bound);
  for (parts->Seek(slice(prefix)); parts->Valid(); parts->Next()) {
    TARN_TRY(const int number, decode_part_number(view(parts->key())));
    const bool is_kept = std::ranges::binary_search(kept, number, {}, &CompletedPart::number);
    if (!is_kept) {
      TARN_TRY(const PartRecord part, decode_part(view(parts->value())));
      TARN_TRY_VOID(release(part.content));
    }
    erase(Family::kState, Bytes(view(parts->key())));
  }
  return Index::status_of(*parts);
}

// ---- objects

Result<Batch::Applied> Batch::apply_one(PutOperation& operation) {
  TARN_TRY_VOID(require_bucket(operation.key.bucket));
  Bytes index_key = object_index_key(operation.key.bucket, operation.key.key);
  TARN_TRY(const std::optional<ObjectHead> current, find_object(index_key));
  TARN_TRY_VOID(judge(operation.condition, operation.key, current ? &current->etag : nullptr));
  if (current) TARN_TRY_VOID(release(current->content));
  add_content(operation.content);
  put(Family::kObjects, std::move(index_key), operation.record);
  return Applied::kDone;
}

Result<Batch::Applied> Batch::apply_one(RemoveOperation& operation) {
  TARN_TRY_VOID(require_bucket(operation.key.bucket));
  Bytes index_key = object_index_key(operation.key.bucket, operation.key.key);
  TARN_TRY(const std::optional<ObjectHead> current, find_object(index_key));
  TARN_TRY_VOID(judge(operation.condition, operation.key, current ? &current->etag : nullptr));
  if (current) {
    TARN_TRY_VOID(release(current->content));
    erase(Family::kObjects, std::move(index_key));
  }
  return Applied::kDone;
}

Result<Batch::Applied> Batch::apply_one(CopyOperation& operation) {
  TARN_TRY_VOID(require_bucket(operation.source.bucket));
  TARN_TRY_VOID(require_bucket(operation.target.bucket));
  const Bytes source_key = object_index_key(operation.source.bucket, operation.source.key);
  // Inline bytes are copied from the index; those of this batch are not there yet.
  if (objects_.contains(source_key)) return Applied::kNeedsFlush;
  TARN_TRY(const bool is_there, get(Family::kObjects, source_key, scratch_));
  if (!is_there) return no_such_key(operation.source);
  TARN_TRY(ObjectRecord record, decode_object(scratch_));
  TARN_TRY_VOID(judge_source(operation.options, operation.source, record.etag));
  Bytes target_key = object_index_key(operation.target.bucket, operation.target.key);
  TARN_TRY(const std::optional<ObjectHead> current, find_object(target_key));
  TARN_TRY_VOID(judge(operation.options.condition, operation.target, current ? &current->etag : nullptr));

  if (record.content.kind == ContentKind::kInline) {
    NewContent copied;
    copied.ref = {.kind = ContentKind::kInline, .id = operation.inline_id};
    TARN_TRY(const Lookup found,
             index_.get(Family::kContents, content_index_key(record.content.id), copied.inline_value));
    if (found != Lookup::kFound) {
      return failure(ErrorCode::kCorrupt, "the bytes of " + operation.source.path() + " are missing");
    }
    // Bytes that fail their checksum get no second life.
    TARN_TRY_VOID(decode_inline(copied.inline_value));
    add_content(copied);
    record.content = copied.ref;
  } else {
    TARN_TRY_VOID(add_reference(record.content.id));
  }
  if (current) TARN_TRY_VOID(release(current->content));
  record.last_modified = operation.now;
  if (operation.options.headers) record.headers = *operation.options.headers;
  put(Family::kObjects, std::move(target_key), encode(record));
  operation.copied = {.key = operation.target.key,
                      .size = record.size,
                      .etag = std::move(record.etag),
                      .last_modified = record.last_modified};
  return Applied::kDone;
}

// ---- buckets

Result<Batch::Applied> Batch::apply_one(CreateBucketOperation& operation) {
  if (buckets_.contains(operation.name)) return bucket_exists(operation.name);
  put(Family::kState, bucket_index_key(operation.name), encode_bucket(operation.now));
  created_buckets_.push_back({.name = operation.name, .created_at = operation.now});
  return Applied::kDone;
}

Result<Batch::Applied> Batch::apply_one(RemoveBucketOperation& operation) {
  TARN_TRY_VOID(require_bucket(operation.name));
  const Bytes first = object_index_key(operation.name, "");
  const Bytes end = after_all_with_prefix(first);
  const rocksdb::Slice upper_bound = slice(end);
  const auto objects = index_.iterate(Family::kObjects, &upper_bound);
  objects->Seek(slice(first));
  if (objects->Valid()) return bucket_not_empty(operation.name);
  TARN_TRY_VOID(Index::status_of(*objects));

  const Bytes first_upload = upload_index_prefix(operation.name, "");
  const Bytes uploads_end = after_all_with_prefix(first_upload);
  const rocksdb::Slice uploads_upper_bound = slice(uploads_end);
  const auto uploads = index_.iterate(Family::kState, &uploads_upper_bound);
  for (uploads->Seek(slice(first_upload)); uploads->Valid(); uploads->Next()) {
    TARN_TRY(const UploadIndexKey upload, decode_upload_index_key(operation.name, view(uploads->key())));
    TARN_TRY_VOID(release_parts(upload.upload, {}));
    erase(Family::kState, Bytes(view(uploads->key())));
  }
  TARN_TRY_VOID(Index::status_of(*uploads));
  erase(Family::kState, bucket_index_key(operation.name));
  removed_buckets_.push_back(operation.name);
  return Applied::kDone;
}

// ---- multipart uploads

Result<Batch::Applied> Batch::apply_one(CreateUploadOperation& operation) {
  TARN_TRY_VOID(require_bucket(operation.key.bucket));
  put(Family::kState, upload_index_key(operation.key.bucket, operation.key.key, operation.upload), operation.record);
  return Applied::kDone;
}

Result<Batch::Applied> Batch::apply_one(PutPartOperation& operation) {
  TARN_TRY_VOID(find_upload(operation.key, operation.upload));
  Bytes index_key = part_index_key(operation.upload, operation.number);
  TARN_TRY(const bool replaces, get(Family::kState, index_key, scratch_));
  if (replaces) {
    TARN_TRY(const PartRecord former, decode_part(scratch_));
    TARN_TRY_VOID(release(former.content));
  }
  add_content(operation.content);
  put(Family::kState, std::move(index_key), operation.record);
  return Applied::kDone;
}

Result<Batch::Applied> Batch::apply_one(CompleteUploadOperation& operation) {
  TARN_TRY(UploadRecord upload, find_upload(operation.key, operation.upload));
  TARN_TRY_VOID(validate_part_list(operation.parts));
  // Its parts are found by scanning the index.
  if (holds_any(Family::kState, part_index_prefix(operation.upload))) return Applied::kNeedsFlush;

  CompletionCheck completion;
  ObjectRecord record;
  std::vector<Segment> layout;
  for (const CompletedPart& listed : operation.parts) {
    TARN_TRY(const bool is_there, get(Family::kState, part_index_key(operation.upload, listed.number), scratch_));
    if (!is_there) {
      TARN_TRY_VOID(completion.add(listed, nullptr));
    }
    TARN_TRY(const PartRecord part, decode_part(scratch_));
    const PartSummary summary{
        .number = listed.number, .size = part.size, .etag = part.etag, .last_modified = part.last_modified};
    TARN_TRY_VOID(completion.add(listed, &summary));
    record.size += part.size;
    layout.push_back({.content = part.content, .size = part.size});
  }
  TARN_TRY(record.etag, completion.finish());
  Bytes index_key = object_index_key(operation.key.bucket, operation.key.key);
  TARN_TRY(const std::optional<ObjectHead> current, find_object(index_key));
  TARN_TRY_VOID(judge(operation.condition, operation.key, current ? &current->etag : nullptr));

  TARN_TRY_VOID(release_parts(operation.upload, operation.parts));
  if (current) TARN_TRY_VOID(release(current->content));
  if (layout.size() == 1) {
    record.content = layout.front().content;
  } else {
    record.content = {.kind = ContentKind::kLayout, .id = operation.layout_id};
    put(Family::kState, layout_index_key(operation.layout_id), encode(layout));
    put(Family::kState, reference_index_key(operation.layout_id), encode_reference_count(1));
  }
  record.last_modified = operation.now;
  record.part_count = static_cast<int>(operation.parts.size());
  record.headers = std::move(upload.headers);
  record.tags = std::move(upload.tags);
  put(Family::kObjects, std::move(index_key), encode(record));
  erase(Family::kState, upload_index_key(operation.key.bucket, operation.key.key, operation.upload));
  operation.completed = {.key = operation.key.key,
                         .size = record.size,
                         .etag = std::move(record.etag),
                         .last_modified = record.last_modified};
  return Applied::kDone;
}

Result<Batch::Applied> Batch::apply_one(AbortUploadOperation& operation) {
  TARN_TRY_VOID(find_upload(operation.key, operation.upload));
  if (holds_any(Family::kState, part_index_prefix(operation.upload))) return Applied::kNeedsFlush;
  TARN_TRY_VOID(release_parts(operation.upload, {}));
  erase(Family::kState, upload_index_key(operation.key.bucket, operation.key.key, operation.upload));
  return Applied::kDone;
}

}  // namespace tarn::store
