#include "s3/server.h"

#include <mutex>

#include <gtest/gtest.h>

#include "s3/server_fixture_internal.h"

namespace tarn::s3 {
namespace {

using S3Server = ServerFixture;

TEST_F(S3Server, BucketsComeAndGo) {
  EXPECT_EQ(send("PUT", "/other").status, 200);
  EXPECT_EQ(send("PUT", "/other").code(), "BucketAlreadyOwnedByYou");
  EXPECT_EQ(send("HEAD", "/other").status, 200);
  EXPECT_NE(send("GET", "/").body.find("<Bucket><Name>other</Name>"), std::string::npos);
  EXPECT_EQ(send("DELETE", "/other").status, 204);
  EXPECT_EQ(send("HEAD", "/other").status, 404);
  EXPECT_EQ(send("DELETE", "/other").code(), "NoSuchBucket");
}

TEST_F(S3Server, BucketNamesFollowTheRules) {
  for (const std::string name : {"ab", "Upper", "under_score", "a..b", "192.168.0.1", "-a-"}) {
    EXPECT_EQ(send("PUT", "/" + name).code(), "InvalidBucketName") << name;
  }
}

TEST_F(S3Server, ABucketWithObjectsStays) {
  send("PUT", "/lake/a", {}, "x");

  const auto deleted = send("DELETE", "/lake");

  EXPECT_EQ(deleted.status, 409);
  EXPECT_EQ(deleted.code(), "BucketNotEmpty");
}

TEST_F(S3Server, ACreatedBucketMayNameItsLocation) {
  const std::string document =
      "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";

  EXPECT_EQ(send("PUT", "/other", {}, document).status, 200);
  EXPECT_EQ(send("PUT", "/other2", {}, "<CreateBucket").code(), "MalformedXML");
  EXPECT_EQ(send("HEAD", "/other2").status, 404);
}

TEST_F(S3Server, SettingsThatNobodyCanChangeAnswerWhatClientsExpect) {
  EXPECT_NE(send("GET", "/lake?versioning").body.find("<VersioningConfiguration"), std::string::npos);
  EXPECT_EQ(send("GET", "/lake?object-lock").status, 404);
  EXPECT_EQ(send("GET", "/lake?policy").code(), "NoSuchBucketPolicy");
  EXPECT_EQ(send("GET", "/lake?lifecycle").code(), "NoSuchLifecycleConfiguration");
  EXPECT_NE(send("GET", "/lake?acl").body.find("FULL_CONTROL"), std::string::npos);
  EXPECT_NE(send("GET", "/lake?location").body.find("<LocationConstraint"), std::string::npos);
  EXPECT_EQ(send("GET", "/nowhere?location").code(), "NoSuchBucket");
  EXPECT_EQ(send("PUT", "/lake?versioning", {}, "<VersioningConfiguration/>").code(), "NotImplemented");
  EXPECT_EQ(send("DELETE", "/lake?policy").code(), "NotImplemented");
}

TEST_F(S3Server, MethodsThatAreNoneAreRefused) {
  EXPECT_EQ(send("PATCH", "/lake/a").code(), "MethodNotAllowed");
  EXPECT_EQ(send("PATCH", "/lake/a").status, 405);
  EXPECT_EQ(send("DELETE", "/").code(), "MethodNotAllowed");
  EXPECT_EQ(send("OPTIONS", "/lake").code(), "MethodNotAllowed");
}

TEST_F(S3Server, NothingIsAnsweredWithoutASignature) {
  for (const std::string target : {"/", "/lake", "/lake/a", "/lake?list-type=2"}) {
    auto request = make_request("GET", target, {{"Host", std::string(kHost)}});
    const auto got = answer(request);
    EXPECT_EQ(got.status, 403) << target;
    EXPECT_EQ(got.code(), "AccessDenied") << target;
  }
}

/// Fails the test when it is pulled.
class UntouchedSource final : public async::ByteSource {
 public:
  Task<ByteView> next() override {
    ADD_FAILURE() << "the body was read";
    co_return ByteView();
  }
  std::optional<std::uint64_t> size() const override { return 5; }
};

TEST_F(S3Server, TheBodyIsNotAskedForBeforeTheSignatureIsRight) {
  auto request = make_request("PUT", "/lake/a", {{"Content-Length", "5"}, {"Expect", "100-continue"}});
  request.body = std::make_unique<UntouchedSource>();
  data_.sign(request, kHost, kUnsignedPayload);
  request.headers.set("Host", "elsewhere");

  EXPECT_EQ(answer(request).code(), "SignatureDoesNotMatch");
}

TEST_F(S3Server, TheCatalogIsRefusedToTheDataCredential) {
  send("PUT", "/lake/_catalog/manifests/a.parquet", {}, "manifest");
  send("PUT", "/lake/a", {}, "hello");
  const std::string hidden = "/lake/_catalog/manifests/a.parquet";

  EXPECT_EQ(send_as_data("GET", hidden).code(), "AccessDenied");
  EXPECT_EQ(send_as_data("HEAD", hidden).status, 403);
  EXPECT_EQ(send_as_data("PUT", hidden, {}, "x").code(), "AccessDenied");
  EXPECT_EQ(send_as_data("DELETE", hidden).code(), "AccessDenied");
  EXPECT_EQ(send_as_data("GET", "/lake/%5Fcatalog%2Fmanifests/a.parquet").code(), "AccessDenied");
  EXPECT_EQ(send_as_data("GET", "/lake/_catalog/none").code(), "AccessDenied");
  EXPECT_EQ(send_as_data("PUT", "/lake/b", {{"x-amz-copy-source", hidden}}).code(), "AccessDenied");
  EXPECT_EQ(send_as_data("PUT", "/lake/_catalog/b", {{"x-amz-copy-source", "/lake/a"}}).code(), "AccessDenied");
  EXPECT_EQ(send_as_data("POST", "/lake/_catalog/b?uploads").code(), "AccessDenied");
  EXPECT_EQ(send("GET", hidden).body, "manifest");
  EXPECT_EQ(send_as_data("GET", "/lake/a").body, "hello");
}

TEST_F(S3Server, TheCatalogIsRefusedInADeleteOfManyToo) {
  send("PUT", "/lake/_catalog/a", {}, "manifest");
  send("PUT", "/lake/b", {}, "x");

  const auto deleted =
      send_as_data("POST", "/lake?delete", {},
                   "<Delete><Object><Key>_catalog/a</Key></Object><Object><Key>b</Key></Object></Delete>");

  EXPECT_NE(deleted.body.find("<Error><Key>_catalog/a</Key><Code>AccessDenied</Code>"), std::string::npos);
  EXPECT_NE(deleted.body.find("<Deleted><Key>b</Key></Deleted>"), std::string::npos);
  EXPECT_EQ(send("GET", "/lake/_catalog/a").status, 200);
}

TEST_F(S3Server, UploadsIntoTheCatalogAreNotListedForTheDataCredential) {
  send("POST", "/lake/_catalog/a?uploads");
  send("POST", "/lake/b?uploads");

  const auto listed = parse_list_uploads(send_as_data("GET", "/lake?uploads&max-uploads=1").body);

  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->uploads.size(), 1U);
  EXPECT_EQ(listed->uploads[0].key, "b");
}

TEST_F(S3Server, PresignedRequestsAreServed) {
  send("PUT", "/lake/a", {}, "hello");
  auto request = make_request("GET", "/lake/a");
  request.target = data_.presign(request, kHost, std::chrono::seconds(60));
  request.headers.add("Host", kHost);

  EXPECT_EQ(answer(request).body, "hello");
}

TEST_F(S3Server, TheHttpServersRefusalsAreS3Errors) {
  const auto refused = server_.refuse(431, "header_too_large", "the header is too large", "id-7");

  EXPECT_EQ(refused.status, 431);
  const auto& body = std::get<Bytes>(refused.body);
  EXPECT_EQ(parse_error(body).code, "RequestHeaderSectionTooLarge");
  EXPECT_EQ(parse_error(body).message, "the header is too large");
  EXPECT_NE(body.find("<RequestId>id-7</RequestId>"), std::string::npos);
}

TEST_F(S3Server, AFullDiskIsA507) {
  const Error full{ErrorCode::kNoSpace, "no space left on the disk", {}};

  EXPECT_EQ(answer_to(full).http_status, 507);
  EXPECT_EQ(answer_to(full).name, "InsufficientStorage");
}

class CapturingLogger final : public Logger {
 public:
  bool is_enabled(LogLevel) const override { return true; }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 protected:
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override {
    const std::lock_guard lock(mutex_);
    text_ += format_log_line(LogFormat::kText, {}, level, event, fields) + "\n";
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

TEST_F(S3Server, EveryRequestIsOneLogLine) {
  CapturingLogger logger;
  Server server(store_, {.credentials = {{{std::string(kExampleKeyId), std::string(kExampleSecret)}, Role::kAdmin}}},
                clock_, logger);
  auto request = make_request("GET", "/lake/a%20b");
  admin_.sign(request, kHost, kEmptySha256);
  request.headers.set("Host", kHost);

  ASSERT_TRUE(runtime_.run(server.handle(request)));

  EXPECT_NE(logger.text().find("op=GetObject key=\"lake/a b\" code=404"), std::string::npos) << logger.text();
  EXPECT_NE(logger.text().find("request_id=test-1"), std::string::npos);
  EXPECT_NE(logger.text().find("error=NoSuchKey"), std::string::npos);
}

TEST_F(S3Server, WithoutAnAccessLogOnlyFailuresOfOursAreLines) {
  const auto lines_of_get = [&](std::chrono::seconds timeout) {
    CapturingLogger logger;
    Server server(store_,
                  {.credentials = {{{std::string(kExampleKeyId), std::string(kExampleSecret)}, Role::kAdmin}},
                   .request_timeout = timeout,
                   .has_access_log = false},
                  clock_, logger);
    auto request = make_request("GET", "/lake/a");
    admin_.sign(request, kHost, kEmptySha256);
    request.headers.set("Host", kHost);
    EXPECT_TRUE(runtime_.run(server.handle(request)));
    return logger.text();
  };

  EXPECT_EQ(lines_of_get(std::chrono::seconds(30)), "");
  const std::string too_late = lines_of_get(std::chrono::seconds(0));

  EXPECT_NE(too_late.find("warning request op=GetObject key=lake/a code=503"), std::string::npos) << too_late;
}

}  // namespace
}  // namespace tarn::s3
