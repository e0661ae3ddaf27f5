#include <gtest/gtest.h>

#include "s3/answers_xml_internal.h"
#include "s3/test_support_internal.h"

namespace tarn::s3 {
namespace {

const Timestamp kTime = *parse_rfc3339("2026-11-23T00:32:06Z");

store::ListPage example_page() {
  store::ListPage page;
  page.objects = {{.key = "a&b <c>", .size = 5, .etag = "aa", .last_modified = kTime},
                  {.key = "z", .size = 0, .etag = "bb-2", .last_modified = kTime}};
  page.common_prefixes = {"m/"};
  page.is_truncated = true;
  page.continuation = "token";
  return page;
}

TEST(AnswersXml, ListingsRoundTrip) {
  const auto page = parse_list_objects_v2(list_objects_v2_document({.bucket = "lake"}, example_page()));

  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->objects.size(), 2U);
  EXPECT_EQ(page->objects[0].key, "a&b <c>");
  EXPECT_EQ(page->objects[0].size, 5U);
  EXPECT_EQ(page->objects[0].etag, "aa");
  EXPECT_EQ(page->objects[0].last_modified, kTime);
  EXPECT_EQ(page->common_prefixes, std::vector<std::string>{"m/"});
  EXPECT_TRUE(page->is_truncated);
  EXPECT_EQ(page->continuation, "token");
}

TEST(AnswersXml, ListingsRepeatTheQuestion) {
  const ListingEcho echo{.bucket = "lake",
                         .prefix = "p+ q",
                         .delimiter = "/",
                         .start_after = "s",
                         .continuation_token = "",
                         .max_keys = 7,
                         .is_url_encoded = true};

  const auto text = list_objects_v2_document(echo, {});

  for (const std::string_view element :
       {"<Name>lake</Name>", "<Prefix>p%2B%20q</Prefix>", "<Delimiter>/</Delimiter>", "<MaxKeys>7</MaxKeys>",
        "<EncodingType>url</EncodingType>", "<KeyCount>0</KeyCount>", "<StartAfter>s</StartAfter>",
        "<ContinuationToken></ContinuationToken>", "<IsTruncated>false</IsTruncated>"}) {
    EXPECT_NE(text.find(element), std::string::npos) << element << " in " << text;
  }
}

TEST(AnswersXml, TimesAreCutToTheSecond) {
  auto page = example_page();
  page.objects[0].last_modified += std::chrono::microseconds(999'999);

  EXPECT_NE(list_objects_v2_document({}, page).find("<LastModified>2026-11-23T00:32:06.000Z</LastModified>"),
            std::string::npos);
}

TEST(AnswersXml, TheLastNameIsTheGreaterOfKeyAndPrefix) {
  EXPECT_EQ(last_name(example_page()), "z");
  store::ListPage prefixes_only;
  prefixes_only.common_prefixes = {"m/"};
  EXPECT_EQ(last_name(prefixes_only), "m/");
  EXPECT_EQ(last_name({}), "");
}

TEST(AnswersXml, BucketsRoundTrip) {
  const auto buckets = parse_list_buckets(list_buckets_document({{"a", kTime}, {"b", kTime}}));

  ASSERT_TRUE(buckets);
  ASSERT_EQ(buckets->size(), 2U);
  EXPECT_EQ((*buckets)[1].name, "b");
  EXPECT_EQ((*buckets)[1].created_at, kTime);
}

TEST(AnswersXml, UploadsAndPartsRoundTrip) {
  const store::ObjectKey key("lake", "a");
  const auto parts =
      parse_list_parts(list_parts_document(key, "id", 0, 10, {.parts = {{3, 7, "aa", kTime}}, .is_truncated = true}));
  const auto uploads = parse_list_uploads(list_uploads_document({.bucket = "lake"}, {.uploads = {{"a", "id", kTime}}}));

  EXPECT_EQ(parse_create_upload(create_upload_document(key, "id&1")), "id&1");
  ASSERT_TRUE(parts && uploads);
  ASSERT_EQ(parts->parts.size(), 1U);
  EXPECT_EQ(parts->parts[0].number, 3);
  EXPECT_EQ(parts->parts[0].size, 7U);
  EXPECT_TRUE(parts->is_truncated);
  ASSERT_EQ(uploads->uploads.size(), 1U);
  EXPECT_EQ(uploads->uploads[0].upload_id, "id");
  EXPECT_EQ(uploads->uploads[0].initiated_at, kTime);
}

TEST(AnswersXml, TagsRoundTrip) {
  const std::map<std::string, std::string> tags = {{"a", "1&2"}, {"b", ""}};

  EXPECT_EQ(parse_tagging(tagging_document(tags)), tags);
}

TEST(AnswersXml, AnswersThatAreNotS3sAreTheStoresFault) {
  for (const std::string_view text : {"", "<html></html>", "<ListBucketResult><Contents/></ListBucketResult>",
                                      "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    const auto page = parse_list_objects_v2(text);
    ASSERT_FALSE(page) << text;
    EXPECT_EQ(page.error().code, ErrorCode::kInternal);
  }
  EXPECT_FALSE(parse_create_upload("<InitiateMultipartUploadResult/>"));
  EXPECT_FALSE(parse_etag_result("<CopyObjectResult/>", "CopyObjectResult"));
}

TEST(AnswersXml, WhatIsNoErrorDocumentHasNoCode) {
  EXPECT_EQ(parse_error("<html><body>502</body></html>").code, "");
  EXPECT_EQ(parse_error("").code, "");
  EXPECT_EQ(parse_error("<Error><Code>SlowDown</Code><Message>m</Message></Error>").code, "SlowDown");
}

}  // namespace
}  // namespace tarn::s3
