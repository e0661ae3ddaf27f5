#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/byte_source.h"
#include "async/deadline.h"
#include "async/task.h"
#include "base/bytes.h"
#include "base/clock.h"

namespace tarn::store {

using async::ByteSource;

/// Error::reason of the stores, beside the code.
inline constexpr std::string_view kNoSuchBucket = "no_such_bucket";
inline constexpr std::string_view kNoSuchKey = "no_such_key";
inline constexpr std::string_view kNoSuchUpload = "no_such_upload";
inline constexpr std::string_view kBucketNotEmpty = "bucket_not_empty";
inline constexpr std::string_view kInvalidRange = "invalid_range";
inline constexpr std::string_view kInvalidPart = "invalid_part";
inline constexpr std::string_view kInvalidPartOrder = "invalid_part_order";
inline constexpr std::string_view kPartTooSmall = "part_too_small";
inline constexpr std::string_view kReadOnly = "read_only";

/// The longest key, in bytes of UTF-8 (S3's limit).
inline constexpr std::size_t kMaxKeyBytes = 1024;
/// The most entries of one page of a listing.
inline constexpr std::size_t kMaxPageEntries = 1000;

/// Errors: kInvalidArgument for a key that is empty, over kMaxKeyBytes or no UTF-8.
Result<void> validate_key(std::string_view key);

/// Where an object is. Any UTF-8 of 1 to 1,024 bytes is a key: "a" beside "a/b", "..", a trailing slash.
struct ObjectKey {
  std::string bucket;
  std::string key;

  ObjectKey(std::string bucket_name, std::string key_name) : bucket(std::move(bucket_name)), key(std::move(key_name)) {}
  /// "bucket/key", for messages.
  std::string path() const { return bucket + "/" + key; }

  auto operator<=>(const ObjectKey&) const = default;
};

/// What must hold for a put to be applied (RFC 9110 section 13; S3's conditional writes).
class PutCondition {
 public:
  /// Whatever is there is replaced.
  static PutCondition none() { return PutCondition(Kind::kNone, {}); }
  /// Nothing may be there: If-None-Match: *.
  static PutCondition if_absent() { return PutCondition(Kind::kIfAbsent, {}); }
  /// What is there has this ETag (without quotes), or, for "*", something is there: If-Match.
  static PutCondition if_match(std::string etag) { return PutCondition(Kind::kIfMatch, std::move(etag)); }

  bool is_none() const { return kind_ == Kind::kNone; }
  bool is_if_absent() const { return kind_ == Kind::kIfAbsent; }
  bool is_if_match() const { return kind_ == Kind::kIfMatch; }
  const std::string& etag() const { return etag_; }

 private:
  enum class Kind : std::uint8_t { kNone, kIfAbsent, kIfMatch };
  PutCondition(Kind kind, std::string etag) : kind_(kind), etag_(std::move(etag)) {}
  Kind kind_;
  std::string etag_;
};

/// Which bytes of an object: all, `first`..`last` (both inclusive), from `first` on, or the last `suffix_length`.
struct ByteRange {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;
  std::optional<std::uint64_t> suffix_length;

  static ByteRange all() { return {}; }
  static ByteRange between(std::uint64_t first, std::uint64_t last) { return {first, last, {}}; }
  static ByteRange from(std::uint64_t first) { return {first, {}, {}}; }
  static ByteRange suffix(std::uint64_t length) { return {{}, {}, length}; }
  bool is_all() const { return !first && !suffix_length; }
};

/// A range that fits an object of known size.
struct ResolvedRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Cuts a range to an object's size (RFC 9110 section 14.1.2). Errors: kInvalidArgument/kInvalidRange when no byte of
/// the object is in it.
Result<ResolvedRange> resolve(const ByteRange& range, std::uint64_t object_size);

/// What a store knows of an object beside its bytes.
struct ObjectSummary {
  std::string key;
  std::uint64_t size = 0;  ///< bytes
  std::string etag;        ///< without quotes; the MD5 in hex of a simple put, S3's "md5-N" of a multipart one
  Timestamp last_modified{};
};

/// One page of a listing, in byte order of keys.
struct ListPage {
  std::vector<ObjectSummary> objects;
  /// With a delimiter: each prefix that ends in it, once, in place of the keys below it. Sorted.
  std::vector<std::string> common_prefixes;
  bool is_truncated = false;
  /// Opaque; given back as ListQuery::continuation it yields the next page. Empty on the last one.
  std::string continuation;
};

struct ListQuery {
  std::string prefix{};
  std::string delimiter{};  ///< empty: none
  /// Only keys and common prefixes after this, in byte order; ignored with a continuation. With a delimiter, a value
  /// inside a common prefix is past that prefix, so the last entry of a page always leads to the next.
  std::string start_after{};
  std::string continuation{};  ///< a former page's token
  std::size_t limit = 1000;    ///< keys and common prefixes together, 1 to kMaxPageEntries
};

/// An object being read. The bytes are those of one version, whatever is written meanwhile.
struct ObjectReader {
  ObjectSummary summary;
  ResolvedRange range;
  std::unique_ptr<ByteSource> body;  ///< `range.length` bytes; never null
};

/// An object in memory.
struct StoredBytes {
  std::string etag;
  Bytes bytes;
};

/// What the catalog needs of a store. Thread-safe: any number of calls at once, from any executor.
///
/// Errors of every call: kNotFound/kNoSuchBucket; kInvalidArgument for a key that is empty, over kMaxKeyBytes or no
/// UTF-8; kDeadlineExceeded and kUnavailable: not applied; kCorrupt: stored bytes fail their checksum;
/// kPermissionDenied.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Stores all of `body` or nothing; durable on return: everything it needs after a power cut is synced. Returns the
  /// new ETag, without quotes. It identifies content, not a version. Errors: kPreconditionFailed: the store holds
  /// something else (for if_match on a missing key: kNotFound/kNoSuchKey); nothing changed. kNoSpace, kTooLarge,
  /// kUnavailable, kDeadlineExceeded: certainly not applied. kOutcomeUnknown: it may or may not have been applied, and
  /// may yet be, so read back before deciding. Implementations never retry a conditional put.
  virtual Task<std::string> put(ObjectKey key, Bytes body, PutCondition condition, Deadline deadline) = 0;

  /// Errors: kNotFound/kNoSuchKey; kInvalidArgument/kInvalidRange. The reader must not outlive the store.
  virtual Task<ObjectReader> get(ObjectKey key, ByteRange range, Deadline deadline) = 0;

  /// Errors: kNotFound/kNoSuchKey.
  virtual Task<ObjectSummary> head(ObjectKey key, Deadline deadline) = 0;

  /// Success too when nothing was there. Durable on return. Errors: kOutcomeUnknown as for put.
  virtual Task<void> remove(ObjectKey key, Deadline deadline) = 0;

  /// One page; there is no cap on their number. A put that returned before list was called is in it. Errors:
  /// kInvalidArgument for a continuation that is none of this store's, or a limit outside 1 to 1,000.
  virtual Task<ListPage> list(std::string bucket, ListQuery query, Deadline deadline) = 0;
};

/// The whole of a small object. Errors: kTooLarge over `limit_bytes`; those of get.
Task<StoredBytes> get_bytes(ObjectStore& store, ObjectKey key, std::size_t limit_bytes, Deadline deadline);

}  // namespace tarn::store
