#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <rocksdb/write_batch.h>

#include "base/bytes.h"
#include "base/result.h"
#include "base/uuid.h"
#include "store/blob_garbage_internal.h"
#include "store/bucket_store.h"
#include "store/bucket_table_internal.h"
#include "store/index_internal.h"
#include "store/index_records_internal.h"

namespace tarn::store {

// What the committer does: each operation is judged against the index and what its batch holds already, then added to
// the batch. Nothing here waits or knows threads.

/// New content that an operation brings: a blob file that is written and synced, or bytes to be kept inline.
struct NewContent {
  ContentRef ref;
  Bytes inline_value;  ///< as encode_inline made it; empty for a blob
};

struct PutOperation {
  ObjectKey key;
  PutCondition condition;
  Bytes record;  ///< encoded: the caller's thread has the time
  NewContent content;
};

struct RemoveOperation {
  ObjectKey key;
  RemoveCondition condition;
};

struct CopyOperation {
  ObjectKey source;
  ObjectKey target;
  CopyOptions options;
  Timestamp now{};
  Uuid inline_id;        ///< of the copied bytes, where they are inline
  ObjectSummary copied;  ///< set when applied
};

struct CreateBucketOperation {
  std::string name;
  Timestamp now{};
};

struct RemoveBucketOperation {
  std::string name;
};

struct CreateUploadOperation {
  ObjectKey key;
  Uuid upload;
  Bytes record;
};

struct PutPartOperation {
  ObjectKey key;
  Uuid upload;
  int number = 0;
  Bytes record;
  NewContent content;
};

struct CompleteUploadOperation {
  ObjectKey key;
  Uuid upload;
  std::vector<CompletedPart> parts;
  PutCondition condition;
  Timestamp now{};
  Uuid layout_id;           ///< of the layout, where there is more than one part
  ObjectSummary completed;  ///< set when applied
};

struct AbortUploadOperation {
  ObjectKey key;
  Uuid upload;
};

using Operation =
    std::variant<PutOperation, RemoveOperation, CopyOperation, CreateBucketOperation, RemoveBucketOperation,
                 CreateUploadOperation, PutPartOperation, CompleteUploadOperation, AbortUploadOperation>;

/// Changes on their way into the index, seen as if they were there already. One thread.
class Batch {
 public:
  Batch(const Index& index, const BucketTable& buckets) : index_(index), buckets_(buckets) {}

  enum class Applied : std::uint8_t {
    kDone,
    kNeedsFlush,  ///< it must see what this batch holds in the index itself: write the batch, then try again
  };
  /// Judges and adds one operation. It may be tried again in another batch after kNeedsFlush or an error. Errors:
  /// those that the operation's call in BucketStore promises, kCorrupt, kUnavailable; when the batch has grown all the
  /// same, it must be thrown away.
  Result<Applied> apply(Operation& operation);

  /// How many changes the batch holds.
  std::size_t size() const { return static_cast<std::size_t>(batch_.Count()); }
  std::size_t size_bytes() const { return batch_.GetDataSize(); }
  rocksdb::WriteBatch& write_batch() { return batch_; }
  /// What becomes true of buckets and blob files when the batch is written.
  const std::vector<BlobGarbage::Item>& garbage() const { return garbage_; }
  const std::vector<BucketSummary>& created_buckets() const { return created_buckets_; }
  const std::vector<std::string>& removed_buckets() const { return removed_buckets_; }

  void clear();

 private:
  using Overlay = std::map<Bytes, std::optional<Bytes>, std::less<>>;

  Result<Applied> apply_one(PutOperation& put);
  Result<Applied> apply_one(RemoveOperation& remove);
  Result<Applied> apply_one(CopyOperation& copy);
  Result<Applied> apply_one(CreateBucketOperation& create);
  Result<Applied> apply_one(RemoveBucketOperation& remove);
  Result<Applied> apply_one(CreateUploadOperation& create);
  Result<Applied> apply_one(PutPartOperation& put);
  Result<Applied> apply_one(CompleteUploadOperation& complete);
  Result<Applied> apply_one(AbortUploadOperation& abort);

  // The index as it will be. Families kState and kObjects only.
  Result<bool> get(Family family, ByteView key, Bytes& value);
  void put(Family family, Bytes key, Bytes value);
  void erase(Family family, Bytes key);
  bool holds_any(Family family, ByteView key_prefix) const;

  Result<std::optional<ObjectHead>> find_object(ByteView index_key);
  Result<void> require_bucket(const std::string& name) const;
  Result<UploadRecord> find_upload(const ObjectKey& key, const Uuid& upload);

  // Content is referred to by objects, parts and layouts, and goes with its last reference.
  void add_content(const NewContent& content);
  Result<void> add_reference(const Uuid& id);
  Result<void> release(const ContentRef& content);
  Result<void> release_blob(const Uuid& blob, const Uuid& content);
  Result<void> release_parts(const Uuid& upload, const std::vector<CompletedPart>& kept);

  const Index& index_;
  const BucketTable& buckets_;
  rocksdb::WriteBatch batch_;
  Overlay state_;
  Overlay objects_;
  Bytes scratch_;
  std::vector<BlobGarbage::Item> garbage_;
  std::vector<BucketSummary> created_buckets_;
  std::vector<std::string> removed_buckets_;
};

}  // namespace tarn::store
