// Any method and path against a table like the catalog's. The input is "METHOD path".
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/router.h"

namespace {

tarn::Task<tarn::http::Response> answer(tarn::http::Request&, const tarn::http::PathParameters&) {
  co_return tarn::http::Response();
}

tarn::http::Router make_router() {
  tarn::http::Router router;
  router.add("GET", "/", answer);
  router.add("GET", "/v1/datasets", answer);
  router.add("GET", "/v1/datasets/{name}", answer);
  router.add("DELETE", "/v1/datasets/{name}", answer);
  router.add("POST", "/v1/datasets/{name}:undrop", answer);
  router.add("GET", "/v1/{name}/namespaces/{child}/tables/{table}", answer);
  router.add("POST", "/v1/{name}/namespaces/fixed/tables/{table}:x", answer);
  return router;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto router = make_router();
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const auto space = input.find(' ');
  if (space == std::string_view::npos) return 0;

  const auto path = input.substr(space + 1);
  const auto found = router.match(input.substr(0, space), path);

  if (found) {
    TARN_ASSERT(found->handler != nullptr);
    if (path.starts_with("/v1/datasets/")) TARN_ASSERT(!found->parameters["name"].empty());
  } else {
    const auto [status, allow] = found.error();
    TARN_ASSERT(status == 400 || status == 404 || status == 405);
    TARN_ASSERT((status == 405) == !allow.empty());
  }
  return 0;
}
