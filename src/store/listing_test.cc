#include <string>

#include <gtest/gtest.h>

#include "store/listing_internal.h"

namespace tarn::store {
namespace {

TEST(Listing, ContinuationLeadsToTheEntryItWasMadeOf) {
  for (const std::string& entry : {std::string("a"), std::string("a/"), std::string("\x01%\xc3\xa9", 4)}) {
    const ListQuery query{.start_after = "ignored", .continuation = continuation_after(entry)};

    EXPECT_EQ(start_position(query), entry);
  }
}

TEST(Listing, ForeignContinuationIsInvalid) {
  for (const char* token : {"?", "YQ==", "MTphI", "2"}) {
    const auto position = start_position({.continuation = token});
    ASSERT_FALSE(position) << token;
    EXPECT_EQ(position.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Listing, CommonPrefixEndsWithTheFirstDelimiterAfterThePrefix) {
  EXPECT_EQ(common_prefix_of("a/b/c", {.delimiter = "/"}), "a/");
  EXPECT_EQ(common_prefix_of("a/b/c", {.prefix = "a/", .delimiter = "/"}), "a/b/");
  EXPECT_EQ(common_prefix_of("a/b/c", {.prefix = "a", .delimiter = "/"}), "a/");
  EXPECT_EQ(common_prefix_of("a/b", {.prefix = "a/", .delimiter = "/"}), std::nullopt);
  EXPECT_EQ(common_prefix_of("a/b", {.prefix = "a/"}), std::nullopt);
  EXPECT_EQ(common_prefix_of("a--b", {.delimiter = "--"}), "a--");
}

TEST(Listing, WhatComesAfterAPrefixIsTheNextString) {
  EXPECT_EQ(after_all_with_prefix("a/"), "a0");
  EXPECT_EQ(after_all_with_prefix("a\xff"), "b");
  EXPECT_EQ(after_all_with_prefix("\xff\xff"), "");
  EXPECT_EQ(after_all_with_prefix(""), "");
}

TEST(Listing, FirstCandidatePassesOverWhatTheLastPageHeld) {
  EXPECT_EQ(first_candidate({}, ""), "");
  EXPECT_EQ(first_candidate({.prefix = "b"}, ""), "b");
  EXPECT_EQ(first_candidate({.prefix = "b"}, "a"), "b");
  EXPECT_EQ(first_candidate({.prefix = "b"}, "bc"), std::string("bc\0", 3));
  EXPECT_EQ(first_candidate({.prefix = "b"}, "c"), std::nullopt);
  EXPECT_EQ(first_candidate({.delimiter = "/"}, "a/"), "a0");
  EXPECT_EQ(first_candidate({.delimiter = "/"}, "a/b"), "a0");
  EXPECT_EQ(first_candidate({.prefix = "a/", .delimiter = "/"}, "a/b"), std::string("a/b\0", 4));
}

}  // namespace
}  // namespace tarn::store
