// Every decoder of the index over arbitrary bytes: none may read out of bounds, and what one accepts encodes back to
// the same meaning.

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "store/index_records_internal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tarn::store;
  const tarn::ByteView bytes(reinterpret_cast<const char*>(data), size);

  if (const auto record = decode_object(bytes)) {
    const auto again = decode_object(encode(*record));
    TARN_ASSERT(again && again->size == record->size && again->etag == record->etag);
    TARN_ASSERT(again->content == record->content && again->headers == record->headers && again->tags == record->tags);
    const auto head = decode_object_head(bytes);
    TARN_ASSERT(head && head->size == record->size && head->content == record->content);
  }
  if (const auto record = decode_upload(bytes)) {
    const auto again = decode_upload(encode(*record));
    TARN_ASSERT(again && again->headers == record->headers && again->tags == record->tags);
  }
  if (const auto record = decode_part(bytes)) {
    const auto again = decode_part(encode(*record));
    TARN_ASSERT(again && again->size == record->size && again->content == record->content);
  }
  if (const auto layout = decode_layout(bytes)) TARN_ASSERT(decode_layout(encode(*layout)) == *layout);
  if (const auto created_at = decode_bucket(bytes)) {
    TARN_ASSERT(decode_bucket(encode_bucket(*created_at)) == *created_at);
  }
  if (const auto count = decode_reference_count(bytes)) {
    TARN_ASSERT(decode_reference_count(encode_reference_count(*count)) == *count);
  }
  if (const auto content = decode_inline(bytes)) TARN_ASSERT(encode_inline(*content) == bytes);
  if (const auto key = decode_upload_index_key("bucket", bytes))
    (void)upload_index_key("bucket", key->key, key->upload);
  (void)decode_part_number(bytes);
  if (const auto upload = parse_upload_id(bytes)) TARN_ASSERT(parse_upload_id(upload_id_text(*upload)) == upload);
  return 0;
}
