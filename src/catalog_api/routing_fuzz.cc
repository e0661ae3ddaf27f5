// The HTTP routes, from the method to the answer: every request is answered, in the documented form. The input is
// "METHOD target\n", header lines "name: value\n", an empty line and the body.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "async/byte_source.h"
#include "async/runtime.h"
#include "async/thread_pool.h"
#include "catalog_api/fake_catalog.h"
#include "catalog_api/json.h"
#include "catalog_api/server.h"
#include "catalog_api/test_support.h"

namespace tarn::catalog_api {
namespace {

std::string_view take_until(std::string_view& rest, char end) {
  const auto size = std::min(rest.find(end), rest.size());
  const auto taken = rest.substr(0, size);
  rest.remove_prefix(std::min(size + 1, rest.size()));
  return taken;
}

http::Request request_of(std::string_view input) {
  http::Request request;
  auto line = take_until(input, '\n');
  request.method = take_until(line, ' ');
  request.target = line;
  request.headers.add("Host", "localhost");
  while (!input.empty()) {
    line = take_until(input, '\n');
    if (line.empty()) break;
    const auto name = take_until(line, ':');
    request.headers.add(name, line);
  }
  request.body = async::source_of(Bytes(input));
  request.id = "fuzz";
  return request;
}

struct Fixture {
  async::Runtime runtime{1};
  async::ThreadPool pool{"fuzz", 1};
  FakeCatalog catalog;
  Access access{{}};
  NullLogger logger;
  Metrics metrics;
  Server server{{catalog, access, pool, logger, metrics}, {}};
};

void check(const http::Response& response) {
  constexpr std::array kStatuses = {200, 201, 204, 304, 400, 403, 404, 405, 409, 413, 415};
  TARN_ASSERT(std::ranges::find(kStatuses, response.status) != kStatuses.end());
  TARN_ASSERT(response.headers.get("X-Request-Id") == "fuzz");
  if (response.status < 400) return;
  TARN_ASSERT(parse_error(std::get<Bytes>(response.body)));
}

}  // namespace
}  // namespace tarn::catalog_api

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace tarn::catalog_api;
  static Fixture fixture;  // a fuzzer has no main to make it in
  fixture.catalog.clear();
  fixture.catalog.put(full_manifest());
  auto request = request_of({reinterpret_cast<const char*>(bytes), size});

  const auto response = tarn::async::run(fixture.runtime, fixture.server.handle(request));

  TARN_ASSERT(response);
  check(*response);
  return 0;
}
