#include <gtest/gtest.h>

#include "s3/route_internal.h"
#include "s3/test_support_internal.h"

namespace tarn::s3 {
namespace {

/// "PutObject lake/key", or the error's code.
std::string routed(std::string method, std::string target, const HeaderList& headers = {}) {
  const auto request = make_request(std::move(method), std::move(target), headers);
  const auto query = http::parse_query(request.query());
  const auto found = route(request, *query);
  if (!found) return std::string(code_of(found));
  return std::string(name_of(found->operation)) + " " + found->bucket + "/" + found->key;
}

TEST(Route, FindsEveryOperation) {
  const HeaderList copy = {{"x-amz-copy-source", "/a/b"}};
  EXPECT_EQ(routed("GET", "/"), "ListBuckets /");
  EXPECT_EQ(routed("PUT", "/lake"), "CreateBucket lake/");
  EXPECT_EQ(routed("HEAD", "/lake/"), "HeadBucket lake/");
  EXPECT_EQ(routed("DELETE", "/lake"), "DeleteBucket lake/");
  EXPECT_EQ(routed("GET", "/lake?location"), "GetBucketLocation lake/");
  EXPECT_EQ(routed("GET", "/lake?versioning"), "GetBucketSetting lake/");
  EXPECT_EQ(routed("GET", "/lake"), "ListObjects lake/");
  EXPECT_EQ(routed("GET", "/lake/?list-type=2&prefix=a"), "ListObjectsV2 lake/");
  EXPECT_EQ(routed("GET", "/lake?versions"), "ListObjectVersions lake/");
  EXPECT_EQ(routed("GET", "/lake?uploads"), "ListMultipartUploads lake/");
  EXPECT_EQ(routed("POST", "/lake?delete"), "DeleteObjects lake/");
  EXPECT_EQ(routed("PUT", "/lake/a/b"), "PutObject lake/a/b");
  EXPECT_EQ(routed("PUT", "/lake/a", copy), "CopyObject lake/a");
  EXPECT_EQ(routed("GET", "/lake/a?x-id=GetObject"), "GetObject lake/a");
  EXPECT_EQ(routed("HEAD", "/lake/a"), "HeadObject lake/a");
  EXPECT_EQ(routed("DELETE", "/lake/a"), "DeleteObject lake/a");
  EXPECT_EQ(routed("GET", "/lake/a?acl"), "GetObjectAcl lake/a");
  EXPECT_EQ(routed("GET", "/lake/a?attributes"), "GetObjectAttributes lake/a");
  EXPECT_EQ(routed("GET", "/lake/a?tagging"), "GetObjectTagging lake/a");
  EXPECT_EQ(routed("POST", "/lake/a?uploads"), "CreateMultipartUpload lake/a");
  EXPECT_EQ(routed("PUT", "/lake/a?partNumber=1&uploadId=x"), "UploadPart lake/a");
  EXPECT_EQ(routed("PUT", "/lake/a?partNumber=1&uploadId=x", copy), "UploadPartCopy lake/a");
  EXPECT_EQ(routed("GET", "/lake/a?uploadId=x"), "ListParts lake/a");
  EXPECT_EQ(routed("POST", "/lake/a?uploadId=x"), "CompleteMultipartUpload lake/a");
  EXPECT_EQ(routed("DELETE", "/lake/a?uploadId=x"), "AbortMultipartUpload lake/a");
}

TEST(Route, KeysAreWhatFollowsTheBucketDecoded) {
  EXPECT_EQ(routed("GET", "/lake//a"), "GetObject lake//a");
  EXPECT_EQ(routed("GET", "/lake/a/"), "GetObject lake/a/");
  EXPECT_EQ(routed("GET", "/lake/.."), "GetObject lake/..");
  EXPECT_EQ(routed("GET", "/lake/a%2Fb+c%20d"), "GetObject lake/a/b+c d");
  EXPECT_EQ(routed("GET", "/la%6Be/%E6%97%A5"), "GetObject lake/\xe6\x97\xa5");
}

TEST(Route, RefusesWhatItCannotRead) {
  EXPECT_EQ(routed("GET", "lake"), "InvalidURI");
  EXPECT_EQ(routed("GET", "*"), "InvalidURI");
  EXPECT_EQ(routed("GET", "/lake/%"), "InvalidURI");
  EXPECT_EQ(routed("GET", "/lake/%C3"), "InvalidURI");
  EXPECT_EQ(routed("GET", "//a"), "InvalidBucketName");
  EXPECT_EQ(routed("PUT", "/lake/" + std::string(1025, 'k')), "KeyTooLongError");
}

TEST(Route, SubResourcesAreNeverTakenForTheObjectItself) {
  for (const std::string sub_resource :
       {"acl", "tagging", "retention", "legal-hold", "torrent", "restore", "renameObject"}) {
    EXPECT_EQ(routed("PUT", "/lake/a?" + sub_resource), "NotImplemented") << sub_resource;
    EXPECT_EQ(routed("DELETE", "/lake/a?" + sub_resource), "NotImplemented") << sub_resource;
  }
  for (const std::string sub_resource : {"policy", "lifecycle", "cors", "replication", "website", "encryption"}) {
    EXPECT_EQ(routed("PUT", "/lake?" + sub_resource), "NotImplemented") << sub_resource;
    EXPECT_EQ(routed("DELETE", "/lake?" + sub_resource), "NotImplemented") << sub_resource;
  }
  EXPECT_EQ(routed("PUT", "/lake/a?uploads"), "NotImplemented");
  EXPECT_EQ(routed("POST", "/lake/a?select&select-type=2"), "NotImplemented");
}

TEST(Route, OtherMethodsAreNotAllowed) {
  EXPECT_EQ(routed("PATCH", "/lake/a"), "MethodNotAllowed");
  EXPECT_EQ(routed("POST", "/lake/a"), "MethodNotAllowed");
  EXPECT_EQ(routed("PUT", "/"), "MethodNotAllowed");
  EXPECT_EQ(routed("POST", "/lake"), "NotImplemented");
}

}  // namespace
}  // namespace tarn::s3
