#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/object_store.h"

namespace tarn::store {

/// The fewest bytes of a part that is not the last (S3's limit).
inline constexpr std::uint64_t kMinPartBytes = 5ULL << 20;
inline constexpr std::uint64_t kMaxPartBytes = 5ULL << 30;
inline constexpr int kMaxPartNumber = 10'000;
/// The longest body of one put.
inline constexpr std::uint64_t kMaxPutBytes = 5ULL << 30;

/// S3's rules: 3 to 63 characters of a-z, 0-9, '.' and '-', the first and the last a letter or digit, no two dots in a
/// row, not the form of an IPv4 address. Errors: kInvalidArgument.
Result<void> validate_bucket_name(std::string_view name);

struct BucketSummary {
  std::string name;
  Timestamp created_at{};
};

/// What travels with an object and comes back with it. Empty means not set.
struct ObjectHeaders {
  std::string content_type{};
  std::string content_encoding{};
  std::string content_language{};
  std::string content_disposition{};
  std::string cache_control{};
  std::string expires{};
  /// x-amz-meta-*: names in lower case without that prefix.
  std::map<std::string, std::string> user_metadata{};

  bool operator==(const ObjectHeaders&) const = default;
};

/// Client-verified checksums kept with an object, by S3's name of the algorithm ("CRC64NVME") to base64.
struct ObjectChecksum {
  std::string algorithm;
  std::string base64;
  bool operator==(const ObjectChecksum&) const = default;
};

struct ObjectDetails {
  ObjectSummary summary;
  ObjectHeaders headers;
  std::map<std::string, std::string> tags;
  std::vector<ObjectChecksum> checksums;
  std::optional<int> part_count;  ///< of an object that a multipart upload made
};

struct DetailedReader {
  ObjectDetails details;
  ResolvedRange range;
  std::unique_ptr<ByteSource> body;
};

struct PutOptions {
  PutCondition condition = PutCondition::none();
  ObjectHeaders headers{};
  std::map<std::string, std::string> tags{};
  /// Called after the body's end and before the commit, on the caller's executor: checksums that arrived in a trailer,
  /// to be kept with the object. May be empty.
  std::function<std::vector<ObjectChecksum>()> checksums{};
};

/// What must hold for a removal to be applied.
struct RemoveCondition {
  std::optional<std::string> if_match{};  ///< "*": anything, as long as something is there
};

struct CopyOptions {
  PutCondition condition = PutCondition::none();
  /// The source must have this ETag.
  std::optional<std::string> source_if_match{};
  /// In place of the source's own (x-amz-metadata-directive: REPLACE).
  std::optional<ObjectHeaders> headers{};
};

struct PartSummary {
  int number = 0;
  std::uint64_t size = 0;
  std::string etag;
  Timestamp last_modified{};
};

struct PartPage {
  std::vector<PartSummary> parts;  ///< ascending numbers
  bool is_truncated = false;
};

struct CompletedPart {
  int number = 0;
  std::string etag;
};

struct UploadSummary {
  std::string key;
  std::string upload_id;
  Timestamp initiated_at{};
};

struct UploadPage {
  std::vector<UploadSummary> uploads;  ///< by key, then upload id
  bool is_truncated = false;
};

/// What an S3 server needs beside ObjectStore. The same rules hold: thread-safe, durable on return, all or nothing,
/// one winner among conditional writers.
class BucketStore : public ObjectStore {
 public:
  /// Errors: kAlreadyExists; kInvalidArgument as validate_bucket_name says.
  virtual Task<void> create_bucket(std::string name, Deadline deadline) = 0;
  /// Unfinished uploads do not keep a bucket: they go with it. Errors: kNotFound/kNoSuchBucket;
  /// kConflict/kBucketNotEmpty while it holds an object.
  virtual Task<void> remove_bucket(std::string name, Deadline deadline) = 0;
  /// Errors: kNotFound/kNoSuchBucket.
  virtual Task<BucketSummary> head_bucket(std::string name, Deadline deadline) = 0;
  /// All of them, by name.
  virtual Task<std::vector<BucketSummary>> list_buckets(Deadline deadline) = 0;

  /// put with a body that streams: at most a stated few blocks are held. An error of `body` is returned as it is, and
  /// nothing becomes visible. Errors: those of put; kTooLarge over kMaxPutBytes.
  virtual Task<ObjectSummary> put_object(ObjectKey key, std::unique_ptr<ByteSource> body, PutOptions options,
                                         Deadline deadline) = 0;
  virtual Task<DetailedReader> get_object(ObjectKey key, ByteRange range, Deadline deadline) = 0;
  virtual Task<ObjectDetails> head_object(ObjectKey key, Deadline deadline) = 0;
  /// Errors: kPreconditionFailed; with a condition on a missing key kNotFound/kNoSuchKey.
  virtual Task<void> remove_object(ObjectKey key, RemoveCondition condition, Deadline deadline) = 0;
  /// Headers, tags and checksums travel along; a source that was a multipart upload keeps its ETag. Errors: kNotFound
  /// for the source or the target's bucket; kPreconditionFailed for either condition.
  virtual Task<ObjectSummary> copy_object(ObjectKey source, ObjectKey target, CopyOptions options,
                                          Deadline deadline) = 0;

  /// Returns the upload's id. Nothing is visible under `key` until complete_upload. Of `options` the headers and tags
  /// are kept for the object; the condition belongs to complete_upload.
  virtual Task<std::string> create_upload(ObjectKey key, PutOptions options, Deadline deadline) = 0;
  /// A part sent again replaces the former. Errors: kNotFound/kNoSuchUpload; kInvalidArgument for a number outside 1 to
  /// 10,000; kTooLarge over kMaxPartBytes; those of put_object.
  virtual Task<PartSummary> upload_part(ObjectKey key, std::string upload_id, int number,
                                        std::unique_ptr<ByteSource> body, Deadline deadline) = 0;
  /// Parts with greater numbers than `after_number`. Errors: kNotFound/kNoSuchUpload; kInvalidArgument for a limit
  /// outside 1 to 1,000.
  virtual Task<PartPage> list_parts(ObjectKey key, std::string upload_id, int after_number, std::size_t limit,
                                    Deadline deadline) = 0;
  /// Commits the listed parts, in that order, as one object; the others are dropped with the upload. `condition` is
  /// judged at this moment. The ETag is the MD5 of the parts' MD5s and their number: "hex-N". Errors:
  /// kInvalidArgument/kInvalidPart (unknown number or other ETag, or no part at all), /kInvalidPartOrder (numbers do
  /// not ascend), /kPartTooSmall (not the last and under kMinPartBytes); kNotFound/kNoSuchUpload; kPreconditionFailed.
  /// The upload stays after an error.
  virtual Task<ObjectSummary> complete_upload(ObjectKey key, std::string upload_id, std::vector<CompletedPart> parts,
                                              PutCondition condition, Deadline deadline) = 0;
  /// Drops an upload and its parts. Errors: kNotFound/kNoSuchUpload.
  virtual Task<void> abort_upload(ObjectKey key, std::string upload_id, Deadline deadline) = 0;
  /// Uploads of keys that begin with `prefix`, after (`after_key`, `after_upload_id`); with an empty id, after all of
  /// `after_key`. Errors: kInvalidArgument for a limit outside 1 to 1,000.
  virtual Task<UploadPage> list_uploads(std::string bucket, std::string prefix, std::string after_key,
                                        std::string after_upload_id, std::size_t limit, Deadline deadline) = 0;
};

}  // namespace tarn::store
