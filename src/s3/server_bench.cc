#include <string>

#include <benchmark/benchmark.h>

#include "async/runtime.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/manual_clock.h"
#include "s3/server.h"
#include "s3/test_support_internal.h"
#include "store/memory_store.h"

// What the S3 protocol costs a 4 KiB PUT and GET beside the store and the sockets.
namespace tarn::s3 {
namespace {

http::Request signed_request(const RequestSigner& signer, std::string method, std::string_view body) {
  HeaderList headers = {{"Content-Type", "application/octet-stream"}, {"User-Agent", "bench"}};
  if (method == "PUT") headers.emplace_back("Content-Length", std::to_string(body.size()));
  http::Request request = make_request(std::move(method), "/lake/some/folder/object-000001", headers);
  signer.sign(request, "127.0.0.1:9000", hex_encode(sha256(body)));
  request.headers.set("Host", "127.0.0.1:9000");
  return request;
}

struct Fixture {
  ManualClock clock{example_time()};
  NullLogger logger;
  store::MemoryStore store{clock};
  async::Runtime runtime{1};
  RequestSigner signer{{std::string(kExampleKeyId), std::string(kExampleSecret), {}}, "us-east-1", clock};
  SignatureVerifier verifier{{{std::string(kExampleKeyId), std::string(kExampleSecret)}}, clock};
  Server server{store,
                {.credentials = {{{std::string(kExampleKeyId), std::string(kExampleSecret)}, Role::kAdmin}}},
                clock,
                logger};
  Bytes body = Bytes(4096, 'x');
};

void verify_signature(benchmark::State& state) {
  Fixture fixture;
  const http::Request request = signed_request(fixture.signer, "PUT", fixture.body);
  for (auto _ : state) benchmark::DoNotOptimize(fixture.verifier.verify(request, {}));
}
BENCHMARK(verify_signature);

void digest_body(benchmark::State& state) {
  const Fixture fixture;
  for (auto _ : state) benchmark::DoNotOptimize(sha256(fixture.body));
}
BENCHMARK(digest_body);

Task<void> serve(Server& server, http::Request& request, const Bytes& body, benchmark::State& state) {
  for (auto _ : state) {
    request.body = async::source_of(body);
    auto response = co_await server.handle(request);
    benchmark::DoNotOptimize(response);
  }
  co_return Result<void>();
}

void put_object(benchmark::State& state) {
  Fixture fixture;
  (void)async::run(fixture.runtime, fixture.store.create_bucket("lake", Deadline::never()));
  http::Request request = signed_request(fixture.signer, "PUT", fixture.body);
  (void)async::run(fixture.runtime, serve(fixture.server, request, fixture.body, state));
}
BENCHMARK(put_object);

void get_object(benchmark::State& state) {
  Fixture fixture;
  (void)async::run(fixture.runtime, fixture.store.create_bucket("lake", Deadline::never()));
  (void)async::run(fixture.runtime, fixture.store.put({"lake", "some/folder/object-000001"}, fixture.body,
                                                      store::PutCondition::none(), Deadline::never()));
  http::Request request = signed_request(fixture.signer, "GET", {});
  (void)async::run(fixture.runtime, serve(fixture.server, request, {}, state));
}
BENCHMARK(get_object);

}  // namespace
}  // namespace tarn::s3
