#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "async/test_support.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/manual_clock.h"
#include "s3/answers_xml_internal.h"
#include "s3/server.h"
#include "s3/test_support_internal.h"
#include "store/memory_store.h"

namespace tarn::s3 {

/// For tests only. An answer, read to its end.
struct Reply {
  int status = 0;
  http::Headers headers;
  Bytes body;

  /// S3's error code in it; "" where there is none.
  std::string code() const { return parse_error(body).code; }
  std::string header(std::string_view name) const { return std::string(headers.get(name).value_or("")); }
};

/// A server over a MemoryStore with the bucket "lake", asked without sockets.
class ServerFixture : public testing::Test {
 protected:
  static constexpr std::string_view kHost = "127.0.0.1:9000";

  ServerFixture() { TARN_ASSERT(runtime_.run(store_.create_bucket("lake", async::soon()))); }

  /// Signed by the admin (or data) credential; bodies with their digest.
  Reply send(std::string method, std::string target, const HeaderList& headers = {}, Bytes body = {},
             Role role = Role::kAdmin) {
    const std::string hash = hex_encode(sha256(body));
    const bool has_body = method == "PUT" || method == "POST";
    auto request = make_request(std::move(method), std::move(target), headers, std::move(body));
    if (has_body) request.headers.set("Content-Length", std::to_string(*request.body->size()));
    (role == Role::kAdmin ? admin_ : data_).sign(request, kHost, hash);
    request.headers.set("Host", kHost);
    return answer(request);
  }
  Reply send_as_data(std::string method, std::string target, const HeaderList& headers = {}, Bytes body = {}) {
    return send(std::move(method), std::move(target), headers, std::move(body), Role::kData);
  }

  Reply answer(http::Request& request) {
    auto handled = runtime_.run(server_.handle(request));
    TARN_ASSERT(handled.has_value());
    Reply answer{.status = handled->status, .headers = std::move(handled->headers), .body = {}};
    if (auto* const bytes = std::get_if<Bytes>(&handled->body)) answer.body = std::move(*bytes);
    if (auto* const source = std::get_if<std::unique_ptr<async::ByteSource>>(&handled->body)) {
      auto body = runtime_.run(async::read_all(**source, 64 << 20));
      TARN_ASSERT(body.has_value());
      answer.body = *std::move(body);
    }
    return answer;
  }

  async::TestRuntime runtime_;
  ManualClock clock_{example_time()};
  NullLogger logger_;
  store::MemoryStore store_{clock_};
  Server server_{store_,
                 {.credentials = {{{std::string(kExampleKeyId), std::string(kExampleSecret)}, Role::kAdmin},
                                  {{"DATAKEY", "data secret"}, Role::kData}}},
                 clock_,
                 logger_};
  RequestSigner admin_{{std::string(kExampleKeyId), std::string(kExampleSecret), {}}, "us-east-1", clock_};
  RequestSigner data_{{"DATAKEY", "data secret", {}}, "us-east-1", clock_};
};

}  // namespace tarn::s3
