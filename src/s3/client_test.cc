#include "s3/client.h"

#include <atomic>
#include <deque>
#include <mutex>

#include <gtest/gtest.h>

#include "async/test_support.h"
#include "base/manual_clock.h"
#include "base/random.h"
#include "http/server.h"
#include "s3/answers_xml_internal.h"
#include "s3/errors_internal.h"
#include "s3/server.h"
#include "store/memory_store.h"

namespace tarn::s3 {
namespace {

using async::soon;
using store::ByteRange;
using store::ObjectKey;
using store::PutCondition;

struct Scripted {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  Bytes body;
};

Scripted failing(int status, std::string_view code) {
  return {.status = status,
          .headers = {},
          .body = "<Error><Code>" + std::string(code) + "</Code><Message>as told</Message></Error>"};
}

/// Answers as it is told and remembers what it was asked.
class ScriptedHandler final : public http::Handler {
 public:
  struct Asked {
    std::string method, target;
    http::Headers headers;
    Bytes body;
  };

  void answer(Scripted next) {
    const std::lock_guard lock(mutex_);
    script_.push_back(std::move(next));
  }
  std::vector<Asked> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  Task<http::Response> handle(http::Request& request) override {
    auto body = co_await async::read_all(*request.body, 64 << 20);
    const std::lock_guard lock(mutex_);
    asked_.push_back({request.method, request.target, request.headers, body.value_or("(failed)")});
    http::Response response;
    if (script_.empty()) co_return response;
    const Scripted next = std::move(script_.front());
    script_.pop_front();
    response.status = next.status;
    for (const auto& [name, value] : next.headers) response.headers.add(name, value);
    response.body = next.body;
    co_return response;
  }
  http::Response refuse(int status, std::string_view, std::string_view, std::string_view) override {
    http::Response response;
    response.status = status;
    return response;
  }

 private:
  std::mutex mutex_;
  std::deque<Scripted> script_;
  std::vector<Asked> asked_;
};

class S3Client : public testing::Test {
 protected:
  S3Client() { TARN_ASSERT(server_.start().has_value()); }
  ~S3Client() override {
    (void)runtime_.run(client().close());
    client_.reset();
    (void)runtime_.run(server_.stop(soon()));
  }

  Client& client() {
    if (!client_) {
      client_.emplace(*runtime_,
                      ClientOptions{.endpoint = {.is_tls = false, .host = "127.0.0.1", .port = server_.port()},
                                    .region = "eu-west-1",
                                    .credentials = {"KEY", "secret", "token"},
                                    .retry = {.max_attempts = 3,
                                              .base_delay = std::chrono::milliseconds(1),
                                              .max_delay = std::chrono::milliseconds(2)}},
                      clock_, random_);
    }
    return *client_;
  }
  Result<std::string> put(PutCondition condition = PutCondition::none()) {
    return runtime_.run(client().put(ObjectKey("lake", "a"), "hello", std::move(condition), soon()));
  }
  Result<store::StoredBytes> get() {
    return runtime_.run(store::get_bytes(client(), ObjectKey("lake", "a"), 100, soon()));
  }
  static Scripted hello() {
    return {.status = 200,
            .headers = {{"ETag", "\"aa\""}, {"Last-Modified", "Fri, 24 May 2013 00:00:00 GMT"}},
            .body = "hello"};
  }

  async::TestRuntime runtime_{1};
  ManualClock clock_{*parse_iso_basic("20130524T000000Z")};
  SystemRandom random_;
  ScriptedHandler handler_;
  http::Server server_{*runtime_, {}, handler_};
  std::optional<Client> client_;
};

TEST_F(S3Client, SignsWhatItSends) {
  handler_.answer({.status = 200, .headers = {{"ETag", "\"aa\""}}, .body = {}});

  ASSERT_TRUE(put(PutCondition::if_absent()));

  const auto asked = handler_.asked();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].method, "PUT");
  EXPECT_EQ(asked[0].target, "/lake/a");
  EXPECT_EQ(asked[0].body, "hello");
  EXPECT_EQ(asked[0].headers.get("if-none-match"), "*");
  EXPECT_EQ(asked[0].headers.get("x-amz-security-token"), "token");
  EXPECT_EQ(asked[0].headers.get("x-amz-content-sha256"),
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  const SignatureVerifier verifier({{"KEY", "secret"}}, clock_);
  http::Request request;
  request.method = asked[0].method;
  request.target = asked[0].target;
  request.headers = asked[0].headers;
  const auto verified = verifier.verify(request, {});
  EXPECT_TRUE(verified) << verified.error().message;
}

TEST_F(S3Client, ReadsAreRepeated) {
  handler_.answer(failing(503, "SlowDown"));
  handler_.answer(failing(500, "InternalError"));
  handler_.answer(hello());

  const auto got = get();

  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->bytes, "hello");
  EXPECT_EQ(handler_.asked().size(), 3U);
}

TEST_F(S3Client, ReadsAreNotRepeatedForEver) {
  for (int i = 0; i < 5; ++i) handler_.answer(failing(503, "SlowDown"));

  const auto got = get();

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(handler_.asked().size(), 3U);
}

TEST_F(S3Client, ReadsThatWereRefusedAreNotRepeated) {
  handler_.answer(failing(403, "AccessDenied"));

  EXPECT_EQ(get().error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(handler_.asked().size(), 1U);
}

TEST_F(S3Client, WritesAreSentOnceWhateverTheAnswer) {
  const std::tuple<int, std::string_view, ErrorCode> cases[] = {
      {500, "InternalError", ErrorCode::kOutcomeUnknown},
      {503, "SlowDown", ErrorCode::kOutcomeUnknown},
      {409, "ConditionalRequestConflict", ErrorCode::kUnavailable},
      {412, "PreconditionFailed", ErrorCode::kPreconditionFailed},
      {507, "InsufficientStorage", ErrorCode::kNoSpace},
  };
  std::size_t sent = 0;
  for (const auto& [status, code, expected] : cases) {
    handler_.answer(failing(status, code));
    const auto result = put(PutCondition::if_absent());
    ASSERT_FALSE(result);
    EXPECT_EQ(to_string(result.error().code), to_string(expected)) << code;
    EXPECT_EQ(handler_.asked().size(), ++sent) << code;
  }
}

TEST_F(S3Client, AWriteWithoutAnETagMayHaveBeenApplied) {
  handler_.answer({});

  EXPECT_EQ(put().error().code, ErrorCode::kOutcomeUnknown);
}

TEST_F(S3Client, AnErrorInsideA200IsOne) {
  handler_.answer(failing(200, "InternalError"));

  const auto completed =
      runtime_.run(client().complete_upload(ObjectKey("lake", "a"), "id", {{1, "aa"}}, PutCondition::none(), soon()));

  ASSERT_FALSE(completed);
  EXPECT_EQ(completed.error().code, ErrorCode::kOutcomeUnknown);
}

TEST_F(S3Client, NothingListeningMeansNotSent) {
  (void)client();
  ASSERT_TRUE(runtime_.run(server_.stop(soon())));

  EXPECT_EQ(put().error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(get().error().code, ErrorCode::kUnavailable);
}

TEST_F(S3Client, ErrorsKeepTheirConnection) {
  for (int i = 0; i < 20; ++i) handler_.answer(failing(404, "NoSuchKey"));

  for (int i = 0; i < 20; ++i) EXPECT_EQ(get().error().reason, store::kNoSuchKey);

  EXPECT_EQ(server_.statistics().connections_accepted, 1U);
}

TEST_F(S3Client, AHeadWithoutACodeIsAMissingKeyOrBucket) {
  handler_.answer({.status = 404, .headers = {}, .body = {}});
  handler_.answer({.status = 404, .headers = {}, .body = {}});
  handler_.answer({.status = 404, .headers = {{"x-minio-error-code", "NoSuchBucket"}}, .body = {}});

  EXPECT_EQ(runtime_.run(client().head(ObjectKey("lake", "a"), soon())).error().reason, store::kNoSuchKey);
  EXPECT_EQ(runtime_.run(client().head_bucket("lake", soon())).error().reason, store::kNoSuchBucket);
  EXPECT_EQ(runtime_.run(client().head(ObjectKey("lake", "a"), soon())).error().reason, store::kNoSuchBucket);
}

TEST_F(S3Client, AStoreThatIgnoresRangesIsFoundOut) {
  handler_.answer(hello());

  const auto got = runtime_.run(client().get(ObjectKey("lake", "a"), ByteRange::between(1, 2), soon()));

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kInternal);
  EXPECT_EQ(handler_.asked()[0].headers.get("range"), "bytes=1-2");
}

TEST_F(S3Client, ABucketIsMadeInTheClientsRegion) {
  ASSERT_TRUE(runtime_.run(client().create_bucket("lake", soon())));

  EXPECT_NE(handler_.asked()[0].body.find("<LocationConstraint>eu-west-1</LocationConstraint>"), std::string::npos);
}

TEST_F(S3Client, KeysTravelSegmentBySegment) {
  (void)runtime_.run(client().remove(ObjectKey("lake", "a b/c+d%/\xc3\xa9"), soon()));

  EXPECT_EQ(handler_.asked()[0].target, "/lake/a%20b/c%2Bd%25/%C3%A9");
}

TEST(S3ClientAddress, VirtualHostsHoldTheBucket) {
  async::TestRuntime runtime(1);
  const ManualClock clock(*parse_iso_basic("20130524T000000Z"));
  SystemRandom random;
  const Client client(*runtime,
                      {.endpoint = {.is_tls = true, .host = "s3.eu-west-1.amazonaws.com", .port = 443},
                       .region = "eu-west-1",
                       .credentials = {"KEY", "secret", ""},
                       .is_virtual_hosted = true},
                      clock, random);

  const auto url = client.presign("GET", ObjectKey("lake", "a/b c"), std::chrono::seconds(60));

  EXPECT_TRUE(url.starts_with("https://lake.s3.eu-west-1.amazonaws.com/a/b%20c?X-Amz-Algorithm=AWS4-HMAC-SHA256&"))
      << url;
}

/// A body of unknown size, as a pipe is.
class UnsizedSource final : public async::ByteSource {
 public:
  explicit UnsizedSource(std::size_t size) : left_(size) {}
  Task<ByteView> next() override {
    piece_.assign(std::min<std::size_t>(left_, 200'000), 'u');
    left_ -= piece_.size();
    co_return ByteView(piece_);
  }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }

 private:
  std::size_t left_;
  Bytes piece_;
};

/// The same client over our own server.
class S3ClientOverServer : public testing::Test {
 protected:
  S3ClientOverServer() {
    TARN_ASSERT(http_server_.start().has_value());
    client_.emplace(*runtime_,
                    ClientOptions{.endpoint = {.is_tls = false, .host = "127.0.0.1", .port = http_server_.port()},
                                  .credentials = {"ADMIN", "secret", ""}},
                    clock_, random_);
    TARN_ASSERT(runtime_.run(client_->create_bucket("lake", soon())).has_value());
  }
  ~S3ClientOverServer() override {
    (void)runtime_.run(client_->close());
    client_.reset();
    (void)runtime_.run(http_server_.stop(soon()));
  }

  async::TestRuntime runtime_{1};
  SystemClock clock_;
  SystemRandom random_;
  NullLogger logger_;
  store::MemoryStore memory_{clock_};
  Server server_{memory_, {.credentials = {{{"ADMIN", "secret"}, Role::kAdmin}}}, clock_, logger_};
  http::Server http_server_{*runtime_, {}, server_};
  std::optional<Client> client_;
};

TEST_F(S3ClientOverServer, ABodyOfUnknownSizeBecomesPartsWhenItIsLong) {
  const std::size_t size = 2 * Client::kBufferedBytes + 1'000'000;
  store::PutOptions options;
  options.headers.content_type = "text/plain";
  options.condition = PutCondition::if_absent();

  const auto stored = runtime_.run(
      client_->put_object(ObjectKey("lake", "a"), std::make_unique<UnsizedSource>(size), std::move(options), soon()));

  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->size, size);
  const auto details = runtime_.run(client_->head_object(ObjectKey("lake", "a"), soon()));
  ASSERT_TRUE(details);
  EXPECT_EQ(details->part_count, 3);
  EXPECT_EQ(details->headers.content_type, "text/plain");
}

TEST_F(S3ClientOverServer, ALongBodyThatIsRefusedLeavesNoUpload) {
  ASSERT_TRUE(runtime_.run(client_->put(ObjectKey("lake", "a"), "there", PutCondition::none(), soon())));
  store::PutOptions options;
  options.condition = PutCondition::if_absent();

  const auto stored = runtime_.run(client_->put_object(
      ObjectKey("lake", "a"), std::make_unique<UnsizedSource>(Client::kBufferedBytes + 1), std::move(options), soon()));

  EXPECT_EQ(stored.error().code, ErrorCode::kPreconditionFailed);
  const auto uploads = runtime_.run(client_->list_uploads("lake", "", "", "", 10, soon()));
  ASSERT_TRUE(uploads);
  EXPECT_TRUE(uploads->uploads.empty());
}

TEST_F(S3ClientOverServer, ReadersDroppedHalfwayLeaveRoomForOthers) {
  ASSERT_TRUE(runtime_.run(client_->put(ObjectKey("lake", "a"), Bytes(4 << 20, 'x'), PutCondition::none(), soon())));

  for (int i = 0; i < 200; ++i) {
    auto reader = runtime_.run(client_->get(ObjectKey("lake", "a"), ByteRange::all(), soon()));
    ASSERT_TRUE(reader) << i << ": " << reader.error().message;
  }
}

}  // namespace
}  // namespace tarn::s3
