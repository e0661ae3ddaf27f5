#include "http/router.h"

#include <string>

#include <gtest/gtest.h>

namespace tarn::http {
namespace {

/// A handler that only says whose it is.
struct HandlerOf {
  std::string pattern;
  Task<Response> operator()(Request&, const PathParameters&) const { co_return Response(); }
};

/// A router whose finds read as text.
class Table {
 public:
  void add(std::string_view method, std::string_view pattern) {
    router_.add(method, pattern, HandlerOf{std::string(pattern)});
  }
  /// "pattern name=value child=value"; "405GET, HEAD"; "404".
  std::string match(std::string_view method, std::string_view path) const {
    const auto found = router_.match(method, path);
    if (!found) return std::to_string(found.error().status) + found.error().allow;
    std::string text = found->handler->target<HandlerOf>()->pattern;
    for (const std::string name : {"name", "child"}) {
      if (text.contains("{" + name + "}")) text += " " + name + "=" + std::string(found->parameters[name]);
    }
    return text;
  }

 private:
  Router router_;
};

TEST(Router, FindsLiteralsAndParameters) {
  Table table;
  table.add("GET", "/");
  table.add("GET", "/v1/datasets");
  table.add("GET", "/v1/datasets/{name}");
  table.add("GET", "/v1/datasets/{name}/children/{child}");

  EXPECT_EQ(table.match("GET", "/"), "/");
  EXPECT_EQ(table.match("GET", "/v1/datasets"), "/v1/datasets");
  EXPECT_EQ(table.match("GET", "/v1/datasets/flights"), "/v1/datasets/{name} name=flights");
  EXPECT_EQ(table.match("GET", "/v1/datasets/a/children/b"), "/v1/datasets/{name}/children/{child} name=a child=b");
}

TEST(Router, UnknownPathsAreNotFound) {
  Table table;
  table.add("GET", "/v1/datasets/{name}");

  for (const auto* path : {"/", "/v1", "/v1/datasets", "/v1/datasets/", "/v1/datasets/a/", "/v1/datasets/a/b",
                           "/V1/datasets/a", "//v1/datasets/a", "", "*", "v1/datasets/a"}) {
    EXPECT_EQ(table.match("GET", path), "404") << path;
  }
}

TEST(Router, ALongerEndingWinsWhateverTheOrder) {
  Table table;
  table.add("POST", "/v1/datasets/{name}");
  table.add("POST", "/v1/datasets/{name}:undrop");
  table.add("POST", "/v1/datasets/{name}:force:undrop");

  EXPECT_EQ(table.match("POST", "/v1/datasets/flights"), "/v1/datasets/{name} name=flights");
  EXPECT_EQ(table.match("POST", "/v1/datasets/flights:undrop"), "/v1/datasets/{name}:undrop name=flights");
  EXPECT_EQ(table.match("POST", "/v1/datasets/flights%3Aundrop"), "/v1/datasets/{name}:undrop name=flights");
  EXPECT_EQ(table.match("POST", "/v1/datasets/a:force:undrop"), "/v1/datasets/{name}:force:undrop name=a");
  // A parameter is never empty, so the ending alone is a name.
  EXPECT_EQ(table.match("POST", "/v1/datasets/:undrop"), "/v1/datasets/{name} name=:undrop");
}

TEST(Router, ALiteralWinsOverAParameterAndGivesWayWhenItLeadsNowhere) {
  Table table;
  table.add("GET", "/v1/{name}/x");
  table.add("GET", "/v1/fixed");
  table.add("GET", "/v1/{name}");

  EXPECT_EQ(table.match("GET", "/v1/fixed"), "/v1/fixed");
  EXPECT_EQ(table.match("GET", "/v1/fixed/x"), "/v1/{name}/x name=fixed");
  EXPECT_EQ(table.match("GET", "/v1/other"), "/v1/{name} name=other");
}

TEST(Router, AnotherMethodIsRefusedWithWhatIsAllowed) {
  Table table;
  table.add("GET", "/v1/datasets/{name}");
  table.add("DELETE", "/v1/datasets/{name}");
  table.add("POST", "/v1/datasets/{name}:undrop");

  EXPECT_EQ(table.match("PUT", "/v1/datasets/a"), "405GET, HEAD, DELETE");
  EXPECT_EQ(table.match("GET", "/v1/datasets/a:undrop"), "405POST");
  EXPECT_EQ(table.match("get", "/v1/datasets/a"), "405GET, HEAD, DELETE");
}

TEST(Router, AGetRouteAnswersHead) {
  Table table;
  table.add("GET", "/healthz");

  EXPECT_EQ(table.match("HEAD", "/healthz"), "/healthz");
}

TEST(Router, SegmentsAreSplitBeforeTheyAreDecoded) {
  Table table;
  table.add("GET", "/v1/datasets/{name}");

  EXPECT_EQ(table.match("GET", "/v1/datasets/a%2Fb%20c"), "/v1/datasets/{name} name=a/b c");
  EXPECT_EQ(table.match("GET", "/v1/d%61tasets/a"), "/v1/datasets/{name} name=a");
  EXPECT_EQ(table.match("GET", "/v1/datasets/a%"), "400");
  EXPECT_EQ(table.match("GET", "/v1/datasets/%zz"), "400");
}

TEST(RouterDeathTest, ADuplicateOrMalformedPatternAborts) {
  Router router;
  router.add("GET", "/a/{name}", HandlerOf{""});

  EXPECT_DEATH(router.add("GET", "/a/{name}", HandlerOf{""}), "");
  EXPECT_DEATH(router.add("GET", "no/slash", HandlerOf{""}), "");
  EXPECT_DEATH(router.add("GET", "/a/{}", HandlerOf{""}), "");
  EXPECT_DEATH(router.add("GET", "/a/{open", HandlerOf{""}), "");
}

}  // namespace
}  // namespace tarn::http
