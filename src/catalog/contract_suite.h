#pragma once

// For tests only: what every Catalog promises, as one suite. An implementation passes it by a *subject*:
//
//   struct RegistrySubject {
//     explicit RegistrySubject(async::Runtime& runtime);  // a catalog with no dataset in it
//     Catalog& catalog();
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Registry, CatalogContract, RegistrySubject);

#include <atomic>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "async/task_group.h"
#include "async/test_support.h"
#include "base/test_support.h"
#include "catalog/catalog.h"

namespace tarn::catalog {

template <class Subject>
class CatalogContract : public testing::Test {
 protected:
  Catalog& catalog() { return subject_.catalog(); }
  static Deadline soon() { return async::soon(); }

  template <class T>
  Result<T> run(Task<T> task) {
    return runtime_.run(std::move(task));
  }

  static RegisterRequest request(std::string name, std::string fingerprint = "fp-1") {
    return {.name = std::move(name),
            .schema_fingerprint = std::move(fingerprint),
            .objects = {{"part-1.parquet", 10, "etag-1"}},
            .row_count = 100};
  }
  Result<RegisterResult> register_now(RegisterRequest wanted) {
    return run(catalog().register_dataset(std::move(wanted), soon()));
  }
  /// One that must succeed.
  ManifestPtr registered(RegisterRequest wanted) {
    auto result = register_now(std::move(wanted));
    EXPECT_EQ(outcome(result), "ok") << (result ? "" : result.error().message);
    return result ? result->manifest : std::make_shared<const Manifest>();
  }
  Result<ManifestPtr> get(std::string name, Freshness freshness = Freshness::kCached) {
    return run(catalog().get(std::move(name), freshness, soon()));
  }
  Result<void> drop(std::string name) { return run(catalog().drop(std::move(name), soon())); }
  Result<ManifestPtr> undrop(std::string name) { return run(catalog().undrop(std::move(name), soon())); }
  /// The names on a page, then "…" when more follow.
  std::vector<std::string> names(ListDatasets query) {
    const auto page = run(catalog().list(std::move(query), soon()));
    if (!page) return {to_string(page.error())};
    std::vector<std::string> names;
    for (const ManifestPtr& manifest : page->datasets) names.push_back(manifest->name);
    if (page->is_truncated) names.push_back("…");
    return names;
  }
  /// Runs `tasks` at once, spread over the I/O threads, to their ends.
  void run_together(std::vector<Task<void>> tasks) {
    async::TaskGroup group;
    for (auto& task : tasks) ASSERT_TRUE(group.spawn(runtime_.executor(), std::move(task)));
    ASSERT_TRUE(run(group.stop(soon())));
  }

  async::TestRuntime runtime_{4};
  Subject subject_{*runtime_};
};

TYPED_TEST_SUITE_P(CatalogContract);

// ---------------------------------------------------------------------------------------------------- register

TYPED_TEST_P(CatalogContract, CreatesADataset) {
  const auto result = this->register_now(this->request("nyc.flights"));

  ASSERT_EQ(outcome(result), "ok") << result.error().message;
  EXPECT_FALSE(result->is_existing);
  const Manifest& created = *result->manifest;
  EXPECT_EQ(created.dataset_id.to_string(), "3b58f3db-f6e8-5177-b48c-8afb40e2cfdc");
  EXPECT_EQ(created.name, "nyc.flights");
  EXPECT_EQ(created.schema_fingerprint, "fp-1");
  EXPECT_EQ(created.objects, this->request("nyc.flights").objects);
  EXPECT_EQ(created.row_count, 100);
  EXPECT_EQ(created.revision, 1);
  EXPECT_EQ(created.created_at, created.updated_at);
  EXPECT_TRUE(created.is_live());
}

TYPED_TEST_P(CatalogContract, ReplacesObjectsForTheSameFingerprint) {
  const ManifestPtr first = this->registered(this->request("flights"));
  RegisterRequest again = this->request("flights");
  again.objects = {{"part-2.parquet", 20, std::nullopt}, {"données/3.parquet", 0, "e"}};
  again.row_count = std::nullopt;

  const auto second = this->register_now(again);

  ASSERT_EQ(outcome(second), "ok") << second.error().message;
  EXPECT_TRUE(second->is_existing);
  EXPECT_EQ(second->manifest->dataset_id, first->dataset_id);
  EXPECT_EQ(second->manifest->created_at, first->created_at);
  EXPECT_GE(second->manifest->updated_at, first->updated_at);
  EXPECT_EQ(second->manifest->objects, again.objects);
  EXPECT_EQ(second->manifest->row_count, std::nullopt);
  EXPECT_EQ(second->manifest->revision, 2);
}

TYPED_TEST_P(CatalogContract, RefusesAnotherFingerprintAndChangesNothing) {
  const ManifestPtr first = this->registered(this->request("flights", "fp-1"));
  RegisterRequest other = this->request("flights", "fp-2");
  other.objects.clear();

  const auto refused = this->register_now(other);

  EXPECT_EQ(outcome(refused), "conflict/fingerprint_conflict");
  EXPECT_NE(refused.error().message.find("fp-1"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("fp-2"), std::string::npos) << refused.error().message;
  const auto kept = this->get("flights", Freshness::kCurrent);
  ASSERT_EQ(outcome(kept), "ok");
  EXPECT_EQ((*kept)->objects, first->objects);
  EXPECT_EQ((*kept)->revision, 1);
}

TYPED_TEST_P(CatalogContract, GivesEachMistakeItsOwnReason) {
  RegisterRequest reserved = this->request("x");
  reserved.objects = {{"_catalog/manifests/x.parquet", 1, std::nullopt}};
  RegisterRequest iceberg = this->request("x");
  iceberg.objects = {{"_iceberg/x", 1, std::nullopt}};

  EXPECT_EQ(outcome(this->register_now(this->request(""))), "invalid_argument/empty_name");
  EXPECT_EQ(outcome(this->register_now(this->request("a b"))), "invalid_argument/invalid_name");
  EXPECT_EQ(outcome(this->register_now(this->request("default.x"))), "invalid_argument/invalid_name");
  EXPECT_EQ(outcome(this->register_now(this->request(std::string(256, 'a')))), "invalid_argument/invalid_name");
  EXPECT_EQ(outcome(this->register_now(this->request("x", ""))), "invalid_argument/empty_fingerprint");
  EXPECT_EQ(outcome(this->register_now(reserved)), "invalid_argument/reserved_key");
  EXPECT_EQ(outcome(this->register_now(iceberg)), "invalid_argument/reserved_key");
  EXPECT_TRUE(this->names({}).empty());
}

TYPED_TEST_P(CatalogContract, KeepsColumnsAndProperties) {
  RegisterRequest wanted = this->request("flights");
  wanted.columns = {{{"id", "int64", false}, {"a \"b\"", "list<string?>", true}}};
  wanted.properties = {{"owner", "ann"}, {"é", ""}};

  this->registered(wanted);
  this->registered(this->request("flights"));

  const auto kept = this->get("flights");
  ASSERT_EQ(outcome(kept), "ok");
  EXPECT_EQ((*kept)->columns, wanted.columns);
  EXPECT_EQ((*kept)->properties, wanted.properties);
}

inline Task<void> register_once(Catalog& catalog, RegisterRequest wanted, std::atomic<int>& created,
                                std::atomic<int>& existing) {
  auto result = co_await catalog.register_dataset(std::move(wanted), async::soon());
  if (result) ++(result->is_existing ? existing : created);
  co_return Result<void>();
}

TYPED_TEST_P(CatalogContract, MakesOneDatasetOfManyConcurrentRegisters) {
  constexpr int kRegisters = 200;
  std::atomic<int> created{0};
  std::atomic<int> existing{0};
  std::vector<Task<void>> tasks;
  for (int i = 0; i < kRegisters; ++i) {
    tasks.push_back(register_once(this->catalog(), this->request("flights"), created, existing));
  }

  this->run_together(std::move(tasks));

  EXPECT_EQ(created, 1);
  EXPECT_EQ(existing, kRegisters - 1);
  const auto left = this->get("flights", Freshness::kCurrent);
  ASSERT_EQ(outcome(left), "ok");
  EXPECT_EQ((*left)->revision, kRegisters);
  EXPECT_EQ(this->names({}), (std::vector<std::string>{"flights"}));
}

TYPED_TEST_P(CatalogContract, AppliesNothingAfterTheDeadline) {
  const auto late =
      this->run(this->catalog().register_dataset(this->request("flights"), Deadline::after(std::chrono::seconds(-1))));

  EXPECT_EQ(outcome(late), "deadline_exceeded");
  EXPECT_EQ(outcome(this->get("flights", Freshness::kCurrent)), "not_found");
}

// ---------------------------------------------------------------------------------------------------- get and list

TYPED_TEST_P(CatalogContract, GetsWhatWasRegistered) {
  const ManifestPtr created = this->registered(this->request("flights"));

  for (const auto freshness : {Freshness::kCached, Freshness::kCurrent}) {
    const auto got = this->get("flights", freshness);
    ASSERT_EQ(outcome(got), "ok");
    EXPECT_EQ((*got)->dataset_id, created->dataset_id);
    EXPECT_EQ((*got)->objects, created->objects);
    EXPECT_EQ((*got)->row_count, created->row_count);
    EXPECT_EQ((*got)->created_at, created->created_at);
    EXPECT_EQ((*got)->updated_at, created->updated_at);
    EXPECT_EQ((*got)->revision, created->revision);
  }
}

TYPED_TEST_P(CatalogContract, FindsNothingUnderAnUnknownName) {
  for (const auto freshness : {Freshness::kCached, Freshness::kCurrent}) {
    EXPECT_EQ(outcome(this->get("flights", freshness)), "not_found");
  }
}

TYPED_TEST_P(CatalogContract, LeavesWhatWasHandedOutAsItWas) {
  this->registered(this->request("flights"));
  const auto got = this->get("flights");
  const auto listed = this->run(this->catalog().list({}, this->soon()));
  ASSERT_EQ(outcome(got), "ok");
  ASSERT_EQ(outcome(listed), "ok");

  RegisterRequest again = this->request("flights");
  again.objects.clear();
  this->registered(again);
  EXPECT_EQ(outcome(this->drop("flights")), "ok");

  EXPECT_EQ((*got)->objects, this->request("flights").objects);
  EXPECT_EQ(listed->datasets.at(0)->objects, this->request("flights").objects);
  EXPECT_TRUE((*got)->is_live());
}

TYPED_TEST_P(CatalogContract, ListsByNameInPages) {
  for (const char* name : {"b", "a.x", "a", "a-b", "B", "a.y", "_"}) this->registered(this->request(name));
  using Names = std::vector<std::string>;

  EXPECT_EQ(this->names({}), (Names{"B", "_", "a", "a-b", "a.x", "a.y", "b"}));
  EXPECT_EQ(this->names({.prefix = "a"}), (Names{"a", "a-b", "a.x", "a.y"}));
  EXPECT_EQ(this->names({.prefix = "a."}), (Names{"a.x", "a.y"}));
  EXPECT_EQ(this->names({.prefix = "c"}), (Names{}));
  EXPECT_EQ(this->names({.limit = 2}), (Names{"B", "_", "…"}));
  EXPECT_EQ(this->names({.after = "_", .limit = 2}), (Names{"a", "a-b", "…"}));
  EXPECT_EQ(this->names({.prefix = "a", .after = "a-b", .limit = 2}), (Names{"a.x", "a.y"}));
  EXPECT_EQ(this->names({.prefix = "a", .after = "B", .limit = 1}), (Names{"a", "…"}));
  EXPECT_EQ(this->names({.after = "b"}), (Names{}));
}

TYPED_TEST_P(CatalogContract, ListsWithoutACap) {
  std::set<std::string> expected;
  for (int i = 0; i < 25; ++i) {
    expected.insert("d" + std::to_string(i));
    this->registered(this->request("d" + std::to_string(i)));
  }

  std::set<std::string> seen;
  ListDatasets query{.limit = 4};
  for (bool is_truncated = true; is_truncated;) {
    const auto page = this->run(this->catalog().list(query, this->soon()));
    ASSERT_EQ(outcome(page), "ok");
    ASSERT_FALSE(page->datasets.empty());
    for (const ManifestPtr& manifest : page->datasets) EXPECT_TRUE(seen.insert(manifest->name).second);
    query.after = page->datasets.back()->name;
    is_truncated = page->is_truncated;
  }
  EXPECT_EQ(seen, expected);
}

TYPED_TEST_P(CatalogContract, RefusesAPageOfNoneAndOfTooMany) {
  for (const std::size_t limit : {std::size_t{0}, kMaxListLimit + 1}) {
    EXPECT_EQ(outcome(this->run(this->catalog().list({.limit = limit}, this->soon()))), "invalid_argument");
  }
}

// ---------------------------------------------------------------------------------------------------- drop and undrop

TYPED_TEST_P(CatalogContract, DropsADataset) {
  this->registered(this->request("flights"));

  EXPECT_EQ(outcome(this->drop("flights")), "ok");

  EXPECT_EQ(outcome(this->get("flights")), "not_found");
  EXPECT_EQ(outcome(this->get("flights", Freshness::kCurrent)), "not_found");
  EXPECT_EQ(this->names({}), std::vector<std::string>{});
  EXPECT_EQ(this->names({.state = DatasetState::kDropped}), std::vector<std::string>{"flights"});
}

TYPED_TEST_P(CatalogContract, FindsNothingToDrop) {
  this->registered(this->request("flights"));
  EXPECT_EQ(outcome(this->drop("flights")), "ok");

  EXPECT_EQ(outcome(this->drop("flights")), "not_found");
  EXPECT_EQ(outcome(this->drop("trains")), "not_found");
}

TYPED_TEST_P(CatalogContract, UndropsADatasetAsItWas) {
  const ManifestPtr created = this->registered(this->request("flights"));
  EXPECT_EQ(outcome(this->drop("flights")), "ok");

  const auto restored = this->undrop("flights");

  ASSERT_EQ(outcome(restored), "ok");
  EXPECT_EQ((*restored)->objects, created->objects);
  EXPECT_EQ((*restored)->created_at, created->created_at);
  EXPECT_EQ((*restored)->revision, 3);
  EXPECT_EQ(outcome(this->get("flights")), "ok");
  EXPECT_EQ(this->names({.state = DatasetState::kDropped}), std::vector<std::string>{});
}

TYPED_TEST_P(CatalogContract, AnswersTheUndropOfALiveDatasetWithItself) {
  this->registered(this->request("flights"));

  const auto restored = this->undrop("flights");

  ASSERT_EQ(outcome(restored), "ok");
  EXPECT_EQ((*restored)->revision, 1);
}

TYPED_TEST_P(CatalogContract, FindsNothingToUndrop) {
  EXPECT_EQ(outcome(this->undrop("flights")), "not_found");
}

TYPED_TEST_P(CatalogContract, CreatesAnewOverATombstone) {
  const ManifestPtr first = this->registered(this->request("flights", "fp-1"));
  EXPECT_EQ(outcome(this->drop("flights")), "ok");

  const auto second = this->register_now(this->request("flights", "fp-2"));

  ASSERT_EQ(outcome(second), "ok");
  EXPECT_FALSE(second->is_existing);
  EXPECT_EQ(second->manifest->dataset_id, first->dataset_id);
  EXPECT_EQ(second->manifest->schema_fingerprint, "fp-2");
  EXPECT_EQ(second->manifest->revision, 3);
}

REGISTER_TYPED_TEST_SUITE_P(CatalogContract, CreatesADataset, ReplacesObjectsForTheSameFingerprint,
                            RefusesAnotherFingerprintAndChangesNothing, GivesEachMistakeItsOwnReason,
                            KeepsColumnsAndProperties, MakesOneDatasetOfManyConcurrentRegisters,
                            AppliesNothingAfterTheDeadline, GetsWhatWasRegistered, FindsNothingUnderAnUnknownName,
                            LeavesWhatWasHandedOutAsItWas, ListsByNameInPages, ListsWithoutACap,
                            RefusesAPageOfNoneAndOfTooMany, DropsADataset, FindsNothingToDrop, UndropsADatasetAsItWas,
                            AnswersTheUndropOfALiveDatasetWithItself, FindsNothingToUndrop, CreatesAnewOverATombstone);

}  // namespace tarn::catalog
