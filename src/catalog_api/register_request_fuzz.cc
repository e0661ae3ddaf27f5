// The JSON request decoder: what it accepts is JSON, and means the same after a round trip; what it refuses has a
// reason.
#include <cstddef>
#include <cstdint>

#include <boost/json/parse.hpp>

#include "base/encoding.h"
#include "catalog_api/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace tarn;
  using namespace tarn::catalog_api;
  const ByteView body(reinterpret_cast<const char*>(bytes), size);

  const auto request = parse_register_request(body);

  if (!request) {
    TARN_ASSERT(!request.error().message.empty());
    TARN_ASSERT(request.error().code == ErrorCode::kInvalidArgument || request.error().code == ErrorCode::kTooLarge);
    TARN_ASSERT(parse_error(render_error("invalid_argument", request.error().message)));
    return 0;
  }
  boost::json::error_code error;
  boost::json::parse(boost::json::string_view(body.data(), body.size()), error);
  TARN_ASSERT(!error);
  TARN_ASSERT(is_valid_utf8(request->name));
  const auto again = parse_register_request(render_register_request(*request));
  TARN_ASSERT(again);
  TARN_ASSERT(again->name == request->name && again->schema_fingerprint == request->schema_fingerprint);
  TARN_ASSERT(again->objects == request->objects && again->row_count == request->row_count);
  TARN_ASSERT(again->columns == request->columns && again->properties == request->properties);
  return 0;
}
