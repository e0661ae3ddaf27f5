#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "catalog/catalog.h"

namespace tarn::catalog_api {

/// The catalog's JSON: bodies of requests and answers, both ways (design section 5, /openapi.json). Text is UTF-8;
/// where a string of ours is not, its foreign bytes are written as U+FFFD, so that every body is JSON.

/// What a request may have, on both wires.
inline constexpr std::size_t kMaxRequestBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxJsonDepth = 32;
/// Values and keys of one request: bounds the memory that a body can ask for. A request within catalog.h's limits has
/// fewer.
inline constexpr std::size_t kMaxJsonValues = 1'000'000;

/// What a page says of each dataset.
enum class DatasetView : std::uint8_t {
  kFull,
  kNames,  ///< dataset_id and name
};

// Servers write these...

/// Appends the dataset object. Costs well under a microsecond for a dataset of a few objects.
void append_dataset(Bytes& out, const catalog::Manifest& manifest);
Bytes render_dataset(const catalog::Manifest& manifest);
Bytes render_register_result(const catalog::RegisterResult& result);
Bytes render_page(const catalog::DatasetPage& page, DatasetView view);
/// {"error":{"code":...,"message":...}}
Bytes render_error(std::string_view code, std::string_view message);

// ... and read these. Strict: a field that is unknown, given twice or of another type than documented is refused, as is
// invalid UTF-8; null stands for an absent optional field. Errors: kInvalidArgument naming the field
// ("objects[3].size") and what was expected there; kTooLarge for more than kMaxJsonValues.
Result<catalog::RegisterRequest> parse_register_request(ByteView body);

// Clients write these...

Bytes render_register_request(const catalog::RegisterRequest& request);

// ... and read these. Fields that are unknown (a newer server's) are passed over. What the API does not tell is empty
// in a manifest that was read: recent_commits and idempotency. Errors: kInternal saying what the answer lacks.
Result<catalog::ManifestPtr> parse_dataset(ByteView body);
Result<catalog::RegisterResult> parse_register_result(ByteView body);
Result<catalog::DatasetPage> parse_page(ByteView body);

struct ErrorBody {
  std::string code;
  std::string message;
};
/// Nothing when the body is not an error of ours.
std::optional<ErrorBody> parse_error(ByteView body);

}  // namespace tarn::catalog_api
