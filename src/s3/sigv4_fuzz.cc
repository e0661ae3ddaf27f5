#include <cstddef>
#include <cstdint>
#include <string>

#include "base/manual_clock.h"
#include "s3/sigv4.h"

// Headers and query of a request as an attacker writes them: nothing may pass, and nothing may break.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tarn;
  static const ManualClock clock(*parse_iso_basic("20130524T000000Z"));
  static const s3::SignatureVerifier verifier({{"AKIAIOSFODNN7EXAMPLE", "a secret that no input knows"}}, clock);
  const std::string_view input(reinterpret_cast<const char*>(data), size);

  // The first line is the target, the others are headers; the very first byte chooses where the signature stands.
  http::Request request;
  request.method = "GET";
  std::string_view rest = input;
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  request.target = "/" + std::string(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  while (!rest.empty() && request.headers.size() < 100) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t colon = std::min(line.find(':'), line.size());
    if (colon == 0) continue;
    request.headers.add(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
  }

  (void)s3::parse_authorization(input);
  const auto query = http::parse_query(request.query());
  if (query && verifier.verify(request, *query)) __builtin_trap();
  return 0;
}
