#include "catalog_api/json.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "catalog_api/paging.h"
#include "catalog_api/test_support.h"

namespace tarn::catalog_api {
namespace {

using catalog::Manifest;

/// A register request with one field replaced or added: `request_with("objects", "[]")`.
std::string request_with(const std::string& field, const std::string& value) {
  std::map<std::string, std::string> fields = {
      {"name", R"("flights")"}, {"schema_fingerprint", R"("f1")"}, {"objects", R"([{"key":"a","size":1}])"}};
  fields[field] = value;
  std::string body;
  for (const auto& [name, text] : fields) {
    body.append(body.empty() ? "{\"" : ",\"").append(name).append("\":").append(text);
  }
  return body + "}";
}

std::string refusal_of(std::string_view body) {
  const auto request = parse_register_request(body);
  if (request) return "accepted";
  EXPECT_EQ(request.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(is_valid_utf8(request.error().message));
  return request.error().message;
}

TEST(DatasetJson, HasEveryFieldInTheDocumentedForm) {
  EXPECT_EQ(render_dataset(full_manifest()),
            R"({"dataset_id":"cb97953f-0ea6-5b7e-8831-060b9f9a8ed6","name":"nyc.flights",)"
            R"("schema_fingerprint":"sha256:ab","objects":[)"
            R"({"key":"flights/a b.parquet","size":9223372036854775807,"etag":"0cc175b9"},)"
            R"({"key":"flights/é\".parquet","size":0}],"row_count":3000000,)"
            R"("columns":[{"name":"delay","type":"int16","nullable":false},)"
            R"({"name":"tail\n","type":"string","nullable":true}],)"
            R"("properties":{"owner":"ops","é":""},"metadata_location":"s3://lake/t/metadata.json",)"
            R"("kind":"iceberg","state":"live","created_at":"2026-11-23T00:32:06.000001Z",)"
            R"("updated_at":"2026-11-23T00:32:07.000000Z","revision":2,)"
            R"("commit_id":"0199a0e4-7f5c-7abc-8def-0123456789ab"})");
}

TEST(DatasetJson, OptionalFieldsAreAbsentWhenNotKnown) {
  Manifest manifest = full_manifest();
  manifest.row_count.reset();
  manifest.columns.reset();
  manifest.metadata_location.reset();
  manifest.objects.clear();
  manifest.properties.clear();

  const auto body = render_dataset(manifest);

  EXPECT_TRUE(body.contains(R"("objects":[],"properties":{},"kind")")) << body;
}

TEST(DatasetJson, ReadsBackWhatItWrote) {
  for (const auto state : {catalog::DatasetState::kLive, catalog::DatasetState::kDropped}) {
    Manifest manifest = full_manifest();
    manifest.state = state;

    const auto read = parse_dataset(render_dataset(manifest));

    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(**read, manifest);
  }
}

TEST(DatasetJson, BytesThatAreNoUtf8AreStillJson) {
  Manifest manifest = full_manifest();
  manifest.objects[0].key = "a\xff\"b";

  const auto body = render_dataset(manifest);
  const auto read = parse_dataset(body);

  EXPECT_TRUE(is_valid_utf8(body));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ((*read)->objects[0].key, "a\xEF\xBF\xBD\"b");
}

TEST(DatasetJson, FieldsOfANewerServerArePassedOver) {
  auto body = render_dataset(full_manifest());
  body.insert(1, R"("color":{"deep":[1,2.5,null]},)");

  EXPECT_TRUE(parse_dataset(body));
}

TEST(DatasetJson, AnAnswerThatLacksAFieldIsTheServersFault) {
  auto body = render_dataset(full_manifest());
  body.replace(body.find("revision"), 8, "revisiom");

  const auto read = parse_dataset(body);

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kInternal);
  EXPECT_EQ(read.error().message, "the server's answer: revision: required");
}

TEST(RegisterResultJson, ReadsBackWhatItWrote) {
  for (const bool is_existing : {false, true}) {
    const catalog::RegisterResult result{std::make_shared<const Manifest>(full_manifest()), is_existing};

    const auto read = parse_register_result(render_register_result(result));

    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->is_existing, is_existing);
    EXPECT_EQ(*read->manifest, *result.manifest);
  }
}

TEST(PageJson, FullPageReadsBackAndHasATokenWhenMoreFollows) {
  catalog::DatasetPage page{.datasets = {std::make_shared<const Manifest>(full_manifest())}, .is_truncated = true};

  const auto body = render_page(page, DatasetView::kFull);
  const auto read = parse_page(body);

  EXPECT_TRUE(body.ends_with(R"(,"next_page_token":")" + page_token_after("nyc.flights") + "\"}")) << body;
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->is_truncated);
  ASSERT_EQ(read->datasets.size(), 1U);
  EXPECT_EQ(*read->datasets[0], full_manifest());
}

TEST(PageJson, NamesViewHasIdAndNameAlone) {
  const catalog::DatasetPage page{.datasets = {std::make_shared<const Manifest>(full_manifest())}};

  EXPECT_EQ(render_page(page, DatasetView::kNames),
            R"({"datasets":[{"dataset_id":"cb97953f-0ea6-5b7e-8831-060b9f9a8ed6","name":"nyc.flights"}]})");
}

TEST(PageJson, AnEmptyPageIsAnEmptyList) {
  EXPECT_EQ(render_page({}, DatasetView::kFull), R"({"datasets":[]})");
}

TEST(ErrorJson, ReadsBackWhatItWrote) {
  const auto body = render_error("not_found", "dataset \"a\xff\"");

  const auto error = parse_error(body);

  EXPECT_EQ(body, "{\"error\":{\"code\":\"not_found\",\"message\":\"dataset \\\"a\\ufffd\\\"\"}}");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, "not_found");
}

TEST(ErrorJson, WhatIsNoErrorOfOursIsNone) {
  for (const auto* body : {"", "<html>", "{}", R"({"error":"no"})", R"({"error":{"code":1,"message":""}})"}) {
    EXPECT_FALSE(parse_error(body)) << body;
  }
}

TEST(RegisterRequestJson, ReadsEveryField) {
  const auto request =
      parse_register_request(R"( {"name":"flights","schema_fingerprint":"f\u00e9","objects":[{"key":"a","size":0},)"
                             R"({"size":9223372036854775807,"etag":"e","key":"b"}],"row_count":9223372036854775807,)"
                             R"("columns":[{"name":"n","type":"int16","nullable":false}],"properties":{"k":"v"}} )");

  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->name, "flights");
  EXPECT_EQ(request->schema_fingerprint, "fé");
  EXPECT_EQ(request->objects, (std::vector<catalog::DataObject>{{"a", 0, {}}, {"b", 9'223'372'036'854'775'807U, "e"}}));
  EXPECT_EQ(request->row_count, 9'223'372'036'854'775'807U);
  EXPECT_EQ(request->columns, (std::vector<catalog::Column>{{"n", "int16", false}}));
  EXPECT_EQ(request->properties, (std::map<std::string, std::string>{{"k", "v"}}));
}

TEST(RegisterRequestJson, OptionalFieldsMayBeAbsentOrNull) {
  const auto absent = parse_register_request(R"({"name":"","schema_fingerprint":"","objects":[]})");
  const auto null = parse_register_request(
      R"({"name":"a","schema_fingerprint":"f","objects":[{"key":"a","size":1,"etag":null}],"row_count":null,)"
      R"("columns":null,"properties":null})");

  ASSERT_TRUE(absent) << absent.error().message;
  EXPECT_FALSE(absent->row_count);
  EXPECT_FALSE(absent->columns);
  ASSERT_TRUE(null) << null.error().message;
  EXPECT_FALSE(null->objects[0].etag);
}

TEST(RegisterRequestJson, AClientsRequestReadsBack) {
  const catalog::RegisterRequest request{.name = "a.b",
                                         .schema_fingerprint = "f\"\\",
                                         .objects = {{"k\t", 5, "e"}, {"é", 0, {}}},
                                         .row_count = 7,
                                         .columns = std::vector<catalog::Column>{{"c", "list<int8>", true}},
                                         .properties = {{"p", "q"}}};

  const auto read = parse_register_request(render_register_request(request));

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, request.name);
  EXPECT_EQ(read->schema_fingerprint, request.schema_fingerprint);
  EXPECT_EQ(read->objects, request.objects);
  EXPECT_EQ(read->row_count, request.row_count);
  EXPECT_EQ(read->columns, request.columns);
  EXPECT_EQ(read->properties, request.properties);
}

TEST(RegisterRequestJson, WrongTypesNameTheFieldAndWhatWasExpected) {
  EXPECT_EQ(refusal_of("[]"), "the body: expected an object, got an array");
  EXPECT_EQ(refusal_of("null"), "the body: expected an object, got null");
  EXPECT_EQ(refusal_of(request_with("name", "1")), "name: expected a string, got an integer");
  EXPECT_EQ(refusal_of(request_with("name", "null")), "name: expected a string, got null");
  EXPECT_EQ(refusal_of(request_with("objects", "{}")), "objects: expected an array, got an object");
  EXPECT_EQ(refusal_of(request_with("objects", R"([{"key":"a","size":1},7])")),
            "objects[1]: expected an object, got an integer");
  EXPECT_EQ(refusal_of(request_with("objects", R"([{"key":true,"size":1}])")),
            "objects[0].key: expected a string, got a boolean");
  EXPECT_EQ(refusal_of(request_with("columns", R"([{"name":"a","type":"b","nullable":1}])")),
            "columns[0].nullable: expected a boolean, got an integer");
  EXPECT_EQ(refusal_of(request_with("properties", R"({"a":{}})")), "properties.a: expected a string, got an object");
}

TEST(RegisterRequestJson, NumbersAreExactOrRefused) {
  const std::string expected = "row_count: expected an integer from 0 to 9223372036854775807, got ";
  EXPECT_EQ(refusal_of(request_with("row_count", "-1")), expected + "-1");
  EXPECT_EQ(refusal_of(request_with("row_count", "9223372036854775808")), expected + "9223372036854775808");
  for (const auto* inexact :
       {"1.5", "-1.0", "9007199254740994.0", "1e-1", "18446744073709551616", "-9223372036854775809", "1e400"}) {
    EXPECT_NE(refusal_of(request_with("row_count", inexact)), "accepted") << inexact;
  }
  EXPECT_EQ(refusal_of(request_with("row_count", R"("1")")), expected + "a string");
  EXPECT_EQ(refusal_of(request_with("objects", R"([{"key":"a","size":-5}])")),
            "objects[0].size: expected an integer from 0 to 9223372036854775807, got -5");
}

TEST(RegisterRequestJson, AnIntegerMayBeWrittenWithAPointOrAnExponent) {
  for (const auto& [text, value] : std::map<std::string, std::uint64_t>{
           {"3.0", 3}, {"1e3", 1000}, {"-0.0", 0}, {"9007199254740992.0", 9'007'199'254'740'992}}) {
    const auto request = parse_register_request(request_with("row_count", text));

    ASSERT_TRUE(request) << text << ": " << request.error().message;
    EXPECT_EQ(request->row_count, value) << text;
  }
}

TEST(RegisterRequestJson, MissingFieldsAreNamed) {
  EXPECT_EQ(refusal_of("{}"), "name: required");
  EXPECT_EQ(refusal_of(R"({"name":"a","schema_fingerprint":"f"})"), "objects: required");
  EXPECT_EQ(refusal_of(request_with("objects", R"([{"key":"a"}])")), "objects[0].size: required");
}

TEST(RegisterRequestJson, UnknownFieldsAreNamed) {
  EXPECT_EQ(refusal_of(request_with("rowcount", "1")), "rowcount: unknown field");
  EXPECT_EQ(refusal_of(request_with("objects", R"([{"key":"a","size":1,"Etag":"e"}])")),
            "objects[0].Etag: unknown field");
  EXPECT_EQ(refusal_of(request_with("columns", R"([{"name":"a","type":"b","nullable":true,"x":1}])")),
            "columns[0].x: unknown field");
}

TEST(RegisterRequestJson, AFieldGivenTwiceIsNamed) {
  EXPECT_EQ(refusal_of(R"({"name":"a","name":"b"})"), "name: given twice in one object");
  EXPECT_EQ(refusal_of(R"({"na\u006de":"a","name":"b"})"), "name: given twice in one object");
  EXPECT_EQ(refusal_of(request_with("properties", R"({"a":"1","a":"1"})")), "a: given twice in one object");
  // In two objects, one after another or one in another, it is not twice.
  EXPECT_EQ(refusal_of(request_with("objects", R"([{"key":"a","size":1},{"key":"a","size":1}])")), "accepted");
}

TEST(RegisterRequestJson, WhatIsNotJsonIsRefusedWithItsPlace) {
  for (const std::string body :
       {"", " ", "{", R"({"name":)", "{,}", "nul", R"({"a":1,})", "{} {}", "{}x", "\xEF\xBB\xBF{}",
        "{\"name\":\"a\nb\"}", "{'a':1}", R"({"a":01})", R"({"a":NaN})", R"({"a":"\ud800"})"}) {
    const auto refusal = refusal_of(body);

    EXPECT_TRUE(refusal.starts_with("the body is not JSON: ")) << body << " gave " << refusal;
    EXPECT_TRUE(refusal.contains("at byte ")) << refusal;
  }
}

TEST(RegisterRequestJson, InvalidUtf8IsRefused) {
  EXPECT_TRUE(refusal_of("{\"name\":\"a\xff\"}").starts_with("the body is not JSON: "));
  EXPECT_TRUE(refusal_of("{\"name\":\"a\xed\xa0\x80\"}").starts_with("the body is not JSON: "));
  EXPECT_TRUE(refusal_of("{\"a\xc0\xaf\":\"\"}").starts_with("the body is not JSON: "));
}

TEST(RegisterRequestJson, DepthIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };

  EXPECT_EQ(refusal_of(nested(kMaxJsonDepth)), "the body: expected an object, got an array");
  EXPECT_TRUE(refusal_of(nested(kMaxJsonDepth + 1)).starts_with("the body is not JSON: "));
  EXPECT_TRUE(refusal_of(nested(1'000'000)).starts_with("the body is not JSON: "));
}

TEST(RegisterRequestJson, TheNumberOfValuesIsBounded) {
  const auto zeros = [](std::size_t count) {
    std::string body = "[0";
    for (std::size_t i = 1; i < count; ++i) body += ",0";
    return body + "]";
  };

  // The array is a value too.
  EXPECT_EQ(refusal_of(zeros(kMaxJsonValues - 1)), "the body: expected an object, got an array");
  const auto beyond = parse_register_request(zeros(kMaxJsonValues));

  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(beyond.error().message, "the body has more than 1000000 values");
}

TEST(RegisterRequestJson, TheLongestRequestOfTheCatalogsLimitsPasses) {
  catalog::RegisterRequest request{.name = "a", .schema_fingerprint = "f", .objects = {}, .row_count = 1};
  request.objects.assign(catalog::kMaxObjects, {"k", 1, "e"});
  request.columns.emplace(catalog::kMaxColumns, catalog::Column{"c", "int8", true});
  for (std::size_t i = 0; i < catalog::kMaxProperties; ++i) request.properties[std::to_string(i)] = "v";

  const auto read = parse_register_request(render_register_request(request));

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->objects.size(), catalog::kMaxObjects);
}

}  // namespace
}  // namespace tarn::catalog_api
