#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tarn {

/// Lower-case hexadecimal.
std::string hex_encode(ByteView bytes);
/// Reads either case; nothing for an odd length or a character that is no digit.
std::optional<Bytes> hex_decode(std::string_view text);

/// Standard base64 with padding (RFC 4648 section 4).
std::string base64_encode(ByteView bytes);
/// Reads exactly that; nothing for a wrong length, character or padding.
std::optional<Bytes> base64_decode(std::string_view text);

/// Percent-encodes all but RFC 3986's unreserved characters (A-Z a-z 0-9 - . _ ~), as SigV4 demands; '/' too.
std::string percent_encode(std::string_view text);
/// The same segment by segment: split at '/' first, then encode, so that '/' stays.
std::string percent_encode_path(std::string_view path);
/// Decodes %XX; '+' stays '+'. Nothing for a '%' that two hexadecimal digits do not follow.
std::optional<std::string> percent_decode(std::string_view text);

/// A JSON string literal, quotes included (RFC 8259 section 7). What is no UTF-8 becomes U+FFFD, byte by byte.
std::string json_quote(std::string_view text);

/// True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_valid_utf8(std::string_view text);

}  // namespace tarn
