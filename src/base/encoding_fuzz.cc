// Every decoder over arbitrary bytes: none may read out of bounds, and what one accepts encodes back to the same
// meaning.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/result.h"
#include "base/uuid.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  if (const auto bytes = tarn::hex_decode(text)) TARN_ASSERT(tarn::hex_decode(tarn::hex_encode(*bytes)) == bytes);
  if (const auto bytes = tarn::base64_decode(text)) TARN_ASSERT(tarn::base64_encode(*bytes) == text);
  if (const auto bytes = tarn::percent_decode(text)) {
    TARN_ASSERT(tarn::percent_decode(tarn::percent_encode(*bytes)) == bytes);
  }
  TARN_ASSERT(tarn::percent_decode(tarn::percent_encode_path(text)) == text);
  TARN_ASSERT(tarn::is_valid_utf8(tarn::json_quote(text)));

  if (const auto uuid = tarn::Uuid::parse(text)) TARN_ASSERT(tarn::Uuid::parse(uuid->to_string()) == uuid);
  if (const auto time = tarn::parse_http_date(text)) TARN_ASSERT(tarn::to_http_date(*time) == text);
  if (const auto time = tarn::parse_iso_basic(text)) TARN_ASSERT(tarn::to_iso_basic(*time) == text);
  if (const auto time = tarn::parse_rfc3339(text)) tarn::to_rfc3339(*time);
  return 0;
}
