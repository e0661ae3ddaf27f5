// Arbitrary bytes as a manifest: none may crash the decoder, and what it accepts survives being written again.

#include <cstddef>
#include <cstdint>

#include "catalog/manifest_codec_internal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tarn;
  const std::string key = catalog::manifest_key("flights");

  const auto manifest = catalog::decode_manifest(ByteView(reinterpret_cast<const char*>(data), size), key);
  if (!manifest) {
    TARN_ASSERT(manifest.error().code == ErrorCode::kCorrupt || manifest.error().code == ErrorCode::kUnsupported);
    return 0;
  }
  const auto written = catalog::encode_manifest(*manifest, columnar::Compression::kNone);
  TARN_ASSERT(written.has_value());
  TARN_ASSERT(catalog::decode_manifest(*written, key) == *manifest);
  return 0;
}
