#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/uuid.h"
#include "store/bucket_store.h"

namespace tarn::store {

// Keys and values of the disk store's index, as docs/formats/store.md lays them down. Pure functions; decoding trusts
// nothing. Errors of every decode: kCorrupt; kUnsupported for a record of a newer version.

/// Where an object's or a part's bytes are.
enum class ContentKind : std::uint8_t {
  kInline = 0,  ///< in the index's family of contents, under the id
  kBlob = 1,    ///< in the blob file of that id
  kLayout = 2,  ///< in the segments of the layout record of that id; never a part's
};

struct ContentRef {
  ContentKind kind = ContentKind::kInline;
  Uuid id;
  bool operator==(const ContentRef&) const = default;
};

struct ObjectRecord {
  std::uint64_t size = 0;
  Timestamp last_modified{};
  std::string etag;
  ContentRef content;
  int part_count = 0;  ///< 0: no multipart upload made it
  ObjectHeaders headers;
  std::map<std::string, std::string> tags;
  std::vector<ObjectChecksum> checksums;
};

/// The fields that listings and commits need, without the rest's allocations.
struct ObjectHead {
  std::uint64_t size = 0;
  Timestamp last_modified{};
  std::string etag;
  ContentRef content;
  int part_count = 0;
};

struct UploadRecord {
  Timestamp initiated_at{};
  ObjectHeaders headers;
  std::map<std::string, std::string> tags;
};

struct PartRecord {
  std::uint64_t size = 0;
  Timestamp last_modified{};
  std::string etag;
  ContentRef content;
};

/// One piece of a layout. Only the last may be inline: the others have at least kMinPartBytes.
struct Segment {
  ContentRef content;
  std::uint64_t size = 0;
  bool operator==(const Segment&) const = default;
};

Bytes encode(const ObjectRecord& record);
Result<ObjectRecord> decode_object(ByteView bytes);
Result<ObjectHead> decode_object_head(ByteView bytes);
Bytes encode(const UploadRecord& record);
Result<UploadRecord> decode_upload(ByteView bytes);
Bytes encode(const PartRecord& record);
Result<PartRecord> decode_part(ByteView bytes);
Bytes encode(const std::vector<Segment>& layout);
Result<std::vector<Segment>> decode_layout(ByteView bytes);
Bytes encode_bucket(Timestamp created_at);
Result<Timestamp> decode_bucket(ByteView bytes);
Bytes encode_reference_count(std::uint64_t count);
Result<std::uint64_t> decode_reference_count(ByteView bytes);

/// Inline bytes with their CRC32C in front.
Bytes encode_inline(ByteView bytes);
/// The bytes, verified, as a part of `value`. Errors: kCorrupt.
Result<ByteView> decode_inline(ByteView value);

// ---- keys of the family of objects

/// Orders by bucket, then by the key's bytes.
Bytes object_index_key(std::string_view bucket, std::string_view key);

// ---- keys of the family of contents

Bytes content_index_key(const Uuid& id);

// ---- keys of the default family: one letter says what the record is

Bytes bucket_index_key(std::string_view bucket);
Bytes upload_index_key(std::string_view bucket, std::string_view key, const Uuid& upload);
/// What the index keys of the uploads of this bucket, of keys that begin with `key_prefix`, begin with.
Bytes upload_index_prefix(std::string_view bucket, std::string_view key_prefix);
Bytes part_index_key(const Uuid& upload, int number);
Bytes part_index_prefix(const Uuid& upload);
Bytes layout_index_key(const Uuid& id);
/// How often a blob or a layout is referred to; without a record, it does not exist.
Bytes reference_index_key(const Uuid& id);
/// What every bucket's index key begins with.
inline constexpr std::string_view kBucketIndexPrefix = "b";

struct UploadIndexKey {
  std::string key;
  Uuid upload;
};
/// Takes apart an upload's index key of a known bucket. Errors: kCorrupt.
Result<UploadIndexKey> decode_upload_index_key(std::string_view bucket, ByteView index_key);
/// The number in a part's index key. Errors: kCorrupt.
Result<int> decode_part_number(ByteView index_key);

/// An upload's id as clients see it: 32 hexadecimal digits; nothing for what is none.
std::string upload_id_text(const Uuid& upload);
std::optional<Uuid> parse_upload_id(std::string_view text);

}  // namespace tarn::store
