// What a request costs beside its system calls: parsing its head, finding its route, writing the response's head.
#include <cstring>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "http/parser_internal.h"
#include "http/router.h"
#include "http/sending_internal.h"

namespace tarn::http {
namespace {

constexpr std::string_view kRequest =
    "GET /v1/datasets/nyc.flights HTTP/1.1\r\n"
    "Host: 127.0.0.1:8181\r\n"
    "User-Agent: python-requests/2.32.3\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "Accept: */*\r\n"
    "Connection: keep-alive\r\n\r\n";

void BM_ParseRequestHead(benchmark::State& state) {
  ReadBuffer buffer(8 * 1024);
  Request request;
  for (auto _ : state) {
    std::memcpy(buffer.prepare().data(), kRequest.data(), kRequest.size());
    buffer.commit(kRequest.size());
    request.headers.clear();
    RequestParser parser(request, 32 * 1024);
    TARN_ASSERT(parser.parse(buffer) == ParseStep::kReady);
  }
}
BENCHMARK(BM_ParseRequestHead);

Task<Response> answer(Request&, const PathParameters&) {
  co_return Response();
}

void BM_Route(benchmark::State& state) {
  Router router;
  router.add("GET", "/healthz", answer);
  router.add("GET", "/v1/datasets", answer);
  router.add("POST", "/v1/datasets", answer);
  router.add("GET", "/v1/datasets/{name}", answer);
  router.add("DELETE", "/v1/datasets/{name}", answer);
  router.add("POST", "/v1/datasets/{name}:undrop", answer);
  for (auto _ : state) benchmark::DoNotOptimize(router.match("GET", "/v1/datasets/nyc.flights"));
}
BENCHMARK(BM_Route);

void BM_WriteResponseHead(benchmark::State& state) {
  DateField date;
  std::string head;
  for (auto _ : state) {
    Headers headers;
    headers.add("Content-Type", "application/json");
    headers.add("ETag", "\"01931234-aaaa-7bbb-8ccc-0123456789ab\"");
    head.clear();
    append_status_line(head, 200);
    head.append(date.text());
    append_fields(head, headers, MessageKind::kResponse);
    append_framing(head, Framing::kLength, 700);
    benchmark::DoNotOptimize(head.data());
  }
}
BENCHMARK(BM_WriteResponseHead);

}  // namespace
}  // namespace tarn::http
