#include <gtest/gtest.h>

#include "s3/requests_xml_internal.h"
#include "s3/server_fixture_internal.h"
#include "store/bucket_store.h"

namespace tarn::s3 {
namespace {

class MultipartOperations : public ServerFixture {
 protected:
  std::string create(const std::string& target, const HeaderList& headers = {}, Role role = Role::kAdmin) {
    const auto created = send("POST", target + "?uploads", headers, {}, role);
    return parse_create_upload(created.body).value_or("");
  }
  Reply upload(const std::string& target, const std::string& id, int number, Bytes body) {
    return send("PUT", target + "?partNumber=" + std::to_string(number) + "&uploadId=" + id, {}, std::move(body));
  }
  Reply complete(const std::string& target, const std::string& id, const std::vector<store::CompletedPart>& parts,
                 const HeaderList& headers = {}) {
    return send("POST", target + "?uploadId=" + id, headers, complete_upload_document(parts));
  }
  static std::string etag_of(const Reply& part) { return std::string(unquoted(part.header("ETag"))); }
};

TEST_F(MultipartOperations, PartsBecomeOneObject) {
  const Bytes first(store::kMinPartBytes, 'a');
  const auto id = create("/lake/big", {{"Content-Type", "text/plain"}, {"x-amz-meta-k", "v"}});
  const auto one = upload("/lake/big", id, 1, first);
  const auto two = upload("/lake/big", id, 2, "end");

  const auto completed = complete("/lake/big", id, {{1, etag_of(one)}, {2, etag_of(two)}});

  EXPECT_EQ(completed.status, 200) << completed.body;
  const auto etag = parse_etag_result(completed.body, "CompleteMultipartUploadResult");
  ASSERT_TRUE(etag);
  EXPECT_TRUE(etag->ends_with("-2"));
  const auto got = send("GET", "/lake/big");
  EXPECT_EQ(got.body, first + "end");
  EXPECT_EQ(got.header("Content-Type"), "text/plain");
  EXPECT_EQ(got.header("x-amz-meta-k"), "v");
}

TEST_F(MultipartOperations, CompletingAgainIsAnsweredAsBefore) {
  const auto id = create("/lake/big");
  const auto one = upload("/lake/big", id, 1, "part");
  const auto first = complete("/lake/big", id, {{1, etag_of(one)}});

  const auto again = complete("/lake/big", id, {{1, etag_of(one)}});

  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(complete("/lake/big", id, {{1, etag_of(one)}}, {{"If-None-Match", "*"}}).code(), "NoSuchUpload");
  send("PUT", "/lake/big", {}, "replaced");
  EXPECT_EQ(complete("/lake/big", id, {{1, etag_of(one)}}).code(), "NoSuchUpload");
}

TEST_F(MultipartOperations, PartsAreListed) {
  const auto id = create("/lake/big");
  for (const int number : {1, 2, 5}) upload("/lake/big", id, number, "part");

  const auto first = parse_list_parts(send("GET", "/lake/big?max-parts=2&uploadId=" + id).body);
  const auto second = parse_list_parts(send("GET", "/lake/big?part-number-marker=2&uploadId=" + id).body);

  ASSERT_TRUE(first && second);
  ASSERT_EQ(first->parts.size(), 2U);
  EXPECT_TRUE(first->is_truncated);
  ASSERT_EQ(second->parts.size(), 1U);
  EXPECT_EQ(second->parts[0].number, 5);
  EXPECT_EQ(second->parts[0].size, 4U);
  EXPECT_FALSE(second->is_truncated);
}

TEST_F(MultipartOperations, UploadsAreListedUntilTheyEnd) {
  const auto first = create("/lake/a");
  const auto second = create("/lake/b");

  EXPECT_EQ(parse_list_uploads(send("GET", "/lake?uploads").body)->uploads.size(), 2U);
  EXPECT_EQ(send("DELETE", "/lake/a?uploadId=" + first).status, 204);

  const auto left = parse_list_uploads(send("GET", "/lake?uploads").body);
  ASSERT_TRUE(left);
  ASSERT_EQ(left->uploads.size(), 1U);
  EXPECT_EQ(left->uploads[0].key, "b");
  EXPECT_EQ(left->uploads[0].upload_id, second);
  EXPECT_EQ(send("DELETE", "/lake/a?uploadId=" + first).code(), "NoSuchUpload");
}

TEST_F(MultipartOperations, CompletingChecksEveryPart) {
  const auto id = create("/lake/big");
  const auto one = upload("/lake/big", id, 1, "small");
  const auto two = upload("/lake/big", id, 2, "small too");

  EXPECT_EQ(complete("/lake/big", id, {{1, "0"}}).code(), "InvalidPart");
  EXPECT_EQ(complete("/lake/big", id, {{3, etag_of(one)}}).code(), "InvalidPart");
  EXPECT_EQ(complete("/lake/big", id, {{2, etag_of(two)}, {1, etag_of(one)}}).code(), "InvalidPartOrder");
  EXPECT_EQ(complete("/lake/big", id, {{1, etag_of(one)}, {2, etag_of(two)}}).code(), "EntityTooSmall");
  EXPECT_EQ(complete("/lake/big", "none", {{1, etag_of(one)}}).code(), "NoSuchUpload");
  EXPECT_EQ(send("POST", "/lake/big?uploadId=" + id, {}, "<CompleteMultipartUpload/>").code(), "MalformedXML");
  EXPECT_EQ(complete("/lake/big", id, {{1, etag_of(one)}}).status, 200);
}

TEST_F(MultipartOperations, CompletingIsConditionalToo) {
  send("PUT", "/lake/big", {}, "there");
  const auto id = create("/lake/big");
  const auto one = upload("/lake/big", id, 1, "part");

  EXPECT_EQ(complete("/lake/big", id, {{1, etag_of(one)}}, {{"If-None-Match", "*"}}).status, 412);
  EXPECT_EQ(send("GET", "/lake/big").body, "there");
}

TEST_F(MultipartOperations, AFinishedObjectsChecksumIsNotTheDocuments) {
  const auto id = create("/lake/big");
  const auto one = upload("/lake/big", id, 1, "part");

  EXPECT_EQ(complete("/lake/big", id, {{1, etag_of(one)}}, {{"x-amz-checksum-crc32", "AAAAAA=="}}).status, 200);
}

TEST_F(MultipartOperations, PartNumbersHaveTheirRange) {
  const auto id = create("/lake/big");

  EXPECT_EQ(upload("/lake/big", id, 0, "x").code(), "InvalidArgument");
  EXPECT_EQ(upload("/lake/big", id, 10001, "x").code(), "InvalidArgument");
  EXPECT_EQ(upload("/lake/big", id, 10000, "x").status, 200);
  EXPECT_EQ(send("PUT", "/lake/big?uploadId=" + id, {}, "x").code(), "InvalidArgument");
}

TEST_F(MultipartOperations, APartMayBeCopied) {
  send("PUT", "/lake/source", {}, "0123456789");
  const auto id = create("/lake/big");
  const std::string target = "/lake/big?partNumber=1&uploadId=" + id;
  const auto copy = [&](HeaderList headers) {
    headers.emplace_back("x-amz-copy-source", "/lake/source");
    return send("PUT", target, headers);
  };

  EXPECT_EQ(copy({{"x-amz-copy-source-range", "bytes=5-20"}}).code(), "InvalidRange");
  EXPECT_EQ(copy({{"x-amz-copy-source-range", "bytes=5-"}}).code(), "InvalidArgument");
  EXPECT_EQ(copy({{"x-amz-copy-source-if-match", "\"other\""}}).code(), "PreconditionFailed");
  const auto copied = copy({{"x-amz-copy-source-range", "bytes=2-4"}});
  EXPECT_EQ(copied.status, 200) << copied.body;
  const auto etag = parse_etag_result(copied.body, "CopyPartResult");
  ASSERT_TRUE(etag);
  EXPECT_EQ(complete("/lake/big", id, {{1, *etag}}).status, 200);
  EXPECT_EQ(send("GET", "/lake/big").body, "234");
}

}  // namespace
}  // namespace tarn::s3
