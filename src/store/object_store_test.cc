#include "store/object_store.h"

#include <string>

#include <gtest/gtest.h>

#include "store/bucket_store.h"

namespace tarn::store {
namespace {

std::string shown(const Result<ResolvedRange>& range) {
  if (!range) return std::string(range.error().reason);
  return std::to_string(range->offset) + "+" + std::to_string(range->length);
}

TEST(ByteRange, IsCutToTheObject) {
  EXPECT_EQ(shown(resolve(ByteRange::all(), 10)), "0+10");
  EXPECT_EQ(shown(resolve(ByteRange::all(), 0)), "0+0");
  EXPECT_EQ(shown(resolve(ByteRange::between(0, 9), 10)), "0+10");
  EXPECT_EQ(shown(resolve(ByteRange::between(9, 9), 10)), "9+1");
  EXPECT_EQ(shown(resolve(ByteRange::between(9, UINT64_MAX), 10)), "9+1");
  EXPECT_EQ(shown(resolve(ByteRange::from(0), 10)), "0+10");
  EXPECT_EQ(shown(resolve(ByteRange::from(9), 10)), "9+1");
  EXPECT_EQ(shown(resolve(ByteRange::suffix(1), 10)), "9+1");
  EXPECT_EQ(shown(resolve(ByteRange::suffix(UINT64_MAX), 10)), "0+10");
}

TEST(ByteRange, WithoutAByteOfTheObjectIsInvalid) {
  EXPECT_EQ(shown(resolve(ByteRange::from(10), 10)), kInvalidRange);
  EXPECT_EQ(shown(resolve(ByteRange::between(10, 12), 10)), kInvalidRange);
  EXPECT_EQ(shown(resolve(ByteRange::between(5, 4), 10)), kInvalidRange);
  EXPECT_EQ(shown(resolve(ByteRange::suffix(0), 10)), kInvalidRange);
  EXPECT_EQ(shown(resolve(ByteRange::suffix(5), 0)), kInvalidRange);
  EXPECT_EQ(shown(resolve(ByteRange::from(0), 0)), kInvalidRange);
}

TEST(Key, IsAnyUtf8WithinTheLimit) {
  for (const std::string& key : {std::string("a"), std::string(".."), std::string("/"), std::string(1024, 'k'),
                                 std::string("\0", 1), std::string("\xf0\x9f\x90\xb3")}) {
    EXPECT_TRUE(validate_key(key)) << key;
  }
  for (const std::string& key :
       {std::string(), std::string(1025, 'k'), std::string("\xc0\x80"), std::string("a\xff")}) {
    const auto valid = validate_key(key);
    ASSERT_FALSE(valid) << key;
    EXPECT_EQ(valid.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(BucketName, FollowsS3sRules) {
  for (const std::string& name :
       {std::string("abc"), std::string("lake"), std::string("a-b.c-1"), std::string("1.2.3.4.5"), std::string("1.2.3"),
        std::string("1.2.3.x"), std::string("1234.1.1.1"), std::string(63, 'a')}) {
    EXPECT_TRUE(validate_bucket_name(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("ab"), std::string(64, 'a'), std::string("Lake"), std::string("la_ke"),
        std::string("-lake"), std::string("lake-"), std::string(".lake"), std::string("lake."), std::string("la..ke"),
        std::string("1.2.3.4"), std::string("999.2.3.4"), std::string("l\xc3\xa4ke"), std::string("la/ke")}) {
    const auto valid = validate_bucket_name(name);
    ASSERT_FALSE(valid) << name;
    EXPECT_EQ(valid.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tarn::store
