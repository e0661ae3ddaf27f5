#include <algorithm>
#include <utility>

#include "base/crc.h"
#include "base/encoding.h"
#include "store/index_records_internal.h"

namespace tarn::store {
namespace {

constexpr std::uint8_t kRecordVersion = 1;

/// Tags of the optional fields of a record. For ever: see docs/formats/store.md.
enum class Field : std::uint8_t {
  kContentType = 1,
  kContentEncoding = 2,
  kContentLanguage = 3,
  kContentDisposition = 4,
  kCacheControl = 5,
  kExpires = 6,
  kUserMetadata = 7,
  kTag = 8,
  kChecksum = 9,
};

class Encoder {
 public:
  explicit Encoder(std::size_t size_hint) { bytes_.reserve(size_hint); }

  void byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    byte(static_cast<std::uint8_t>(value));
  }
  void time(Timestamp value) {
    const auto microseconds = static_cast<std::uint64_t>(value.time_since_epoch().count());
    for (int shift = 0; shift < 64; shift += 8) byte(static_cast<std::uint8_t>(microseconds >> shift));
  }
  void text(std::string_view value) {
    varint(value.size());
    bytes_.append(value);
  }
  void content(const ContentRef& ref) {
    byte(static_cast<std::uint8_t>(ref.kind));
    raw(ref.id);
  }
  void field(Field tag, std::string_view value) {
    if (value.empty()) return;
    byte(static_cast<std::uint8_t>(tag));
    text(value);
  }
  void pair_field(Field tag, std::string_view first, std::string_view second) {
    Encoder pair(first.size() + second.size() + 4);
    pair.text(first);
    pair.text(second);
    field(tag, pair.bytes_);
  }
  void headers(const ObjectHeaders& headers) {
    field(Field::kContentType, headers.content_type);
    field(Field::kContentEncoding, headers.content_encoding);
    field(Field::kContentLanguage, headers.content_language);
    field(Field::kContentDisposition, headers.content_disposition);
    field(Field::kCacheControl, headers.cache_control);
    field(Field::kExpires, headers.expires);
    for (const auto& [name, value] : headers.user_metadata) pair_field(Field::kUserMetadata, name, value);
  }
  void tags(const std::map<std::string, std::string>& tags) {
    for (const auto& [name, value] : tags) pair_field(Field::kTag, name, value);
  }
  void raw(const Uuid& id) { bytes_.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()); }

  Bytes finish() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// Reads what Encoder wrote. After the first step beyond the end every value is zero or empty, and is_good() says so.
class Decoder {
 public:
  explicit Decoder(ByteView bytes) : rest_(bytes) {}

  std::uint8_t byte() {
    if (rest_.empty()) {
      is_good_ = false;
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      // The tenth byte has room for one bit.
      if (shift == 63 && next > 1) break;
      value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
    is_good_ = false;
    return 0;
  }
  Timestamp time() {
    std::uint64_t microseconds = 0;
    for (int shift = 0; shift < 64; shift += 8) microseconds |= static_cast<std::uint64_t>(byte()) << shift;
    return Timestamp(std::chrono::microseconds(static_cast<std::int64_t>(microseconds)));
  }
  std::string_view text() {
    const std::uint64_t size = varint();
    if (size > rest_.size()) {
      is_good_ = false;
      return {};
    }
    const std::string_view value = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(value.size());
    return value;
  }
  Uuid uuid() {
    Uuid id;
    if (rest_.size() < id.bytes.size()) {
      is_good_ = false;
      return id;
    }
    std::copy_n(rest_.begin(), id.bytes.size(), reinterpret_cast<char*>(id.bytes.data()));
    rest_.remove_prefix(id.bytes.size());
    return id;
  }
  ContentRef content() {
    const std::uint8_t kind = byte();
    if (kind > static_cast<std::uint8_t>(ContentKind::kLayout)) is_good_ = false;
    return {.kind = static_cast<ContentKind>(kind), .id = uuid()};
  }

  bool is_at_end() const { return rest_.empty() || !is_good_; }
  bool is_good() const { return is_good_; }

 private:
  ByteView rest_;
  bool is_good_ = true;
};

std::unexpected<Error> corrupt(std::string_view what) {
  return failure(ErrorCode::kCorrupt, "the index holds " + std::string(what) + " that does not decode");
}

/// Every record begins with its version.
Result<Decoder> open_record(ByteView bytes, std::string_view what) {
  Decoder decoder(bytes);
  const std::uint8_t version = decoder.byte();
  if (!decoder.is_good() || version == 0) return corrupt(what);
  if (version > kRecordVersion) {
    return failure(ErrorCode::kUnsupported, "the index holds " + std::string(what) + " of version " +
                                                std::to_string(version) + "; this program knows " +
                                                std::to_string(kRecordVersion));
  }
  return decoder;
}

void encode_head(Encoder& encoder, std::uint64_t size, Timestamp last_modified, const std::string& etag,
                 const ContentRef& content) {
  encoder.byte(kRecordVersion);
  encoder.varint(size);
  encoder.time(last_modified);
  encoder.content(content);
  encoder.text(etag);
}

/// Reads optional fields to the record's end into whichever of these the record has. A field of an unknown tag is a
/// later version's addition: skipped.
bool decode_fields(Decoder& decoder, ObjectHeaders& headers, std::map<std::string, std::string>& tags,
                   std::vector<ObjectChecksum>* checksums) {
  while (!decoder.is_at_end()) {
    const auto tag = static_cast<Field>(decoder.byte());
    const std::string_view value = decoder.text();
    if (!decoder.is_good()) return false;
    const auto pair = [&]() -> std::optional<std::pair<std::string, std::string>> {
      Decoder inner(value);
      std::string first(inner.text());
      std::string second(inner.text());
      if (!inner.is_good()) return std::nullopt;
      return std::pair(std::move(first), std::move(second));
    };
    switch (tag) {
      case Field::kContentType:
        headers.content_type = value;
        break;
      case Field::kContentEncoding:
        headers.content_encoding = value;
        break;
      case Field::kContentLanguage:
        headers.content_language = value;
        break;
      case Field::kContentDisposition:
        headers.content_disposition = value;
        break;
      case Field::kCacheControl:
        headers.cache_control = value;
        break;
      case Field::kExpires:
        headers.expires = value;
        break;
      case Field::kUserMetadata:
        if (auto entry = pair()) {
          headers.user_metadata.insert(*std::move(entry));
        } else {
          return false;
        }
        break;
      case Field::kTag:
        if (auto entry = pair()) {
          tags.insert(*std::move(entry));
        } else {
          return false;
        }
        break;
      case Field::kChecksum:
        if (auto entry = pair()) {
          if (checksums != nullptr) {
            checksums->push_back({.algorithm = std::move(entry->first), .base64 = std::move(entry->second)});
          }
        } else {
          return false;
        }
        break;
    }
  }
  return decoder.is_good();
}

Result<std::pair<ObjectHead, Decoder>> decode_head(ByteView bytes) {
  TARN_TRY(Decoder decoder, open_record(bytes, "an object"));
  ObjectHead head;
  head.size = decoder.varint();
  head.last_modified = decoder.time();
  head.content = decoder.content();
  head.etag = decoder.text();
  const std::uint64_t part_count = decoder.varint();
  if (!decoder.is_good() || part_count > kMaxPartNumber) return corrupt("an object");
  head.part_count = static_cast<int>(part_count);
  return std::pair(std::move(head), decoder);
}

Bytes key_of(char kind, const Uuid& id) {
  Bytes key(1, kind);
  key.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
  return key;
}

/// Keys may hold any byte, and another part follows: 00 becomes 00 FF, and the end is 00 01, so that the order of what
/// is encoded is the order of the keys.
void append_escaped(Bytes& out, std::string_view key) {
  for (const char byte : key) {
    out.push_back(byte);
    if (byte == '\0') out.push_back('\xff');
  }
}
constexpr std::string_view kEscapedEnd("\0\x01", 2);

}  // namespace

Bytes encode(const ObjectRecord& record) {
  Encoder encoder(128);
  encode_head(encoder, record.size, record.last_modified, record.etag, record.content);
  encoder.varint(static_cast<std::uint64_t>(record.part_count));
  encoder.headers(record.headers);
  encoder.tags(record.tags);
  for (const auto& checksum : record.checksums) {
    encoder.pair_field(Field::kChecksum, checksum.algorithm, checksum.base64);
  }
  return encoder.finish();
}

Result<ObjectHead> decode_object_head(ByteView bytes) {
  TARN_TRY(auto head, decode_head(bytes));
  return std::move(head.first);
}

Result<ObjectRecord> decode_object(ByteView bytes) {
  TARN_TRY(auto head, decode_head(bytes));
  auto& [fields, decoder] = head;
  ObjectRecord record{.size = fields.size,
                      .last_modified = fields.last_modified,
                      .etag = std::move(fields.etag),
                      .content = fields.content,
                      .part_count = fields.part_count,
                      .headers = {},
                      .tags = {},
                      .checksums = {}};
  if (!decode_fields(decoder, record.headers, record.tags, &record.checksums)) return corrupt("an object");
  return record;
}

Bytes encode(const UploadRecord& record) {
  Encoder encoder(64);
  encoder.byte(kRecordVersion);
  encoder.time(record.initiated_at);
  encoder.headers(record.headers);
  encoder.tags(record.tags);
  return encoder.finish();
}

Result<UploadRecord> decode_upload(ByteView bytes) {
  TARN_TRY(Decoder decoder, open_record(bytes, "an upload"));
  UploadRecord record;
  record.initiated_at = decoder.time();
  if (!decode_fields(decoder, record.headers, record.tags, nullptr)) return corrupt("an upload");
  return record;
}

Bytes encode(const PartRecord& record) {
  Encoder encoder(96);
  encode_head(encoder, record.size, record.last_modified, record.etag, record.content);
  return encoder.finish();
}

Result<PartRecord> decode_part(ByteView bytes) {
  TARN_TRY(Decoder decoder, open_record(bytes, "a part"));
  PartRecord record;
  record.size = decoder.varint();
  record.last_modified = decoder.time();
  record.content = decoder.content();
  record.etag = decoder.text();
  if (!decoder.is_good() || record.content.kind == ContentKind::kLayout) return corrupt("a part");
  return record;
}

Bytes encode(const std::vector<Segment>& layout) {
  Encoder encoder(4 + layout.size() * 24);
  encoder.byte(kRecordVersion);
  encoder.varint(layout.size());
  for (const Segment& segment : layout) {
    encoder.content(segment.content);
    encoder.varint(segment.size);
  }
  return encoder.finish();
}

Result<std::vector<Segment>> decode_layout(ByteView bytes) {
  TARN_TRY(Decoder decoder, open_record(bytes, "a layout"));
  const std::uint64_t count = decoder.varint();
  if (count == 0 || count > kMaxPartNumber) return corrupt("a layout");
  std::vector<Segment> layout;
  layout.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(count, bytes.size())));
  for (std::uint64_t i = 0; i < count && decoder.is_good(); ++i) {
    Segment segment;
    segment.content = decoder.content();
    segment.size = decoder.varint();
    const bool is_placed_right =
        segment.content.kind == ContentKind::kBlob || (segment.content.kind == ContentKind::kInline && i + 1 == count);
    if (!is_placed_right) return corrupt("a layout");
    layout.push_back(segment);
  }
  if (!decoder.is_good()) return corrupt("a layout");
  return layout;
}

Bytes encode_bucket(Timestamp created_at) {
  Encoder encoder(9);
  encoder.byte(kRecordVersion);
  encoder.time(created_at);
  return encoder.finish();
}

Result<Timestamp> decode_bucket(ByteView bytes) {
  TARN_TRY(Decoder decoder, open_record(bytes, "a bucket"));
  const Timestamp created_at = decoder.time();
  if (!decoder.is_good()) return corrupt("a bucket");
  return created_at;
}

Bytes encode_reference_count(std::uint64_t count) {
  Encoder encoder(10);
  encoder.varint(count);
  return encoder.finish();
}

Result<std::uint64_t> decode_reference_count(ByteView bytes) {
  Decoder decoder(bytes);
  const std::uint64_t count = decoder.varint();
  if (!decoder.is_good() || count == 0) return corrupt("a reference count");
  return count;
}

Bytes encode_inline(ByteView bytes) {
  const std::uint32_t crc = extend_crc32c(0, bytes);
  Bytes value;
  value.reserve(4 + bytes.size());
  for (int shift = 0; shift < 32; shift += 8) value.push_back(static_cast<char>(crc >> shift & 0xff));
  value.append(bytes);
  return value;
}

Result<ByteView> decode_inline(ByteView value) {
  if (value.size() < 4) return corrupt("inline bytes");
  std::uint32_t stored = 0;
  for (std::size_t i = 0; i < 4; ++i)
    stored |= static_cast<std::uint32_t>(static_cast<unsigned char>(value[i])) << (8 * i);
  value.remove_prefix(4);
  if (extend_crc32c(0, value) != stored) return failure(ErrorCode::kCorrupt, "inline bytes fail their checksum");
  return value;
}

Bytes object_index_key(std::string_view bucket, std::string_view key) {
  Bytes index_key;
  index_key.reserve(bucket.size() + 1 + key.size());
  index_key.append(bucket).push_back('\0');
  index_key.append(key);
  return index_key;
}

Bytes content_index_key(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

Bytes bucket_index_key(std::string_view bucket) {
  return Bytes(kBucketIndexPrefix).append(bucket);
}

Bytes upload_index_prefix(std::string_view bucket, std::string_view key_prefix) {
  Bytes index_key(1, 'u');
  index_key.append(bucket).push_back('\0');
  append_escaped(index_key, key_prefix);
  return index_key;
}

Bytes upload_index_key(std::string_view bucket, std::string_view key, const Uuid& upload) {
  Bytes index_key = upload_index_prefix(bucket, key);
  index_key.append(kEscapedEnd);
  index_key.append(reinterpret_cast<const char*>(upload.bytes.data()), upload.bytes.size());
  return index_key;
}

Result<UploadIndexKey> decode_upload_index_key(std::string_view bucket, ByteView index_key) {
  const Bytes prefix = upload_index_prefix(bucket, "");
  UploadIndexKey decoded;
  const std::size_t tail = kEscapedEnd.size() + decoded.upload.bytes.size();
  if (!index_key.starts_with(prefix) || index_key.size() < prefix.size() + tail) return corrupt("an upload's key");
  index_key.remove_prefix(prefix.size());
  const ByteView escaped = index_key.substr(0, index_key.size() - tail);
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    decoded.key.push_back(escaped[i]);
    if (escaped[i] == '\0') ++i;
  }
  std::copy_n(index_key.end() - static_cast<std::ptrdiff_t>(decoded.upload.bytes.size()), decoded.upload.bytes.size(),
              reinterpret_cast<char*>(decoded.upload.bytes.data()));
  return decoded;
}

Bytes part_index_prefix(const Uuid& upload) {
  return key_of('p', upload);
}

Bytes part_index_key(const Uuid& upload, int number) {
  Bytes key = part_index_prefix(upload);
  key.push_back(static_cast<char>(number >> 8 & 0xff));
  key.push_back(static_cast<char>(number & 0xff));
  return key;
}

Result<int> decode_part_number(ByteView index_key) {
  if (index_key.size() != 1 + Uuid().bytes.size() + 2) return corrupt("a part's key");
  const auto high = static_cast<unsigned char>(index_key[index_key.size() - 2]);
  const auto low = static_cast<unsigned char>(index_key[index_key.size() - 1]);
  return high << 8 | low;
}

Bytes layout_index_key(const Uuid& id) {
  return key_of('l', id);
}

Bytes reference_index_key(const Uuid& id) {
  return key_of('r', id);
}

std::string upload_id_text(const Uuid& upload) {
  return hex_encode(content_index_key(upload));
}

std::optional<Uuid> parse_upload_id(std::string_view text) {
  const auto raw = hex_decode(text);
  Uuid upload;
  if (!raw || raw->size() != upload.bytes.size()) return std::nullopt;
  std::copy_n(raw->begin(), upload.bytes.size(), reinterpret_cast<char*>(upload.bytes.data()));
  return upload;
}

}  // namespace tarn::store
