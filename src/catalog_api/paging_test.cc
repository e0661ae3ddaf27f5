#include "catalog_api/paging.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tarn::catalog_api {
namespace {

std::string refusal_of(std::string_view query) {
  const auto parsed = parse_list_query(query);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  return parsed.error().message;
}

TEST(ListQuery, DefaultsAreAFullPageOfLiveDatasets) {
  const auto parsed = parse_list_query("");

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->datasets.limit, 100U);
  EXPECT_EQ(parsed->datasets.after, "");
  EXPECT_EQ(parsed->datasets.state, catalog::DatasetState::kLive);
  EXPECT_EQ(parsed->view, DatasetView::kFull);
}

TEST(ListQuery, ReadsEveryParameter) {
  const auto parsed =
      parse_list_query("prefix=a%2Fb&page_size=7&page_token=" + page_token_after("m") + "&view=names&state=dropped");

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->datasets.prefix, "a/b");
  EXPECT_EQ(parsed->datasets.limit, 7U);
  EXPECT_EQ(parsed->datasets.after, "m");
  EXPECT_EQ(parsed->datasets.state, catalog::DatasetState::kDropped);
  EXPECT_EQ(parsed->view, DatasetView::kNames);
}

TEST(ListQuery, NamesAreBoundedByCountAlone) {
  const auto names = parse_list_query("view=names");
  const auto full = parse_list_query("view=full");

  EXPECT_EQ(names->datasets.limit_bytes, kUnboundedPageBytes);
  EXPECT_EQ(full->datasets.limit_bytes, catalog::ListDatasets{}.limit_bytes);
}

TEST(ListQuery, AnEmptyTokenIsTheFirstPage) {
  const auto parsed = parse_list_query("prefix=&page_token=");

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->datasets.after, "");
}

TEST(ListQuery, PageSizeHoldsToItsBounds) {
  for (const auto* good : {"1", "1000"}) EXPECT_EQ(refusal_of(std::string("page_size=") + good), "accepted");
  for (const auto* bad : {"", "0", "1001", "-1", "+1", "1.0", "x", "1x", " 1", "99999999999999999999"}) {
    EXPECT_EQ(refusal_of(std::string("page_size=") + bad), "page_size: expected an integer from 1 to 1000") << bad;
  }
}

TEST(ListQuery, PrefixHoldsToItsBound) {
  EXPECT_EQ(refusal_of("prefix=" + std::string(kMaxPrefixBytes, 'a')), "accepted");
  EXPECT_EQ(refusal_of("prefix=" + std::string(kMaxPrefixBytes + 1, 'a')), "prefix: expected 1024 bytes at most");
  EXPECT_EQ(refusal_of("prefix=%FF"), "prefix: expected UTF-8");
}

TEST(ListQuery, WhatIsUnknownOrTwiceIsNamed) {
  EXPECT_EQ(refusal_of("pagesize=1"), "pagesize: unknown; expected prefix, page_size, page_token, view or state");
  EXPECT_EQ(refusal_of("page_size=1&page_size=2"), "page_size: expected it once");
  EXPECT_EQ(refusal_of("view=short"), "view: expected full or names");
  EXPECT_EQ(refusal_of("state=gone"), "state: expected live or dropped");
  EXPECT_NE(refusal_of("prefix=%2"), "accepted");
}

TEST(PageToken, GivesBackTheNameAndIsSafeInAUrl) {
  for (const std::string name : {"a", "nyc.flights", "a%20b", "z\xff"}) {
    const auto token = page_token_after(name);

    EXPECT_EQ(token.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"), std::string::npos);
    EXPECT_EQ(name_of_page_token(token), name);
  }
}

TEST(PageToken, WhatIsNoTokenOfOursIsRefused) {
  for (const auto& token :
       std::vector<std::string>{"n6", "n6g", "616263", "x6162", "flights", "n" + std::string(2050, '6')}) {
    EXPECT_EQ(refusal_of("page_token=" + token), "page_token: expected the next_page_token of a page") << token;
  }
}

TEST(ListQuery, AClientsQueryReadsBack) {
  catalog::ListDatasets datasets;
  datasets.prefix = "a b&c=é";
  datasets.after = "m";
  datasets.limit = 12;
  datasets.state = catalog::DatasetState::kDropped;

  const auto parsed = parse_list_query(render_list_query(datasets));

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->datasets.prefix, datasets.prefix);
  EXPECT_EQ(parsed->datasets.after, datasets.after);
  EXPECT_EQ(parsed->datasets.limit, datasets.limit);
  EXPECT_EQ(parsed->datasets.state, datasets.state);
}

}  // namespace
}  // namespace tarn::catalog_api
