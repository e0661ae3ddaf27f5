#include <gtest/gtest.h>

#include "catalog/decide_internal.h"

namespace tarn::catalog {
namespace {

constexpr Timestamp kThen{std::chrono::seconds(1'000)};
constexpr Timestamp kNow{std::chrono::seconds(2'000)};

RegisterRequest flights_request() {
  return {.name = "flights",
          .schema_fingerprint = "fp-1",
          .objects = {{"flights/2.parquet", 20, "etag-2"}},
          .row_count = 2};
}

ManifestPtr live_flights() {
  Manifest manifest;
  manifest.name = "flights";
  manifest.dataset_id = dataset_id_of("flights");
  manifest.schema_fingerprint = "fp-1";
  manifest.objects = {{"flights/1.parquet", 10, std::nullopt}};
  manifest.row_count = 1;
  manifest.created_at = manifest.updated_at = kThen;
  manifest.revision = 7;
  manifest.columns = {{{"id", "int64", false}}};
  manifest.properties = {{"owner", "ann"}};
  return std::make_shared<const Manifest>(manifest);
}

ManifestPtr dropped_flights() {
  Manifest manifest = *live_flights();
  manifest.state = DatasetState::kDropped;
  return std::make_shared<const Manifest>(manifest);
}

Manifest decided(const Result<Decision>& decision) {
  EXPECT_TRUE(decision) << to_string(decision.error());
  const auto* manifest = decision ? std::get_if<Manifest>(&*decision) : nullptr;
  EXPECT_NE(manifest, nullptr);
  return manifest ? *manifest : Manifest();
}

TEST(DecideRegister, CreatesWhatWasNeverThere) {
  const Manifest next = decided(decide_register(flights_request(), nullptr, kNow));

  EXPECT_EQ(next.schema_fingerprint, "fp-1");
  EXPECT_EQ(next.objects, flights_request().objects);
  EXPECT_EQ(next.row_count, 2);
  EXPECT_EQ(next.created_at, kNow);
  EXPECT_TRUE(next.is_live());
}

TEST(DecideRegister, CreatesAnewOverATombstoneWhateverItsFingerprint) {
  RegisterRequest request = flights_request();
  request.schema_fingerprint = "fp-2";

  const Manifest next = decided(decide_register(request, dropped_flights(), kNow));

  EXPECT_TRUE(next.is_live());
  EXPECT_EQ(next.schema_fingerprint, "fp-2");
  EXPECT_EQ(next.created_at, kNow);
  EXPECT_EQ(next.columns, std::nullopt);
  EXPECT_TRUE(next.properties.empty());
}

TEST(DecideRegister, ReplacesObjectsAndRowCountForTheSameFingerprint) {
  RegisterRequest request = flights_request();
  request.row_count = std::nullopt;

  const Manifest next = decided(decide_register(request, live_flights(), kNow));

  EXPECT_EQ(next.objects, request.objects);
  EXPECT_EQ(next.row_count, std::nullopt);
  EXPECT_EQ(next.created_at, kThen);
  EXPECT_EQ(next.dataset_id, dataset_id_of("flights"));
}

TEST(DecideRegister, KeepsColumnsAndPropertiesThatTheRequestDoesNotGive) {
  const Manifest kept = decided(decide_register(flights_request(), live_flights(), kNow));
  RegisterRequest request = flights_request();
  request.columns = {{{"id", "int64", true}}};
  request.properties = {{"owner", "bob"}};
  const Manifest replaced = decided(decide_register(request, live_flights(), kNow));

  EXPECT_EQ(kept.columns, live_flights()->columns);
  EXPECT_EQ(kept.properties, live_flights()->properties);
  EXPECT_EQ(replaced.columns, request.columns);
  EXPECT_EQ(replaced.properties, request.properties);
}

TEST(DecideRegister, RefusesAnotherFingerprintAndNamesBoth) {
  RegisterRequest request = flights_request();
  request.schema_fingerprint = "fp-2";

  const auto decision = decide_register(request, live_flights(), kNow);

  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().code, ErrorCode::kConflict);
  EXPECT_EQ(decision.error().reason, kFingerprintConflict);
  EXPECT_NE(decision.error().message.find("fp-1"), std::string::npos);
  EXPECT_NE(decision.error().message.find("fp-2"), std::string::npos);
}

TEST(DecideRegister, LeavesIcebergTablesToTheirOwnCommits) {
  Manifest table = *live_flights();
  table.kind = DatasetKind::kIceberg;

  const auto decision = decide_register(flights_request(), std::make_shared<const Manifest>(table), kNow);

  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().code, ErrorCode::kInvalidArgument);
}

TEST(DecideDrop, MakesATombstoneThatKeepsTheRest) {
  Manifest next = decided(decide_drop("flights", live_flights()));

  EXPECT_EQ(next.state, DatasetState::kDropped);
  next.state = DatasetState::kLive;
  EXPECT_EQ(next, *live_flights());
}

TEST(DecideDrop, FindsNothingToDropTwice) {
  EXPECT_EQ(decide_drop("flights", dropped_flights()).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(decide_drop("flights", nullptr).error().code, ErrorCode::kNotFound);
}

TEST(DecideUndrop, RestoresTheDatasetAsItWas) {
  EXPECT_EQ(decided(decide_undrop("flights", dropped_flights())), *live_flights());
}

TEST(DecideUndrop, LeavesALiveDatasetAsItIs) {
  const auto decision = decide_undrop("flights", live_flights());

  ASSERT_TRUE(decision);
  EXPECT_TRUE(std::holds_alternative<NoChange>(*decision));
}

TEST(DecideUndrop, FindsNothingWhereNothingWas) {
  EXPECT_EQ(decide_undrop("flights", nullptr).error().code, ErrorCode::kNotFound);
}

/// What `change` makes invalid about a valid request.
Error refused(const std::function<void(RegisterRequest&)>& change) {
  RegisterRequest request = flights_request();
  EXPECT_TRUE(validate(request));
  change(request);
  const auto valid = validate(request);
  EXPECT_FALSE(valid);
  return valid ? Error{} : valid.error();
}

TEST(ValidateRegister, GivesEachOfTheNamedMistakesItsOwnReason) {
  EXPECT_EQ(refused([](auto& request) { request.name = ""; }).reason, kEmptyName);
  EXPECT_EQ(refused([](auto& request) { request.name = "a b"; }).reason, kInvalidName);
  EXPECT_EQ(refused([](auto& request) { request.schema_fingerprint = ""; }).reason, kEmptyFingerprint);
  EXPECT_EQ(refused([](auto& request) { request.objects[0].key = "_catalog/x"; }).reason, kReservedKey);
  EXPECT_EQ(refused([](auto& request) { request.objects[0].key = "_iceberg/x"; }).reason, kReservedKey);
}

TEST(ValidateRegister, RefusesWhatNoStoreOrManifestCouldHold) {
  const auto is_invalid = [](const std::function<void(RegisterRequest&)>& change) {
    EXPECT_EQ(refused(change).code, ErrorCode::kInvalidArgument);
  };
  is_invalid([](auto& request) { request.objects[0].key = ""; });
  is_invalid([](auto& request) { request.objects[0].key = "\xff"; });
  is_invalid([](auto& request) { request.objects[0].size = 1ULL << 63; });
  is_invalid([](auto& request) { request.objects[0].etag = "\xff"; });
  is_invalid([](auto& request) { request.row_count = 1ULL << 63; });
  is_invalid([](auto& request) { request.schema_fingerprint = "\xff"; });
  is_invalid([](auto& request) { request.columns = {{{"\xff", "int64", true}}}; });
  is_invalid([](auto& request) { request.properties = {{"", "x"}}; });
  is_invalid([](auto& request) { request.properties = {{"x", "\xff"}}; });
}

TEST(ValidateRegister, RefusesWhatIsOverALimit) {
  const auto is_too_large = [](const std::function<void(RegisterRequest&)>& change) {
    EXPECT_EQ(refused(change).code, ErrorCode::kTooLarge);
  };
  is_too_large([](auto& request) { request.objects.resize(kMaxObjects + 1, request.objects[0]); });
  is_too_large([](auto& request) { request.objects[0].key = std::string(1025, 'a'); });
  is_too_large([](auto& request) { request.objects[0].etag = std::string(kMaxEtagBytes + 1, 'a'); });
  is_too_large([](auto& request) { request.schema_fingerprint = std::string(kMaxFingerprintBytes + 1, 'a'); });
  is_too_large([](auto& request) { request.columns.emplace(kMaxColumns + 1); });
  is_too_large([](auto& request) { request.columns = {{{std::string(kMaxColumnBytes, 'a'), "int64", true}}}; });
  is_too_large([](auto& request) { request.properties = {{"x", std::string(kMaxPropertyBytes, 'a')}}; });
}

TEST(ValidateRegister, KnowsUserKeysThatOnlyLookReserved) {
  RegisterRequest request = flights_request();
  request.objects = {
      {"x/_catalog/y", 1, std::nullopt}, {"_catalogue/z", 1, std::nullopt}, {"_iceberg", 1, std::nullopt}};

  EXPECT_TRUE(validate(request));
}

}  // namespace
}  // namespace tarn::catalog
