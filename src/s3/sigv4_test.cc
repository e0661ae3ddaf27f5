#include "s3/sigv4.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/manual_clock.h"
#include "s3/botocore_vectors_internal.h"
#include "s3/test_support_internal.h"

namespace tarn::s3 {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// The examples of Amazon S3's API reference, "Authenticating Requests: Using the Authorization Header" and "Using
/// Query Parameters".
struct Example {
  std::string_view name;
  std::string method;
  std::string target;
  HeaderList headers;
  std::string_view authorization;
};

const std::vector<Example>& examples() {
  static const std::vector<Example> all = {
      {"GET object with Range",
       "GET",
       "/test.txt",
       {{"Host", "examplebucket.s3.amazonaws.com"},
        {"Range", "bytes=0-9"},
        {"x-amz-content-sha256", std::string(kEmptySha256)},
        {"x-amz-date", "20130524T000000Z"}},
       "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;"
       "x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
      {"PUT object",
       "PUT",
       "/test$file.text",
       {{"Host", "examplebucket.s3.amazonaws.com"},
        {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
        {"x-amz-date", "20130524T000000Z"},
        {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
        {"x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"}},
       "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=date;host;"
       "x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature="
       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
      {"GET bucket lifecycle",
       "GET",
       "/?lifecycle",
       {{"Host", "examplebucket.s3.amazonaws.com"},
        {"x-amz-date", "20130524T000000Z"},
        {"x-amz-content-sha256", std::string(kEmptySha256)}},
       "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;"
       "x-amz-content-sha256;x-amz-date,Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
      {"list objects",
       "GET",
       "/?max-keys=2&prefix=J",
       {{"Host", "examplebucket.s3.amazonaws.com"},
        {"x-amz-date", "20130524T000000Z"},
        {"x-amz-content-sha256", std::string(kEmptySha256)}},
       "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;"
       "x-amz-content-sha256;x-amz-date,Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
  };
  return all;
}

constexpr std::string_view kPresignedExample =
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
    "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

class SigV4 : public testing::Test {
 protected:
  Result<Authentication> verify(const http::Request& request) const {
    TARN_TRY(const auto query, http::parse_query(request.query()));
    return verifier_.verify(request, query);
  }
  static http::Request request_of(const Example& example) {
    auto request = make_request(example.method, example.target, example.headers);
    request.headers.add("Authorization", example.authorization);
    return request;
  }
  static http::Request presigned() {
    return make_request("GET", std::string(kPresignedExample), {{"Host", "examplebucket.s3.amazonaws.com"}});
  }
  /// The first example with one header put in place of another.
  static http::Request with_header(std::string_view name, std::string_view value) {
    auto request = request_of(examples()[0]);
    request.headers.set(name, value);
    return request;
  }
  static http::Request without_header(std::string_view name) {
    auto request = make_request("GET", "/test.txt");
    for (const auto& [present, value] : examples()[0].headers) {
      if (!http::names_equal(present, name)) request.headers.add(present, value);
    }
    request.headers.add("Authorization", examples()[0].authorization);
    return request;
  }
  /// The presigned example with a part of its target replaced.
  static http::Request with_target(std::string_view from, std::string_view to) {
    auto request = presigned();
    const std::size_t at = request.target.find(from);
    TARN_ASSERT(at != std::string::npos);
    request.target.replace(at, from.size(), to);
    return request;
  }

  ManualClock clock_{example_time()};
  SignatureVerifier verifier_{{{std::string(kExampleKeyId), std::string(kExampleSecret)}}, clock_};
  RequestSigner signer_{{std::string(kExampleKeyId), std::string(kExampleSecret), {}}, "us-east-1", clock_};
};

TEST_F(SigV4, VerifiesAmazonsExamples) {
  for (const Example& example : examples()) {
    const auto verified = verify(request_of(example));

    ASSERT_TRUE(verified) << example.name << ": " << verified.error().message;
    EXPECT_EQ(verified->access_key_id, kExampleKeyId);
    EXPECT_EQ(verified->payload, PayloadForm::kSha256);
  }
}

TEST_F(SigV4, WritesTheCanonicalRequestAsAmazonsExampleHasIt) {
  const auto text = canonical_request(request_of(examples()[1]), {},
                                      "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class", "HASH");

  EXPECT_EQ(text,
            "PUT\n/test%24file.text\n\ndate:Fri, 24 May 2013 00:00:00 GMT\nhost:examplebucket.s3.amazonaws.com\n"
            "x-amz-content-sha256:44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072\n"
            "x-amz-date:20130524T000000Z\nx-amz-storage-class:REDUCED_REDUNDANCY\n\n"
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class\nHASH");
}

TEST_F(SigV4, VerifiesAmazonsPresignedExample) {
  const auto verified = verify(presigned());

  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->payload, PayloadForm::kUnsigned);
}

TEST_F(SigV4, PresignsAmazonsExample) {
  const auto target =
      signer_.presign(make_request("GET", "/test.txt"), "examplebucket.s3.amazonaws.com", seconds(86400));

  EXPECT_EQ(target, kPresignedExample);
}

TEST_F(SigV4, VerifiesAndSignsWhatBotocoreSigns) {
  for (const BotocoreVector& vector : kBotocoreVectors) {
    auto request = make_request(std::string(vector.method), std::string(vector.target));
    for (const auto& [name, value] : vector.headers) request.headers.add(name, value);
    const RequestSigner signer(
        {std::string(kExampleKeyId), std::string(kExampleSecret), std::string(vector.session_token)}, "us-east-1",
        clock_);

    signer.sign(request, kBotocoreHost, vector.payload_sha256);

    EXPECT_EQ(request.headers.get("authorization"), vector.authorization) << vector.name;
    request.headers.add("Host", kBotocoreHost);
    const auto verified = verify(request);
    EXPECT_TRUE(verified) << vector.name << ": " << verified.error().message;
  }
}

TEST_F(SigV4, VerifiesWhatBotocorePresigns) {
  for (const BotocoreVector& vector : kBotocoreVectors) {
    const auto request = make_request(std::string(vector.method), std::string(vector.presigned_target),
                                      {{"Host", std::string(kBotocoreHost)}});

    const auto verified = verify(request);

    EXPECT_TRUE(verified) << vector.name << ": " << verified.error().message;
  }
}

TEST_F(SigV4, AcceptsPathsThatClientsEncodeLess) {
  auto signed_form = make_request("GET", "/lake/a%21b%27c%28d%29%2B");
  signer_.sign(signed_form, "h", kEmptySha256);
  signed_form.headers.add("Host", "h");

  signed_form.target = "/lake/a!b'c(d)+";

  EXPECT_TRUE(verify(signed_form));
}

TEST_F(SigV4, CollapsesSpacesAndJoinsRepeatedHeaders) {
  auto request = make_request("GET", "/");
  request.headers.add("x-amz-meta-a", "one   two");
  request.headers.add("X-Amz-Meta-A", "three");

  const auto text = canonical_request(request, "h", "host;x-amz-meta-a", "HASH");

  EXPECT_EQ(text, "GET\n/\n\nhost:h\nx-amz-meta-a:one two,three\n\nhost;x-amz-meta-a\nHASH");
}

TEST_F(SigV4, ChangedRequestsDoNotMatch) {
  auto other_method = request_of(examples()[0]);
  other_method.method = "DELETE";
  auto other_path = request_of(examples()[0]);
  other_path.target = "/Test.txt";
  auto other_query = request_of(examples()[0]);
  other_query.target += "?versionId=1";

  EXPECT_EQ(code_of(verify(other_method)), "SignatureDoesNotMatch");
  EXPECT_EQ(code_of(verify(other_path)), "SignatureDoesNotMatch");
  EXPECT_EQ(code_of(verify(other_query)), "SignatureDoesNotMatch");
  EXPECT_EQ(code_of(verify(with_header("Range", "bytes=0-10"))), "SignatureDoesNotMatch");
  EXPECT_EQ(code_of(verify(with_header("Host", "other.s3.amazonaws.com"))), "SignatureDoesNotMatch");
  EXPECT_EQ(code_of(verify(with_header("x-amz-content-sha256", "UNSIGNED-PAYLOAD"))), "SignatureDoesNotMatch");
  EXPECT_EQ(code_of(verify(with_target("Expires=86400", "Expires=86401"))), "SignatureDoesNotMatch");
  EXPECT_EQ(code_of(verify(with_target("/test.txt", "/test2.txt"))), "SignatureDoesNotMatch");
}

TEST_F(SigV4, AWrongSecretDoesNotMatch) {
  const SignatureVerifier other({{std::string(kExampleKeyId), "another"}}, clock_);

  EXPECT_EQ(code_of(other.verify(request_of(examples()[0]), {})), "SignatureDoesNotMatch");
}

TEST_F(SigV4, UnknownKeysAreNamedSo) {
  const SignatureVerifier other({{"SOMEBODY", std::string(kExampleSecret)}}, clock_);
  const auto query = http::parse_query(presigned().query());

  EXPECT_EQ(code_of(other.verify(request_of(examples()[0]), {})), "InvalidAccessKeyId");
  EXPECT_EQ(code_of(other.verify(presigned(), *query)), "InvalidAccessKeyId");
}

TEST_F(SigV4, RequestsWithoutSignatureAreRefused) {
  EXPECT_EQ(code_of(verify(make_request("GET", "/", {{"Host", "h"}}))), "AccessDenied");
}

TEST_F(SigV4, ClocksMayDifferByAQuarterOfAnHour) {
  clock_.set(example_time() + minutes(15));
  EXPECT_TRUE(verify(request_of(examples()[0])));
  clock_.set(example_time() + minutes(15) + seconds(1));
  EXPECT_EQ(code_of(verify(request_of(examples()[0]))), "RequestTimeTooSkewed");
  clock_.set(example_time() - minutes(15) - seconds(1));
  EXPECT_EQ(code_of(verify(request_of(examples()[0]))), "RequestTimeTooSkewed");
}

TEST_F(SigV4, PresignedRequestsExpire) {
  clock_.set(example_time() + seconds(86400));
  EXPECT_TRUE(verify(presigned()));
  clock_.set(example_time() + seconds(86401));
  EXPECT_EQ(code_of(verify(presigned())), "AccessDenied");
  clock_.set(example_time() - minutes(16));
  EXPECT_EQ(code_of(verify(presigned())), "AccessDenied");
}

TEST_F(SigV4, PresignedParametersAreChecked) {
  constexpr std::string_view kCode = "AuthorizationQueryParametersError";
  EXPECT_EQ(code_of(verify(with_target("Expires=86400", "Expires=0"))), kCode);
  EXPECT_EQ(code_of(verify(with_target("Expires=86400", "Expires=604801"))), kCode);
  EXPECT_EQ(code_of(verify(with_target("Expires=86400", "Expires=day"))), kCode);
  EXPECT_EQ(code_of(verify(with_target("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"))), kCode);
  EXPECT_EQ(code_of(verify(with_target("&X-Amz-SignedHeaders=host", ""))), kCode);
  EXPECT_EQ(code_of(verify(with_target("X-Amz-Date=2013", "X-Amz-Date=x013"))), kCode);
  EXPECT_EQ(code_of(verify(with_target("X-Amz-Date=20130524", "X-Amz-Date=20130523"))), kCode);
  EXPECT_EQ(code_of(verify(with_target("%2Fs3%2F", "%2Fec2%2F"))), kCode);
  EXPECT_EQ(code_of(verify(with_target("%2Faws4_request", ""))), kCode);
}

TEST_F(SigV4, MalformedAuthorizationHeadersAreNamedSo) {
  constexpr std::string_view kCode = "AuthorizationHeaderMalformed";
  const std::string good(examples()[0].authorization);
  const auto replaced = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return with_header("Authorization", text);
  };
  EXPECT_EQ(code_of(verify(replaced("/aws4_request", ""))), kCode);
  EXPECT_EQ(code_of(verify(replaced("AKIAIOSFODNN7EXAMPLE", ""))), kCode);
  EXPECT_EQ(code_of(verify(replaced("/20130524/", "/20130523/"))), kCode);
  EXPECT_EQ(code_of(verify(replaced("/s3/", "/ec2/"))), kCode);
  EXPECT_EQ(code_of(verify(replaced("Signature=f0", "Signature="))), kCode);
  EXPECT_EQ(code_of(verify(replaced("SignedHeaders=", "Signed="))), kCode);
  EXPECT_EQ(code_of(verify(with_header("Authorization", "AWS4-HMAC-SHA256 "))), kCode);
}

TEST_F(SigV4, OtherMechanismsAreToldWhatToUse) {
  EXPECT_EQ(code_of(verify(with_header("Authorization", "AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg="))),
            "InvalidRequest");
  EXPECT_EQ(code_of(verify(make_request("GET", "/a?AWSAccessKeyId=x&Signature=y&Expires=1"))), "InvalidRequest");
  EXPECT_EQ(code_of(verify(with_header("Authorization", "Bearer x"))), "InvalidArgument");
}

TEST_F(SigV4, TwoMechanismsAtOnceAreRefused) {
  auto request = presigned();
  request.headers.add("Authorization", examples()[0].authorization);

  EXPECT_EQ(code_of(verify(request)), "InvalidArgument");
}

TEST_F(SigV4, HeadersThatMatterMustBeSigned) {
  auto added = request_of(examples()[0]);
  added.headers.add("x-amz-meta-added", "by someone on the way");
  auto added_to_presigned = presigned();
  added_to_presigned.headers.add("x-amz-acl", "public-read");
  auto without_host = request_of(examples()[0]);
  std::string authorization(examples()[0].authorization);
  authorization.replace(authorization.find("host;"), 5, "");
  without_host.headers.set("Authorization", authorization);

  EXPECT_EQ(code_of(verify(added)), "AccessDenied");
  EXPECT_EQ(code_of(verify(added_to_presigned)), "AccessDenied");
  EXPECT_EQ(code_of(verify(without_host)), "AccessDenied");
}

TEST_F(SigV4, TheDateHeaderStandsInForXAmzDate) {
  constexpr std::string_view kSigned = "date;host;x-amz-content-sha256";
  const auto key = derive_signing_key(kExampleSecret, "20130524", "eu-west-1");
  // The second as botocore writes it.
  for (const std::string date :
       {"Fri, 24 May 2013 00:00:00 GMT", "Fri, 24 May 2013 00:00:00 -0000", "20130524T000000Z"}) {
    auto request =
        make_request("GET", "/a", {{"Host", "h"}, {"Date", date}, {"x-amz-content-sha256", std::string(kEmptySha256)}});
    const auto text = string_to_sign("20130524T000000Z", "20130524/eu-west-1/s3/aws4_request",
                                     canonical_request(request, {}, kSigned, kEmptySha256));
    request.headers.add("Authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/eu-west-1/s3/aws4_request, "
                        "SignedHeaders=date;host;x-amz-content-sha256, Signature=" +
                            signature_of(key, text));

    EXPECT_TRUE(verify(request)) << date;
  }
}

TEST_F(SigV4, WhatIsMissingIsNamed) {
  EXPECT_EQ(code_of(verify(without_header("x-amz-date"))), "AccessDenied");
  EXPECT_EQ(code_of(verify(without_header("x-amz-content-sha256"))), "InvalidRequest");
  EXPECT_EQ(code_of(verify(with_header("x-amz-content-sha256", "abc"))), "InvalidArgument");
  EXPECT_EQ(code_of(verify(with_header("x-amz-content-sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"))),
            "NotImplemented");
}

TEST_F(SigV4, TheCachedKeyIsOfItsDayAndRegionOnly) {
  for (const std::string_view region : {"us-east-1", "eu-west-1", "us-east-1"}) {
    for (const int day : {0, 1, 0}) {
      clock_.set(example_time() + std::chrono::days(day));
      const RequestSigner signer({std::string(kExampleKeyId), std::string(kExampleSecret), {}}, std::string(region),
                                 clock_);
      auto request = make_request("GET", "/lake/a");
      signer.sign(request, "h", kEmptySha256);
      request.headers.add("Host", "h");

      EXPECT_TRUE(verify(request)) << region << " " << day;
    }
  }
}

}  // namespace
}  // namespace tarn::s3
