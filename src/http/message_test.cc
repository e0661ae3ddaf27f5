#include "http/message.h"

#include <gtest/gtest.h>

namespace tarn::http {
namespace {

TEST(Headers, NamesAreComparedWithoutRegardToCase) {
  Headers headers;
  headers.add("Content-Type", "text/plain");

  EXPECT_EQ(headers.get("content-TYPE"), "text/plain");
  EXPECT_FALSE(headers.has("content-typ"));
}

TEST(Headers, KeepsOrderAndRepeatedFields) {
  Headers headers;
  headers.add("Via", "a");
  headers.add("Host", "h");
  headers.add("via", "b");

  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0].value, "a");
  EXPECT_EQ(headers[1].name, "Host");
  EXPECT_EQ(headers[2].value, "b");
  EXPECT_EQ(headers.get("VIA"), "a");
}

TEST(Headers, SetReplacesEveryFieldOfThatName) {
  Headers headers;
  headers.add("Via", "a");
  headers.add("Host", "h");
  headers.add("via", "b");

  headers.set("VIA", "c");

  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers.get("via"), "c");
  EXPECT_EQ(headers.get("host"), "h");
}

TEST(Headers, CutsWhiteSpaceAroundValues) {
  Headers headers;
  headers.add("A", " \t x y \t");
  headers.add("B", "  ");

  EXPECT_EQ(headers.get("a"), "x y");
  EXPECT_EQ(headers.get("b"), "");
}

TEST(Request, SplitsItsTargetAtTheFirstQuestionMark) {
  Request request;
  request.target = "/a%20b/c?x=1?2";
  EXPECT_EQ(request.path(), "/a%20b/c");
  EXPECT_EQ(request.query(), "x=1?2");

  request.target = "/a";
  EXPECT_EQ(request.path(), "/a");
  EXPECT_EQ(request.query(), "");
}

TEST(Query, DecodesPairsInOrderAndKeepsPlus) {
  const auto parameters = parse_query("prefix=a%2Fb+c&list-type=2&&uploads&empty=&prefix=z%3D=");

  ASSERT_TRUE(parameters);
  const QueryParameters expected = {
      {"prefix", "a/b+c"}, {"list-type", "2"}, {"uploads", ""}, {"empty", ""}, {"prefix", "z=="}};
  EXPECT_EQ(*parameters, expected);
  EXPECT_EQ(find(*parameters, "prefix"), "a/b+c");
  EXPECT_EQ(find(*parameters, "uploads"), "");
  EXPECT_EQ(find(*parameters, "absent"), std::nullopt);
}

TEST(Query, RefusesABrokenEscape) {
  for (const auto* query : {"a=%", "a=%2", "%zz=1", "ok=1&b=%g0"}) {
    const auto parameters = parse_query(query);
    ASSERT_FALSE(parameters) << query;
    EXPECT_EQ(parameters.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(ReasonPhrase, IsTheStandardOne) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(599), "Unknown");
}

}  // namespace
}  // namespace tarn::http
