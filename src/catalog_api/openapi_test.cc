#include <set>
#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "catalog_api/errors.h"
#include "catalog_api/json.h"
#include "catalog_api/paging.h"
#include "catalog_api/server.h"
#include "catalog_api/test_support.h"

namespace tarn::catalog_api {
namespace {

namespace json = boost::json;

json::value description() {
  return json::parse(openapi_json());
}

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

const json::value& schema(const json::value& whole, std::string_view name) {
  return whole.at("components").at("schemas").at(name);
}

TEST(Openapi, NamesEveryOperationThatIsServedAndNoOther) {
  const auto whole = description();
  std::set<std::string> described, served;
  for (const auto& [path, item] : whole.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      if (method == "parameters") continue;
      std::string upper(method);
      for (char& c : upper) c = static_cast<char>(std::toupper(c));
      described.insert(upper + " " + std::string(path) + " " + text(operation.at("operationId")));
    }
  }

  for (const auto& operation : Server::operations()) {
    served.insert(std::string(operation.method) + " " + std::string(operation.pattern) + " " +
                  std::string(operation.name));
  }

  EXPECT_EQ(described, served);
}

TEST(Openapi, ListsEveryErrorCodeAndNoOther) {
  const auto whole = description();
  std::set<std::string> described, used;
  for (const auto& code : schema(whole, "Error").at_pointer("/properties/error/properties/code/enum").as_array()) {
    described.insert(text(code));
  }

  for (const ErrorMapping& row : error_table()) used.insert(std::string(row.code));

  EXPECT_EQ(described, used);
}

TEST(Openapi, DescribesEveryFieldOfADataset) {
  const auto whole = description();
  const auto written = json::parse(render_dataset(full_manifest()));
  std::set<std::string> described, rendered;
  for (const auto& field : schema(whole, "Dataset").at("properties").as_object()) described.emplace(field.key());

  for (const auto& field : written.as_object()) rendered.emplace(field.key());

  EXPECT_EQ(described, rendered);
}

TEST(Openapi, StatesTheLimitsThatAreHeld) {
  const auto whole = description();
  const auto number = [&whole](std::string_view pointer) { return whole.at_pointer(pointer).to_number<std::size_t>(); };
  const std::string request = "/components/schemas/RegisterRequest/properties/";
  const std::string list = "/paths/~1v1~1datasets/get/parameters/";

  EXPECT_EQ(number(list + "0/schema/maxLength"), kMaxPrefixBytes);
  EXPECT_EQ(number(list + "1/schema/maximum"), kMaxPageSize);
  EXPECT_EQ(number(list + "1/schema/default"), kDefaultPageSize);
  EXPECT_EQ(number("/components/parameters/Timeout/schema/maximum"), static_cast<std::size_t>(kMaxTimeout.count()));
  EXPECT_EQ(number("/components/parameters/Timeout/schema/default"), static_cast<std::size_t>(kDefaultTimeout.count()));
  EXPECT_EQ(number(request + "name/maxLength"), catalog::kMaxNameBytes);
  EXPECT_EQ(number(request + "schema_fingerprint/maxLength"), catalog::kMaxFingerprintBytes);
  EXPECT_EQ(number(request + "objects/maxItems"), catalog::kMaxObjects);
  EXPECT_EQ(number(request + "columns/maxItems"), catalog::kMaxColumns);
  EXPECT_EQ(number(request + "properties/maxProperties"), catalog::kMaxProperties);
  EXPECT_EQ(number("/components/schemas/NewDataObject/properties/etag/maxLength"), catalog::kMaxEtagBytes);
}

TEST(Openapi, EveryReferenceLeadsSomewhere) {
  const auto whole = description();
  const auto check = [&whole](const auto& self, const json::value& value) -> void {
    if (const auto* array = value.if_array()) {
      for (const auto& element : *array) self(self, element);
    }
    if (const auto* object = value.if_object()) {
      for (const auto& [key, inner] : *object) {
        if (key != "$ref") {
          self(self, inner);
          continue;
        }
        json::error_code error;
        EXPECT_NE(whole.find_pointer(text(inner).substr(1), error), nullptr) << text(inner);
      }
    }
  };

  check(check, whole);
}

}  // namespace
}  // namespace tarn::catalog_api
