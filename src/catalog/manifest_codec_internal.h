#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "catalog/manifest.h"
#include "columnar/records.h"

namespace tarn::catalog {

/// The file-level key and value that say which format a manifest has (docs/formats/manifest.md). Another major number
/// means that this program would misread the file; a higher minor one only adds.
inline constexpr std::string_view kFormatVersionKey = "tarn.manifest.version";
inline constexpr int kFormatMajorVersion = 1;
inline constexpr std::string_view kFormatVersion = "1.0";

/// The longest manifest, as a file.
inline constexpr std::size_t kMaxManifestBytes = 64 << 20;

/// One Parquet file of one row. Errors: kTooLarge over kMaxManifestBytes; kInvalidArgument for what the format cannot
/// hold (text that is no UTF-8, a size over 2^63 - 1).
Result<Bytes> encode_manifest(const Manifest& manifest, columnar::Compression compression);

/// Reads the manifest at `key`, trusting nothing. Errors, each naming the key: kCorrupt for whatever is wrong with it,
/// a name that is not the key's included; kUnsupported for a newer major version.
Result<Manifest> decode_manifest(ByteView file, std::string_view key);

}  // namespace tarn::catalog
