#include <gtest/gtest.h>

#include "s3/server_fixture_internal.h"
#include "s3/xml_internal.h"

namespace tarn::s3 {
namespace {

using ObjectOperations = ServerFixture;

constexpr std::string_view kHelloEtag = "\"5d41402abc4b2a76b9719d911017c592\"";

TEST_F(ObjectOperations, PutAnswersTheMd5AsETag) {
  const auto put = send("PUT", "/lake/a", {}, "hello");

  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.header("ETag"), kHelloEtag);
  EXPECT_EQ(put.header("x-amz-request-id"), "test-1");
}

TEST_F(ObjectOperations, HeadersAndMetadataRoundTrip) {
  const HeaderList headers = {{"Content-Type", "text/plain; charset=utf-8"},
                              {"Content-Language", "en"},
                              {"Content-Disposition", "attachment; filename=\"a b\""},
                              {"Cache-Control", "no-store"},
                              {"Expires", "Fri, 24 May 2013 00:00:00 GMT"},
                              {"Content-Encoding", "gzip"},
                              {"x-amz-meta-Mtime", "1.25"}};
  send("PUT", "/lake/a", headers, "hello");

  for (const std::string method : {"GET", "HEAD"}) {
    const auto got = send(method, "/lake/a");

    EXPECT_EQ(got.status, 200);
    for (const auto& [name, value] : headers) EXPECT_EQ(got.header(name), value) << method << " " << name;
    EXPECT_EQ(got.header("ETag"), kHelloEtag);
    EXPECT_EQ(got.header("Last-Modified"), "Fri, 24 May 2013 00:00:00 GMT");
    EXPECT_EQ(got.header("Accept-Ranges"), "bytes");
    EXPECT_EQ(got.body, method == "GET" ? "hello" : "");
  }
}

TEST_F(ObjectOperations, WithoutAContentTypeItIsBinary) {
  send("PUT", "/lake/a", {}, "hello");

  EXPECT_EQ(send("GET", "/lake/a").header("Content-Type"), "binary/octet-stream");
}

TEST_F(ObjectOperations, AwsChunkedEndsWithTheTransfer) {
  send("PUT", "/lake/a", {{"Content-Encoding", "aws-chunked"}}, "hello");
  send("PUT", "/lake/b", {{"Content-Encoding", "deflate,aws-chunked, gzip"}}, "hello");
  send("PUT", "/lake/c", {{"Content-Encoding", "deflate,gzip"}}, "hello");

  EXPECT_FALSE(send("GET", "/lake/a").headers.has("Content-Encoding"));
  EXPECT_EQ(send("GET", "/lake/b").header("Content-Encoding"), "deflate, gzip");
  EXPECT_EQ(send("GET", "/lake/c").header("Content-Encoding"), "deflate,gzip");
}

TEST_F(ObjectOperations, KeysAreDecodedOnce) {
  send("PUT", "/lake/a%20b%2Bc%2525/d%C3%A9", {}, "hello");

  const auto listed = send("GET", "/lake?list-type=2");

  EXPECT_NE(listed.body.find("<Key>a b+c%25/d\xc3\xa9</Key>"), std::string::npos) << listed.body;
}

TEST_F(ObjectOperations, MissingObjectsAndBucketsAreToldApart) {
  EXPECT_EQ(send("GET", "/lake/none").code(), "NoSuchKey");
  EXPECT_EQ(send("GET", "/lake/none").status, 404);
  EXPECT_EQ(send("GET", "/nowhere/none").code(), "NoSuchBucket");
  EXPECT_EQ(send("PUT", "/nowhere/a", {}, "x").code(), "NoSuchBucket");
  EXPECT_EQ(send("HEAD", "/lake/none").header("x-amz-error-code"), "NoSuchKey");
}

TEST_F(ObjectOperations, ErrorsNameCodeMessageResourceAndRequest) {
  const auto got = send("GET", "/lake/a%20b?x=1");
  const auto document = XmlDocument::parse(got.body, 1 << 20);

  ASSERT_TRUE(document);
  EXPECT_EQ(got.header("Content-Type"), "application/xml");
  EXPECT_EQ(document->root().name(), "Error");
  EXPECT_EQ(document->root().child_text("Code"), "NoSuchKey");
  EXPECT_FALSE(document->root().child_text("Message").empty());
  EXPECT_EQ(document->root().child_text("Resource"), "/lake/a%20b");
  EXPECT_EQ(document->root().child_text("RequestId"), "test-1");
}

TEST_F(ObjectOperations, RangesAreAnsweredInPart) {
  send("PUT", "/lake/a", {}, "0123456789");
  const struct {
    std::string range, bytes, content_range;
  } cases[] = {{"bytes=2-4", "234", "bytes 2-4/10"},
               {"bytes=7-", "789", "bytes 7-9/10"},
               {"bytes=-3", "789", "bytes 7-9/10"},
               {"bytes=-99", "0123456789", "bytes 0-9/10"},
               {"bytes=8-99999999999999999999999", "89", "bytes 8-9/10"},
               {"Bytes=0-0", "0", "bytes 0-0/10"}};

  for (const auto& [range, bytes, content_range] : cases) {
    const auto got = send("GET", "/lake/a", {{"Range", range}});
    EXPECT_EQ(got.status, 206) << range;
    EXPECT_EQ(got.body, bytes) << range;
    EXPECT_EQ(got.header("Content-Range"), content_range) << range;
  }
}

TEST_F(ObjectOperations, RangesThatAreNoneAreIgnored) {
  send("PUT", "/lake/a", {}, "0123456789");

  for (const std::string range : {"bytes=4-2", "bytes=a-b", "bytes=", "lines=1-2", "bytes=0-1,3-4", "bytes=1"}) {
    const auto got = send("GET", "/lake/a", {{"Range", range}});
    EXPECT_EQ(got.status, 200) << range;
    EXPECT_EQ(got.body, "0123456789") << range;
  }
}

TEST_F(ObjectOperations, RangesOutsideSayHowLongTheObjectIs) {
  send("PUT", "/lake/a", {}, "0123456789");
  send("PUT", "/lake/empty");

  for (const auto& [target, range, content_range] :
       std::vector<std::tuple<std::string, std::string, std::string>>{{"/lake/a", "bytes=10-", "bytes */10"},
                                                                      {"/lake/a", "bytes=-0", "bytes */10"},
                                                                      {"/lake/empty", "bytes=0-4", "bytes */0"}}) {
    const auto got = send("GET", target, {{"Range", range}});
    EXPECT_EQ(got.status, 416) << range;
    EXPECT_EQ(got.code(), "InvalidRange");
    EXPECT_EQ(got.header("Content-Range"), content_range);
  }
  EXPECT_EQ(send("GET", "/lake/a", {{"Range", "bytes=10-"}, {"If-Match", "\"other\""}}).status, 412);
}

TEST_F(ObjectOperations, IfRangeStartsAfreshWhenTheObjectChanged) {
  send("PUT", "/lake/a", {}, "hello");

  EXPECT_EQ(send("GET", "/lake/a", {{"Range", "bytes=1-2"}, {"If-Range", std::string(kHelloEtag)}}).body, "el");
  const auto changed = send("GET", "/lake/a", {{"Range", "bytes=1-2"}, {"If-Range", "\"before\""}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body, "hello");
}

TEST_F(ObjectOperations, ReadConditionsFollowTheirOrder) {
  clock_.set(example_time() + std::chrono::milliseconds(500));
  send("PUT", "/lake/a", {}, "hello");
  const std::string etag(kHelloEtag);
  const std::string other = "\"other\"";
  const std::string before = "Thu, 23 May 2013 00:00:00 GMT";
  const std::string same = "Fri, 24 May 2013 00:00:00 GMT";
  const std::pair<HeaderList, int> cases[] = {
      {{{"If-Match", etag}}, 200},
      {{{"If-Match", "*"}}, 200},
      {{{"If-Match", other + ", " + etag}}, 200},
      {{{"If-Match", "5d41402abc4b2a76b9719d911017c592"}}, 200},
      {{{"If-Match", other}}, 412},
      {{{"If-None-Match", etag}}, 304},
      {{{"If-None-Match", "*"}}, 304},
      {{{"If-None-Match", "W/" + etag}}, 304},
      {{{"If-None-Match", other}}, 200},
      {{{"If-Modified-Since", same}}, 304},
      {{{"If-Modified-Since", before}}, 200},
      {{{"If-Modified-Since", "no date"}}, 200},
      {{{"If-Unmodified-Since", same}}, 200},
      {{{"If-Unmodified-Since", before}}, 412},
      {{{"If-Match", etag}, {"If-Unmodified-Since", before}}, 200},
      {{{"If-None-Match", other}, {"If-Modified-Since", same}}, 200},
      {{{"If-None-Match", etag}, {"If-Modified-Since", before}}, 304},
  };

  for (const auto& [headers, status] : cases) {
    EXPECT_EQ(send("GET", "/lake/a", headers).status, status) << headers[0].first << ": " << headers[0].second;
    EXPECT_EQ(send("HEAD", "/lake/a", headers).status, status) << headers[0].first << ": " << headers[0].second;
  }
}

TEST_F(ObjectOperations, NotModifiedCarriesTheETagAndNoBodyOrChecksum) {
  send("PUT", "/lake/a", {{"x-amz-checksum-crc32", "NhCmhg=="}}, "hello");

  const auto got =
      send("GET", "/lake/a", {{"If-None-Match", std::string(kHelloEtag)}, {"x-amz-checksum-mode", "ENABLED"}});

  EXPECT_EQ(got.status, 304);
  EXPECT_EQ(got.header("ETag"), kHelloEtag);
  EXPECT_EQ(got.header("x-amz-checksum-crc32"), "");
  EXPECT_EQ(got.body, "");
}

TEST_F(ObjectOperations, ConditionalPutsHaveOneWinner) {
  EXPECT_EQ(send("PUT", "/lake/a", {{"If-None-Match", "*"}}, "hello").status, 200);
  EXPECT_EQ(send("PUT", "/lake/a", {{"If-None-Match", "*"}}, "again").status, 412);
  EXPECT_EQ(send("PUT", "/lake/a", {{"If-Match", "\"other\""}}, "again").code(), "PreconditionFailed");
  EXPECT_EQ(send("GET", "/lake/a").body, "hello");
  EXPECT_EQ(send("PUT", "/lake/a", {{"If-Match", std::string(kHelloEtag)}}, "again").status, 200);
  EXPECT_EQ(send("PUT", "/lake/none", {{"If-Match", std::string(kHelloEtag)}}, "again").status, 404);
  EXPECT_EQ(send("PUT", "/lake/a", {{"If-None-Match", std::string(kHelloEtag)}}, "again").status, 501);
}

TEST_F(ObjectOperations, DeleteIsQuietAboutMissingKeysButForItsCondition) {
  send("PUT", "/lake/a", {}, "hello");

  EXPECT_EQ(send("DELETE", "/lake/none").status, 204);
  EXPECT_EQ(send("DELETE", "/lake/a", {{"If-Match", "\"other\""}}).status, 412);
  EXPECT_EQ(send("DELETE", "/lake/none", {{"If-Match", "*"}}).status, 404);
  EXPECT_EQ(send("DELETE", "/lake/a", {{"If-Match", std::string(kHelloEtag)}}).status, 204);
  EXPECT_EQ(send("GET", "/lake/a").status, 404);
}

TEST_F(ObjectOperations, MetadataHasItsLimit) {
  const std::string name = "x-amz-meta-a";
  EXPECT_EQ(send("PUT", "/lake/a", {{name, std::string(2047, 'v')}}, "x").status, 200);
  EXPECT_EQ(send("PUT", "/lake/a", {{name, std::string(2048, 'v')}}, "x").code(), "MetadataTooLarge");
}

TEST_F(ObjectOperations, KeysHaveTheirLimit) {
  EXPECT_EQ(send("PUT", "/lake/" + std::string(1024, 'k'), {}, "x").status, 200);
  EXPECT_EQ(send("PUT", "/lake/" + std::string(1025, 'k'), {}, "x").code(), "KeyTooLongError");
  EXPECT_EQ(send("PUT", "/lake/%ff", {}, "x").code(), "InvalidURI");
  EXPECT_EQ(send("PUT", "/lake/%zz", {}, "x").code(), "InvalidURI");
}

TEST_F(ObjectOperations, WrongDigestsLeaveNothingBehind) {
  const std::string other_crc32 = "AAAAAA==";
  EXPECT_EQ(send("PUT", "/lake/a", {{"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}, "hello").code(), "BadDigest");
  EXPECT_EQ(send("PUT", "/lake/a", {{"Content-MD5", "short"}}, "hello").code(), "InvalidDigest");
  EXPECT_EQ(send("PUT", "/lake/a", {{"x-amz-checksum-crc32", other_crc32}}, "hello").code(), "BadDigest");
  EXPECT_EQ(send("PUT", "/lake/a", {{"x-amz-checksum-crc32", "AAAA"}}, "hello").code(), "BadDigest");
  EXPECT_EQ(send("GET", "/lake/a").status, 404);
}

TEST_F(ObjectOperations, ABodyThatIsNotTheSignedOneIsRefused) {
  auto request = make_request("PUT", "/lake/a", {{"Content-Length", "5"}}, "HELLO");
  admin_.sign(request, kHost, hex_encode(sha256("hello")));
  request.headers.set("Host", kHost);

  const auto put = answer(request);

  EXPECT_EQ(put.code(), "XAmzContentSHA256Mismatch");
  EXPECT_EQ(put.status, 400);
  EXPECT_EQ(send("GET", "/lake/a").status, 404);
}

TEST_F(ObjectOperations, AnUnsignedBodyIsTaken) {
  auto request = make_request("PUT", "/lake/a", {{"Content-Length", "5"}}, "hello");
  admin_.sign(request, kHost, kUnsignedPayload);
  request.headers.set("Host", kHost);

  EXPECT_EQ(answer(request).status, 200);
}

TEST_F(ObjectOperations, ABodyNeedsALength) {
  auto request = make_request("PUT", "/lake/a", {}, "hello");
  admin_.sign(request, kHost, kUnsignedPayload);
  request.headers.set("Host", kHost);

  const auto put = answer(request);

  EXPECT_EQ(put.status, 411);
  EXPECT_EQ(put.code(), "MissingContentLength");
}

TEST_F(ObjectOperations, ChunkedBodiesWithATrailerNeedNoLength) {
  // As pyarrow sends every part: aws-chunked inside chunked transfer encoding. CRC-64/NVME of "hello".
  const std::string body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
  auto request = make_request("PUT", "/lake/a",
                              {{"Transfer-Encoding", "chunked"},
                               {"Content-Encoding", "aws-chunked"},
                               {"x-amz-trailer", "x-amz-checksum-crc32"},
                               {"x-amz-decoded-content-length", "5"}});
  request.body = std::make_unique<PiecewiseSource>(body, 3);
  admin_.sign(request, kHost, "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
  request.headers.set("Host", kHost);

  const auto put = answer(request);

  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.header("x-amz-checksum-crc32"), "NhCmhg==");
  EXPECT_EQ(send("GET", "/lake/a").body, "hello");
}

TEST_F(ObjectOperations, ChecksumsAreKeptAndGivenOnRequest) {
  const std::string crc32 = "NhCmhg==";
  EXPECT_EQ(send("PUT", "/lake/a", {{"x-amz-checksum-crc32", crc32}}, "hello").header("x-amz-checksum-crc32"), crc32);

  EXPECT_EQ(send("GET", "/lake/a", {{"x-amz-checksum-mode", "ENABLED"}}).header("x-amz-checksum-crc32"), crc32);
  EXPECT_FALSE(send("GET", "/lake/a").headers.has("x-amz-checksum-crc32"));
  EXPECT_FALSE(send("GET", "/lake/a", {{"x-amz-checksum-mode", "ENABLED"}, {"Range", "bytes=0-1"}})
                   .headers.has("x-amz-checksum-crc32"));
}

TEST_F(ObjectOperations, TagsAreKept) {
  send("PUT", "/lake/a", {{"x-amz-tagging", "TrinoCreationId=abc&two+words=%3C%26%3E"}}, "hello");

  const auto tagging = send("GET", "/lake/a?tagging");

  EXPECT_NE(tagging.body.find("<Tag><Key>TrinoCreationId</Key><Value>abc</Value></Tag>"), std::string::npos);
  EXPECT_NE(tagging.body.find("<Tag><Key>two words</Key><Value>&lt;&amp;&gt;</Value></Tag>"), std::string::npos);
  EXPECT_EQ(send("HEAD", "/lake/a").header("x-amz-tagging-count"), "2");
  EXPECT_EQ(send("PUT", "/lake/a", {{"x-amz-tagging", "a=1&a=2"}}, "hello").code(), "InvalidTag");
}

TEST_F(ObjectOperations, QueryParametersReplaceAnswerHeaders) {
  send("PUT", "/lake/a", {{"Content-Type", "text/plain"}}, "hello");

  const auto got = send("GET", "/lake/a?response-content-type=a%2Fb&response-cache-control=no-cache");

  EXPECT_EQ(got.header("Content-Type"), "a/b");
  EXPECT_EQ(got.header("Cache-Control"), "no-cache");
}

TEST_F(ObjectOperations, AttributesAnswerWhatWasAskedFor) {
  send("PUT", "/lake/a", {{"x-amz-checksum-crc32", "NhCmhg=="}}, "hello");

  const auto got = send("GET", "/lake/a?attributes", {{"x-amz-object-attributes", "ETag,ObjectSize,Checksum"}});

  EXPECT_NE(got.body.find("<ETag>5d41402abc4b2a76b9719d911017c592</ETag>"), std::string::npos);
  EXPECT_NE(got.body.find("<ObjectSize>5</ObjectSize>"), std::string::npos);
  EXPECT_NE(got.body.find("<ChecksumCRC32>NhCmhg==</ChecksumCRC32>"), std::string::npos);
  EXPECT_EQ(got.body.find("StorageClass"), std::string::npos);
}

TEST_F(ObjectOperations, WhatIsNotDoneIsSaid) {
  EXPECT_EQ(send("PUT", "/lake/a", {{"x-amz-server-side-encryption", "AES256"}}, "x").code(), "NotImplemented");
  EXPECT_EQ(send("PUT", "/lake/a", {{"x-amz-grant-read", "id=x"}}, "x").code(), "AccessControlListNotSupported");
  EXPECT_EQ(send("PUT", "/lake/a", {{"x-amz-acl", "everyone"}}, "x").code(), "InvalidArgument");
  EXPECT_EQ(send("PUT", "/lake/a", {{"x-amz-acl", "public-read"}}, "x").status, 200);
  EXPECT_EQ(send("GET", "/lake/a?versionId=3").code(), "NoSuchVersion");
  EXPECT_EQ(send("GET", "/lake/a?versionId=null").status, 200);
  EXPECT_EQ(send("PUT", "/lake/a?tagging", {}, "<Tagging/>").code(), "NotImplemented");
  EXPECT_EQ(send("GET", "/lake/a").body, "x");
}

TEST_F(ObjectOperations, ManyAreDeletedAtOnceEachWithItsOwnOutcome) {
  send("PUT", "/lake/a", {}, "x");
  send("PUT", "/lake/b", {}, "x");
  const std::string document =
      "<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object>"
      "<Object><Key>b</Key><ETag>\"other\"</ETag></Object></Delete>";

  const auto deleted = send("POST", "/lake?delete", {}, document);

  EXPECT_EQ(deleted.status, 200);
  EXPECT_NE(deleted.body.find("<Deleted><Key>a</Key></Deleted><Deleted><Key>none</Key></Deleted>"), std::string::npos);
  EXPECT_NE(deleted.body.find("<Error><Key>b</Key><Code>PreconditionFailed</Code>"), std::string::npos);
  EXPECT_EQ(send("GET", "/lake/a").status, 404);
  EXPECT_EQ(send("GET", "/lake/b").status, 200);
}

TEST_F(ObjectOperations, AQuietDeleteAnswersErrorsOnly) {
  const auto deleted =
      send("POST", "/lake?delete", {}, "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>");

  EXPECT_EQ(deleted.body.find("Deleted"), std::string::npos);
  EXPECT_NE(deleted.body.find("DeleteResult"), std::string::npos);
}

TEST_F(ObjectOperations, DeletesThatAreMalformedDeleteNothing) {
  std::string many = "<Delete>";
  for (int i = 0; i <= 1000; ++i) many += "<Object><Key>k" + std::to_string(i) + "</Key></Object>";
  many += "</Delete>";

  EXPECT_EQ(send("POST", "/lake?delete", {}, many).code(), "MalformedXML");
  EXPECT_EQ(send("POST", "/lake?delete", {}, "<Delete/>").code(), "MalformedXML");
  EXPECT_EQ(send("POST", "/lake?delete", {}, "no xml").code(), "MalformedXML");
  EXPECT_EQ(send("POST", "/nowhere?delete", {}, "<Delete><Object><Key>a</Key></Object></Delete>").code(),
            "NoSuchBucket");
}

TEST_F(ObjectOperations, CopiesCarryHeadersUnlessTheyAreReplaced) {
  send("PUT", "/lake/a%20b", {{"Content-Type", "text/plain"}, {"x-amz-meta-k", "v"}}, "hello");

  const auto copied = send("PUT", "/lake/b", {{"x-amz-copy-source", "/lake/a%20b"}});
  send("PUT", "/lake/c",
       {{"x-amz-copy-source", "lake/a%20b"}, {"x-amz-metadata-directive", "REPLACE"}, {"x-amz-meta-new", "w"}});

  EXPECT_EQ(copied.status, 200);
  EXPECT_NE(copied.body.find("<ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag>"), std::string::npos);
  EXPECT_EQ(send("GET", "/lake/b").header("x-amz-meta-k"), "v");
  EXPECT_EQ(send("GET", "/lake/b").body, "hello");
  EXPECT_EQ(send("GET", "/lake/c").header("x-amz-meta-k"), "");
  EXPECT_EQ(send("GET", "/lake/c").header("x-amz-meta-new"), "w");
}

TEST_F(ObjectOperations, CopiesHaveConditionsOnBothEnds) {
  send("PUT", "/lake/a", {}, "hello");
  const std::string source = "/lake/a";
  const auto copy = [&](HeaderList headers) {
    headers.emplace_back("x-amz-copy-source", source);
    return send("PUT", "/lake/b", headers).status;
  };
  EXPECT_EQ(copy({{"x-amz-copy-source-if-match", "\"other\""}}), 412);
  EXPECT_EQ(copy({{"x-amz-copy-source-if-none-match", std::string(kHelloEtag)}}), 412);
  EXPECT_EQ(copy({{"x-amz-copy-source-if-modified-since", "Fri, 24 May 2013 00:00:00 GMT"}}), 412);
  EXPECT_EQ(copy({{"x-amz-copy-source-if-match", std::string(kHelloEtag)}, {"If-None-Match", "*"}}), 200);
  EXPECT_EQ(copy({{"If-None-Match", "*"}}), 412);
}

TEST_F(ObjectOperations, CopiesThatCannotBeAreRefused) {
  send("PUT", "/lake/a", {}, "hello");

  EXPECT_EQ(send("PUT", "/lake/a", {{"x-amz-copy-source", "/lake/a"}}).code(), "InvalidRequest");
  EXPECT_EQ(send("PUT", "/lake/b", {{"x-amz-copy-source", "/lake/none"}}).code(), "NoSuchKey");
  EXPECT_EQ(send("PUT", "/lake/b", {{"x-amz-copy-source", "/nowhere/a"}}).code(), "NoSuchBucket");
  EXPECT_EQ(send("PUT", "/lake/b", {{"x-amz-copy-source", "lake"}}).code(), "InvalidArgument");
  EXPECT_EQ(send("PUT", "/lake/b", {{"x-amz-copy-source", "/lake/a?versionId=7"}}).code(), "NoSuchVersion");
}

}  // namespace
}  // namespace tarn::s3
