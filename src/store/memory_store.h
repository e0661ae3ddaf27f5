#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/bucket_store.h"

namespace tarn::store {

/// A BucketStore in memory: simple and obviously right, so that tests can hold other stores and their users to it.
/// Nothing is durable, nothing waits, whole bodies are held.
class MemoryStore final : public BucketStore {
 public:
  /// `clock` must outlive the store.
  explicit MemoryStore(const Clock& clock);

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

 private:
  struct Object {
    ObjectDetails details;
    Bytes bytes;
  };
  struct Part {
    PartSummary summary;
    Bytes bytes;
  };
  struct Upload {
    Timestamp initiated_at{};
    ObjectHeaders headers;
    std::map<std::string, std::string> tags;
    std::map<int, Part> parts;
  };
  using UploadKey = std::pair<std::string, std::string>;  // key, upload id
  struct Bucket {
    Timestamp created_at{};
    std::map<std::string, Object> objects;
    std::map<UploadKey, Upload> uploads;
  };

  // Each expects mutex_ to be held; what it returns points into buckets_.
  Result<Bucket*> find_bucket(const std::string& name);
  Result<Object*> find_object(const ObjectKey& key);
  Result<Upload*> find_upload(const ObjectKey& key, const std::string& upload_id);
  Result<void> judge(const ObjectKey& key, const PutCondition& condition);
  ObjectSummary store(const ObjectKey& key, Object object);

  Result<ObjectSummary> put_bytes(const ObjectKey& key, Bytes body, const PutCondition& condition, Object described);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
  int last_upload_ = 0;
};

}  // namespace tarn::store
