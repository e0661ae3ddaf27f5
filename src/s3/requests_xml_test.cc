#include <gtest/gtest.h>

#include "s3/requests_xml_internal.h"
#include "s3/test_support_internal.h"

namespace tarn::s3 {
namespace {

TEST(RequestsXml, ReadsDelete) {
  const auto request = parse_delete_objects(
      "<?xml version=\"1.0\"?><Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>"
      "<Object><Key>a&amp;b</Key><ETag>\"0123\"</ETag></Object><Object><Key> </Key><VersionId>null</VersionId></Object>"
      "</Delete>");

  ASSERT_TRUE(request) << request.error().message;
  EXPECT_TRUE(request->is_quiet);
  ASSERT_EQ(request->items.size(), 2U);
  EXPECT_EQ(request->items[0].key, "a&b");
  EXPECT_EQ(request->items[0].etag, "0123");
  EXPECT_EQ(request->items[1].key, " ");
  EXPECT_FALSE(request->items[1].etag);
  EXPECT_EQ(request->items[1].version_id, "null");
}

TEST(RequestsXml, RefusesADeleteThatIsNone) {
  EXPECT_EQ(code_of(parse_delete_objects("<Delete><Object/></Delete>")), "MalformedXML");
  EXPECT_EQ(code_of(parse_delete_objects("<Remove><Object><Key>a</Key></Object></Remove>")), "MalformedXML");
}

TEST(RequestsXml, CompletionsRoundTrip) {
  const std::vector<store::CompletedPart> parts = {{1, "aa"}, {2, "bb"}, {10000, "cc"}};

  const auto read = parse_complete_upload(complete_upload_document(parts));

  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ((*read)[2].number, 10000);
  EXPECT_EQ((*read)[2].etag, "cc");
}

TEST(RequestsXml, ReadsCompletionsAsClientsWriteThem) {
  // boto3 with checksums; the ETag's quotes as references.
  const auto read = parse_complete_upload(
      "<CompleteMultipartUpload><Part><ChecksumCRC32>AAAAAA==</ChecksumCRC32><ETag>&quot;aa&quot;</ETag>"
      "<PartNumber>1</PartNumber></Part></CompleteMultipartUpload>");

  ASSERT_TRUE(read);
  EXPECT_EQ((*read)[0].etag, "aa");
}

TEST(RequestsXml, RefusesCompletionsThatAreNone) {
  const auto with_part = [](std::string_view part) {
    return "<CompleteMultipartUpload><Part>" + std::string(part) + "</Part></CompleteMultipartUpload>";
  };
  EXPECT_EQ(code_of(parse_complete_upload(with_part("<PartNumber>1</PartNumber>"))), "MalformedXML");
  EXPECT_EQ(code_of(parse_complete_upload(with_part("<ETag>a</ETag>"))), "MalformedXML");
  EXPECT_EQ(code_of(parse_complete_upload(with_part("<PartNumber>1x</PartNumber><ETag>a</ETag>"))), "MalformedXML");
  EXPECT_EQ(code_of(parse_complete_upload(with_part("<PartNumber>99999999999</PartNumber><ETag>a</ETag>"))),
            "MalformedXML");
  EXPECT_EQ(code_of(parse_complete_upload("<CompleteMultipartUpload/>")), "MalformedXML");
}

TEST(RequestsXml, BucketLocationsRoundTrip) {
  EXPECT_EQ(parse_create_bucket(create_bucket_document("eu-west-1")), "eu-west-1");
  EXPECT_EQ(parse_create_bucket(""), "");
  EXPECT_EQ(code_of(parse_create_bucket("<Other/>")), "MalformedXML");
}

}  // namespace
}  // namespace tarn::s3
