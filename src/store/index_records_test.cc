#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "store/index_records_internal.h"

namespace tarn::store {
namespace {

Timestamp at(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}

Uuid id_of(std::uint8_t last_byte) {
  Uuid id;
  for (std::uint8_t i = 0; i < 15; ++i) id.bytes[i] = i;
  id.bytes[15] = last_byte;
  return id;
}

ObjectRecord full_record() {
  return {.size = 5ULL << 40,
          .last_modified = at(1'795'000'000'123'456),
          .etag = "900150983cd24fb0d6963f7d28e17f72-12",
          .content = {.kind = ContentKind::kLayout, .id = id_of(7)},
          .part_count = 12,
          .headers = {.content_type = "text/csv",
                      .content_encoding = "gzip",
                      .content_language = "fr",
                      .content_disposition = "inline",
                      .cache_control = "no-cache",
                      .expires = "0",
                      .user_metadata = {{"a", "1"}, {"b", ""}}},
          .tags = {{"team", "ops"}},
          .checksums = {{.algorithm = "CRC32", .base64 = "AAAAAA=="}}};
}

TEST(IndexRecords, ObjectComesBackAsItWas) {
  const ObjectRecord record = full_record();

  const auto decoded = decode_object(encode(record));
  const auto head = decode_object_head(encode(record));

  ASSERT_TRUE(decoded && head);
  EXPECT_EQ(decoded->size, record.size);
  EXPECT_EQ(decoded->last_modified, record.last_modified);
  EXPECT_EQ(decoded->etag, record.etag);
  EXPECT_EQ(decoded->content, record.content);
  EXPECT_EQ(decoded->part_count, 12);
  EXPECT_EQ(decoded->headers, record.headers);
  EXPECT_EQ(decoded->tags, record.tags);
  EXPECT_EQ(decoded->checksums, record.checksums);
  EXPECT_EQ(head->size, record.size);
  EXPECT_EQ(head->etag, record.etag);
  EXPECT_EQ(head->content, record.content);
}

TEST(IndexRecords, BytesOfARecordAreThoseOfTheFormat) {
  // docs/formats/store.md; a change here is a new version.
  const ObjectRecord record{.size = 300,
                            .last_modified = at(1),
                            .etag = "e",
                            .content = {.kind = ContentKind::kBlob, .id = id_of(0xff)},
                            .part_count = 0,
                            .headers = {.content_type = "t"},
                            .tags = {},
                            .checksums = {}};

  EXPECT_EQ(hex_encode(encode(record)),
            "01"                                  // version
            "ac02"                                // size
            "0100000000000000"                    // last modified
            "01000102030405060708090a0b0c0d0eff"  // content: a blob
            "0165"                                // ETag
            "00"                                  // part count
            "010174");                            // content type
  EXPECT_EQ(hex_encode(encode_inline("123456789")), "839206e3" + hex_encode("123456789"));
  EXPECT_EQ(hex_encode(object_index_key("b", "k")), "62006b");
  EXPECT_EQ(hex_encode(part_index_key(id_of(0xff), 258)), "70000102030405060708090a0b0c0d0eff0102");
}

TEST(IndexRecords, UnknownFieldIsSkippedAndNewerVersionRefused) {
  Bytes bytes = encode(full_record());

  const auto with_field = decode_object(bytes + "\x63\x03new");
  bytes[0] = 2;
  const auto newer = decode_object(bytes);

  ASSERT_TRUE(with_field) << to_string(with_field.error());
  EXPECT_EQ(with_field->checksums, full_record().checksums);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, ErrorCode::kUnsupported);
}

TEST(IndexRecords, CutOffRecordIsCorrupt) {
  const Bytes object = encode(full_record());
  const Bytes part = encode(
      PartRecord{.size = 1, .last_modified = at(2), .etag = "e", .content = {.kind = ContentKind::kBlob, .id = {}}});
  const Bytes layout = encode(std::vector<Segment>{{.content = {.kind = ContentKind::kBlob, .id = {}}, .size = 1},
                                                   {.content = {.kind = ContentKind::kInline, .id = {}}, .size = 2}});
  // Up to the fixed fields' end every cut is noticed; optional fields may end anywhere between two of them.
  for (std::size_t size = 0; size < 40; ++size) EXPECT_FALSE(decode_object(object.substr(0, size))) << size;
  for (std::size_t size = 0; size < part.size(); ++size) EXPECT_FALSE(decode_part(part.substr(0, size))) << size;
  for (std::size_t size = 0; size < layout.size(); ++size) EXPECT_FALSE(decode_layout(layout.substr(0, size))) << size;
  EXPECT_FALSE(decode_object(object.substr(0, object.size() - 1)));
  EXPECT_TRUE(decode_part(part));
  EXPECT_TRUE(decode_layout(layout));
}

TEST(IndexRecords, LayoutKeepsItsSegmentsAndTheirOrder) {
  const std::vector<Segment> layout = {{.content = {.kind = ContentKind::kBlob, .id = id_of(1)}, .size = 5 << 20},
                                       {.content = {.kind = ContentKind::kBlob, .id = id_of(0)}, .size = 6 << 20},
                                       {.content = {.kind = ContentKind::kInline, .id = id_of(2)}, .size = 3}};

  EXPECT_EQ(decode_layout(encode(layout)), layout);
  EXPECT_FALSE(decode_layout(encode(std::vector<Segment>{layout[2], layout[0]}))) << "inline, and not the last";
  EXPECT_FALSE(decode_layout(encode(std::vector<Segment>{})));
}

TEST(IndexRecords, InlineBytesAreVerified) {
  Bytes value = encode_inline("small");

  EXPECT_EQ(decode_inline(value), "small");
  for (std::size_t i = 0; i < value.size(); ++i) {
    Bytes damaged = value;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    EXPECT_FALSE(decode_inline(damaged)) << i;
  }
  EXPECT_FALSE(decode_inline("123"));
  EXPECT_EQ(decode_inline(encode_inline("")), "");
}

TEST(IndexRecords, UploadKeysOrderByKeyThenUpload) {
  std::vector<std::string> keys = {"a", std::string("a\0", 2), std::string("a\0a", 3), "a\x01", "ab", "a/b", "b"};
  std::ranges::sort(keys);
  std::vector<Bytes> encoded;
  for (const auto& key : keys) {
    for (const std::uint8_t upload : {std::uint8_t{0}, std::uint8_t{255}}) {
      encoded.push_back(upload_index_key("bucket", key, id_of(upload)));
      const auto decoded = decode_upload_index_key("bucket", encoded.back());
      ASSERT_TRUE(decoded);
      EXPECT_EQ(decoded->key, key);
      EXPECT_EQ(decoded->upload, id_of(upload));
      EXPECT_TRUE(encoded.back().starts_with(upload_index_prefix("bucket", key.substr(0, 1))));
    }
  }

  EXPECT_TRUE(std::ranges::is_sorted(encoded));
}

TEST(IndexRecords, UploadIdsAreReadBack) {
  EXPECT_EQ(parse_upload_id(upload_id_text(id_of(9))), id_of(9));
  EXPECT_EQ(parse_upload_id("upload"), std::nullopt);
  EXPECT_EQ(parse_upload_id("00"), std::nullopt);
  EXPECT_EQ(parse_upload_id(""), std::nullopt);
}

}  // namespace
}  // namespace tarn::store
