#include <cstddef>
#include <cstdint>
#include <string>

#include "s3/aws_chunked_internal.h"

namespace {

using namespace tarn;

/// The payload, or nothing where the input is refused.
std::optional<Bytes> decode(s3::PayloadForm form, std::string_view encoded, std::size_t piece_bytes) {
  s3::AwsChunkedDecoder decoder(form,
                                {.key = {}, .timestamp = "20130524T000000Z", .scope = "s", .previous_signature = "0"});
  Bytes payload;
  while (!encoded.empty()) {
    ByteView input = encoded.substr(0, piece_bytes);
    encoded.remove_prefix(input.size());
    while (!input.empty()) {
      const std::size_t before = input.size();
      const auto piece = decoder.decode(input);
      if (!piece) return std::nullopt;
      if (input.size() == before) __builtin_trap();  // no progress
      payload += *piece;
    }
  }
  if (!decoder.finish()) return std::nullopt;
  return payload;
}

}  // namespace

// However the input is cut, it means the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr s3::PayloadForm kForms[] = {s3::PayloadForm::kStreamingSigned, s3::PayloadForm::kStreamingSignedTrailer,
                                        s3::PayloadForm::kStreamingUnsignedTrailer};
  for (const s3::PayloadForm form : kForms) {
    if (decode(form, input, 1 << 20) != decode(form, input, 1U + data[0] % 16)) __builtin_trap();
  }
  return 0;
}
