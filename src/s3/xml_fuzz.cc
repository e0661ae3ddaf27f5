#include <cstddef>
#include <cstdint>
#include <string_view>

#include "s3/answers_xml_internal.h"
#include "s3/requests_xml_internal.h"

// Every document that either side parses. What parses is written and parsed again: it must stay the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tarn::s3;
  const std::string_view input(reinterpret_cast<const char*>(data), size);

  (void)parse_delete_objects(input);
  (void)parse_create_bucket(input);
  (void)parse_list_buckets(input);
  (void)parse_create_upload(input);
  (void)parse_etag_result(input, "CopyObjectResult");
  (void)parse_list_parts(input);
  (void)parse_list_uploads(input);
  (void)parse_tagging(input);
  (void)parse_error(input);
  if (const auto parts = parse_complete_upload(input)) {
    for (const auto& part : *parts) {
      if (part.number < 0) return 0;  // not what clients write
    }
    const auto again = parse_complete_upload(complete_upload_document(*parts));
    if (!again || again->size() != parts->size()) __builtin_trap();
  }
  if (const auto page = parse_list_objects_v2(input)) {
    const auto again = parse_list_objects_v2(list_objects_v2_document({}, *page));
    if (!again || again->objects.size() != page->objects.size() || again->common_prefixes != page->common_prefixes) {
      __builtin_trap();
    }
  }
  return 0;
}
