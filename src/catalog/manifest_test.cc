#include "catalog/manifest.h"

#include <gtest/gtest.h>

namespace tarn::catalog {
namespace {

TEST(DatasetId, IsTheSameOnAnyMachineInAnyYear) {
  EXPECT_EQ(dataset_id_of("airports").to_string(), "971cb334-1da5-51fb-8a59-a3e5fec8e01c");
  EXPECT_EQ(dataset_id_of("flights").to_string(), "cb97953f-0ea6-5b7e-8831-060b9f9a8ed6");
  EXPECT_EQ(dataset_id_of("nyc.flights").to_string(), "3b58f3db-f6e8-5177-b48c-8afb40e2cfdc");
  EXPECT_EQ(dataset_id_of("données").to_string(), "c59e4f1f-2a7f-59ff-9f26-5d39e0c11955");
}

std::string_view reason_for(std::string_view name) {
  const auto valid = validate_name(name);
  if (valid) return "valid";
  EXPECT_EQ(valid.error().code, ErrorCode::kInvalidArgument);
  return valid.error().reason;
}

TEST(DatasetName, IsLevelsJoinedByDots) {
  for (const char* name : {"flights", "nyc.flights", "_x", "0", "a-b.c_d.E", "defaults.x", "x.default", "tarnish"}) {
    EXPECT_EQ(reason_for(name), "valid") << name;
  }
  for (const char* name : {".", "a.", ".a", "a..b", "-a", "a.-b", "a b", "a/b", "données", "a%20b", "a\n"}) {
    EXPECT_EQ(reason_for(name), kInvalidName) << name;
  }
}

TEST(DatasetName, HasItsOwnReasonWhenEmpty) {
  EXPECT_EQ(reason_for(""), kEmptyName);
}

TEST(DatasetName, HasALimit) {
  EXPECT_EQ(reason_for(std::string(kMaxNameBytes, 'a')), "valid");
  EXPECT_EQ(reason_for(std::string(kMaxNameBytes + 1, 'a')), kInvalidName);
}

TEST(DatasetName, MayNotBeginWithAReservedLevel) {
  for (const char* name : {"default", "default.x", "tarn", "tarn.x.y"})
    EXPECT_EQ(reason_for(name), kInvalidName) << name;
}

TEST(DatasetName, MayCarryEscapesOnlyWhereTheIcebergRoutesMadeIt) {
  EXPECT_TRUE(is_stored_name("nyc.a%20b"));
  EXPECT_TRUE(is_stored_name("%2Fx"));
  for (const std::string& name : {std::string(), std::string("%"), std::string("%2"), std::string("%zz"),
                                  std::string("a.%"), std::string("a b"), std::string(300, 'a')}) {
    EXPECT_FALSE(is_stored_name(name)) << name;
  }
}

TEST(ManifestKey, LeadsBackToTheName) {
  EXPECT_EQ(manifest_key("nyc.flights"), "_catalog/manifests/nyc.flights.parquet");
  EXPECT_EQ(name_of_manifest_key("_catalog/manifests/nyc.flights.parquet"), "nyc.flights");
  EXPECT_EQ(name_of_manifest_key("_catalog/manifests/x.parquet.parquet"), "x.parquet");
}

TEST(ManifestKey, IsNothingElse) {
  for (const char* key : {"", "_catalog/manifests/", "_catalog/manifests/.parquet", "_catalog/manifests/x", "x.parquet",
                          "_catalog/manifests/a/b.parquet", "_catalog/manifests.parquet"}) {
    EXPECT_FALSE(name_of_manifest_key(key)) << key;
  }
}

}  // namespace
}  // namespace tarn::catalog
