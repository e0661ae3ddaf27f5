#include <algorithm>

#include <gtest/gtest.h>

#include "s3/server_fixture_internal.h"

namespace tarn::s3 {
namespace {

/// Keys and common prefixes as one text: "a b/ c".
std::string names_in(const store::ListPage& page) {
  std::vector<std::string> names = page.common_prefixes;
  for (const auto& object : page.objects) names.push_back(object.key);
  std::ranges::sort(names);
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : " ").append(name);
  return text;
}

class ListOperations : public ServerFixture {
 protected:
  void put(std::initializer_list<std::string> keys) {
    for (const std::string& key : keys) {
      TARN_ASSERT(
          runtime_.run(store_.put(store::ObjectKey("lake", key), "x", store::PutCondition::none(), async::soon())));
    }
  }
  store::ListPage list(const std::string& query, Role role = Role::kAdmin) {
    const auto answer = send("GET", "/lake?list-type=2" + query, {}, {}, role);
    auto page = parse_list_objects_v2(answer.body);
    EXPECT_TRUE(page) << answer.body;
    return page.value_or(store::ListPage());
  }
  /// All pages of `max_keys` entries, joined by " | ".
  std::string all_pages(const std::string& query, int max_keys, Role role = Role::kAdmin) {
    std::string text;
    std::string token;
    do {
      const auto page = list(query + "&max-keys=" + std::to_string(max_keys) +
                                 (token.empty() ? "" : "&continuation-token=" + percent_encode(token)),
                             role);
      text.append(text.empty() ? "" : " | ").append(names_in(page));
      token = page.continuation;
    } while (!token.empty());
    return text;
  }
};

TEST_F(ListOperations, PagesLeadToTheEnd) {
  put({"a", "b", "c", "d", "e"});

  EXPECT_EQ(all_pages("", 2), "a b | c d | e");
  EXPECT_EQ(all_pages("&start-after=b", 2), "c d | e");
  EXPECT_EQ(all_pages("&prefix=c", 2), "c");
}

TEST_F(ListOperations, CommonPrefixesAreCountedAndNeverRepeated) {
  put({"a/1", "a/2", "b", "c/1", "c/2/3", "d"});

  EXPECT_EQ(all_pages("&delimiter=%2F", 1), "a/ | b | c/ | d");
  EXPECT_EQ(all_pages("&delimiter=%2F", 3), "a/ b c/ | d");
  EXPECT_EQ(all_pages("&delimiter=%2F&prefix=c%2F", 10), "c/1 c/2/");
}

TEST_F(ListOperations, MaxKeysMayBeZeroOrTooManyButNotNonsense) {
  put({"a"});

  const auto none = send("GET", "/lake?list-type=2&max-keys=0");
  EXPECT_NE(none.body.find("<IsTruncated>false</IsTruncated>"), std::string::npos);
  EXPECT_EQ(none.body.find("<Contents>"), std::string::npos);
  EXPECT_EQ(names_in(list("&max-keys=5000")), "a");
  EXPECT_EQ(send("GET", "/lake?list-type=2&max-keys=blah").code(), "InvalidArgument");
  EXPECT_EQ(send("GET", "/lake?list-type=2&max-keys=-1").code(), "InvalidArgument");
  EXPECT_EQ(send("GET", "/nowhere?list-type=2&max-keys=0").code(), "NoSuchBucket");
}

TEST_F(ListOperations, ATokenThatIsNoneIsRefused) {
  EXPECT_EQ(send("GET", "/lake?list-type=2&continuation-token=xyz").code(), "InvalidArgument");
}

TEST_F(ListOperations, UrlEncodingSparesTheSlashOnly) {
  put({"a b+c/\xc3\xa9&\x01"});

  const auto encoded = send("GET", "/lake?list-type=2&encoding-type=url");

  EXPECT_NE(encoded.body.find("<Key>a%20b%2Bc/%C3%A9%26%01</Key>"), std::string::npos) << encoded.body;
  EXPECT_NE(encoded.body.find("<EncodingType>url</EncodingType>"), std::string::npos);
  EXPECT_EQ(send("GET", "/lake?list-type=2&encoding-type=other").code(), "InvalidArgument");
}

TEST_F(ListOperations, OwnersStandInVersionTwoOnRequest) {
  put({"a"});

  EXPECT_EQ(send("GET", "/lake?list-type=2").body.find("<Owner>"), std::string::npos);
  EXPECT_NE(send("GET", "/lake?list-type=2&fetch-owner=true").body.find("<Owner>"), std::string::npos);
}

TEST_F(ListOperations, VersionOnePagesByMarker) {
  put({"a", "b/1", "b/2", "c"});

  const auto first = send("GET", "/lake?delimiter=%2F&max-keys=2");
  const auto second = send("GET", "/lake?delimiter=%2F&max-keys=2&marker=b%2F");

  EXPECT_NE(first.body.find("<NextMarker>b/</NextMarker>"), std::string::npos) << first.body;
  EXPECT_NE(first.body.find("<Key>a</Key>"), std::string::npos);
  EXPECT_EQ(second.body.find("<Prefix>b/</Prefix>"), std::string::npos) << second.body;
  EXPECT_NE(second.body.find("<Key>c</Key>"), std::string::npos);
  EXPECT_NE(second.body.find("<IsTruncated>false</IsTruncated>"), std::string::npos);
}

TEST_F(ListOperations, EveryObjectIsItsOnlyVersion) {
  put({"a"});

  const auto versions = send("GET", "/lake?versions");

  EXPECT_NE(versions.body.find("<Version><Key>a</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>"),
            std::string::npos);
}

TEST_F(ListOperations, TheCatalogIsHiddenFromTheDataCredential) {
  put({"A", "_catalog", "_catalog.txt", "_catalog/manifests/a.parquet", "_catalog/manifests/b.parquet", "_other", "z"});

  EXPECT_EQ(all_pages("", 100, Role::kData), "A _catalog _catalog.txt _other z");
  EXPECT_EQ(all_pages("", 1, Role::kData), "A | _catalog | _catalog.txt | _other | z");
  EXPECT_EQ(all_pages("", 3, Role::kData), "A _catalog _catalog.txt | _other z");
  EXPECT_EQ(all_pages("&start-after=_catalog%2Fm", 100, Role::kData), "_other z");
  EXPECT_EQ(all_pages("", 100).find("_catalog/manifests/a.parquet") != std::string::npos, true);
}

TEST_F(ListOperations, TheCatalogDoesNotShowInCommonPrefixes) {
  put({"_catalog/manifests/a.parquet", "_catalog/manifests/b.parquet", "a/1"});

  EXPECT_EQ(all_pages("&delimiter=%2F", 100, Role::kData), "a/");
  EXPECT_EQ(all_pages("&delimiter=_", 100, Role::kData), "a/1");
  EXPECT_EQ(all_pages("&delimiter=cat", 1, Role::kData), "a/1");
  EXPECT_EQ(all_pages("&delimiter=x&prefix=_", 100, Role::kData), "");
  EXPECT_EQ(all_pages("&delimiter=%2F", 100), "_catalog/ a/");
}

TEST_F(ListOperations, ACommonPrefixSharedWithTheCatalogShowsWhenOthersHaveIt) {
  put({"_catalog/manifests/a.parquet", "_other", "a"});

  EXPECT_EQ(all_pages("&delimiter=_", 1, Role::kData), "_ | a");
}

TEST_F(ListOperations, PrefixesInsideTheCatalogAreRefused) {
  EXPECT_EQ(send_as_data("GET", "/lake?list-type=2&prefix=_catalog%2F").code(), "AccessDenied");
  EXPECT_EQ(send_as_data("GET", "/lake?prefix=_catalog%2Fmanifests").code(), "AccessDenied");
  EXPECT_EQ(send_as_data("GET", "/lake?uploads&prefix=_catalog%2F").code(), "AccessDenied");
  EXPECT_EQ(send("GET", "/lake?list-type=2&prefix=_catalog%2F").status, 200);
}

}  // namespace
}  // namespace tarn::s3
