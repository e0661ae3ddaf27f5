#pragma once

#include <cstddef>

#include <boost/json/value.hpp>

#include "base/bytes.h"
#include "base/result.h"

namespace tarn::catalog_api {

/// Parses one JSON text (RFC 8259) and nothing around it but white space. Refuses what Boost.JSON alone lets pass: an
/// object with a key twice; and bounds what it makes: kMaxJsonDepth levels, `max_values` values and keys. Errors:
/// kInvalidArgument saying what and where (a byte's offset, the key); kTooLarge.
Result<boost::json::value> parse_strict_json(ByteView text, std::size_t max_values);

}  // namespace tarn::catalog_api
