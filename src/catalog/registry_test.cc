#include "catalog/registry.h"

#include <atomic>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/task_group.h"
#include "async/test_support.h"
#include "base/manual_clock.h"
#include "catalog/contract_suite.h"
#include "catalog/manifest_codec_internal.h"
#include "catalog/test_support.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace tarn::catalog {
namespace {

using store::Fault;
using store::ObjectKey;
using store::StoreCall;
using ::testing::HasSubstr;

constexpr Timestamp kStart{std::chrono::seconds(1'795'000'000)};

/// What registries stand on: a store that fails on command over one in memory.
struct World {
  explicit World(async::Runtime& runtime) : runtime(runtime) {
    const auto made = async::run(runtime, memory.create_bucket("lake", async::soon()));
    EXPECT_TRUE(made);
  }

  /// One that has loaded what the store holds.
  std::unique_ptr<Registry> registry(bool is_store_shared) {
    auto made = empty_registry(is_store_shared);
    const auto loaded = async::run(runtime, made->rehydrate(async::soon()));
    EXPECT_TRUE(loaded) << to_string(loaded.error());
    return made;
  }
  std::unique_ptr<Registry> empty_registry(bool is_store_shared) {
    return std::make_unique<Registry>(faulty, runtime, pool, clock, random, metrics,
                                      RegistryOptions{.is_store_shared = is_store_shared});
  }

  async::Runtime& runtime;
  ManualClock clock{kStart};
  SystemRandom random;
  Metrics metrics;
  async::ThreadPool pool{"test", 2};
  store::MemoryStore memory{clock};
  store::FaultyStore faulty{memory};
};

class RegistrySubject {
 public:
  RegistrySubject(async::Runtime& runtime, bool is_store_shared)
      : world_(runtime), registry_(world_.registry(is_store_shared)) {}
  ~RegistrySubject() { EXPECT_TRUE(async::run(world_.runtime, registry_->stop(async::soon()))); }
  Catalog& catalog() { return *registry_; }

 private:
  World world_;
  std::unique_ptr<Registry> registry_;
};

struct EmbeddedSubject : RegistrySubject {
  explicit EmbeddedSubject(async::Runtime& runtime) : RegistrySubject(runtime, /*is_store_shared=*/false) {}
};
struct SharedSubject : RegistrySubject {
  explicit SharedSubject(async::Runtime& runtime) : RegistrySubject(runtime, /*is_store_shared=*/true) {}
};

INSTANTIATE_TYPED_TEST_SUITE_P(EmbeddedRegistry, CatalogContract, EmbeddedSubject);
INSTANTIATE_TYPED_TEST_SUITE_P(SharedRegistry, CatalogContract, SharedSubject);

class RegistryTest : public testing::Test {
 protected:
  ~RegistryTest() override {
    for (const auto& registry : registries_) EXPECT_TRUE(run(registry->stop(async::soon())));
  }

  template <class T>
  Result<T> run(Task<T> task) {
    return runtime_.run(std::move(task));
  }
  Registry& embedded() { return *registries_.emplace_back(world_.registry(false)); }
  Registry& shared() { return *registries_.emplace_back(world_.registry(true)); }
  Registry& not_loaded() { return *registries_.emplace_back(world_.empty_registry(false)); }

  static RegisterRequest request(std::string name, int rows = 1, std::string fingerprint = "fp") {
    return {.name = std::move(name),
            .schema_fingerprint = std::move(fingerprint),
            .objects = {{"part-" + std::to_string(rows), 1, std::nullopt}},
            .row_count = static_cast<std::uint64_t>(rows)};
  }
  Result<RegisterResult> register_in(Registry& registry, RegisterRequest wanted, Deadline deadline = async::soon()) {
    return run(registry.register_dataset(std::move(wanted), deadline));
  }
  void expect_registered(Registry& registry, RegisterRequest wanted) {
    const auto result = register_in(registry, std::move(wanted));
    EXPECT_TRUE(result) << to_string(result.error());
  }
  static ErrorCode code(const auto& result) { return result ? ErrorCode{-1} : result.error().code; }

  /// The row count that memory has, or nothing.
  std::optional<std::uint64_t> rows_in(Registry& registry, const std::string& name,
                                       Freshness freshness = Freshness::kCached) {
    const auto got = run(registry.get(name, freshness, async::soon()));
    return got ? (*got)->row_count : std::nullopt;
  }
  std::uint64_t revision_in(Registry& registry, const std::string& name) {
    const auto got = run(registry.get(name, Freshness::kCached, async::soon()));
    return got ? (*got)->revision : 0;
  }
  /// What the store holds, whatever any memory says.
  std::optional<Manifest> stored(const std::string& name) {
    const auto object =
        run(store::get_bytes(world_.memory, ObjectKey("lake", manifest_key(name)), kMaxManifestBytes, async::soon()));
    if (!object) return std::nullopt;
    auto manifest = decode_manifest(object->bytes, manifest_key(name));
    EXPECT_TRUE(manifest) << to_string(manifest.error());
    return manifest ? std::optional(*std::move(manifest)) : std::nullopt;
  }
  void put_bytes(const std::string& key, Bytes bytes) {
    EXPECT_TRUE(
        run(world_.memory.put(ObjectKey("lake", key), std::move(bytes), store::PutCondition::none(), async::soon())));
  }
  void land_late() {
    ASSERT_GT(world_.faulty.late_count(), 0);
    (void)run_late();
  }
  std::vector<Result<std::string>> run_late() {
    auto landed = run(world_.faulty.land_late());
    EXPECT_TRUE(landed);
    return landed ? *landed : std::vector<Result<std::string>>();
  }
  void inject(StoreCall call, Fault fault, std::size_t count = 1) { world_.faulty.inject(call, fault, count); }
  static Deadline shortly() { return Deadline::after(std::chrono::milliseconds(250)); }

  async::TestRuntime runtime_{4};
  World world_{*runtime_};
  std::vector<std::unique_ptr<Registry>> registries_;
};

// ---------------------------------------------------------------------------------------------------- commits

TEST_F(RegistryTest, SaysInMemoryWhatTheStoreHolds) {
  Registry& registry = embedded();

  const auto created = register_in(registry, request("flights"));

  ASSERT_TRUE(created);
  EXPECT_EQ(*stored("flights"), *created->manifest);
  EXPECT_EQ(**run(registry.get("flights", Freshness::kCached, async::soon())), *created->manifest);
}

TEST_F(RegistryTest, KeepsMemoryAsItWasWhenTheStoreFails) {
  Registry& registry = embedded();
  expect_registered(registry, request("flights", 1));
  inject(StoreCall::kPut, Fault::kFailBefore, 2);

  EXPECT_EQ(code(register_in(registry, request("flights", 2))), ErrorCode::kUnavailable);
  EXPECT_EQ(code(register_in(registry, request("trains", 2))), ErrorCode::kUnavailable);

  EXPECT_EQ(rows_in(registry, "flights"), 1);
  EXPECT_EQ(rows_in(registry, "trains"), std::nullopt);
  EXPECT_EQ(stored("flights")->revision, 1);
}

TEST_F(RegistryTest, FindsThatAnUnansweredPutWasApplied) {
  Registry& registry = embedded();
  inject(StoreCall::kPut, Fault::kLoseAnswer);

  const auto result = register_in(registry, request("flights"));

  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_FALSE(result->is_existing);
  EXPECT_EQ(stored("flights")->revision, 1);
  EXPECT_EQ(*stored("flights"), *result->manifest);
  EXPECT_EQ(world_.faulty.count(StoreCall::kPut), 1);
}

TEST_F(RegistryTest, SendsAgainWhatWasLost) {
  Registry& registry = embedded();
  expect_registered(registry, request("flights", 1));
  inject(StoreCall::kPut, Fault::kLoseRequest);

  const auto result = register_in(registry, request("flights", 2));

  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_EQ(stored("flights")->revision, 2);
  EXPECT_EQ(stored("flights")->row_count, 2);
  EXPECT_EQ(*stored("flights"), *result->manifest);
}

TEST_F(RegistryTest, FencesAPutThatLandsLate) {
  Registry& registry = embedded();
  expect_registered(registry, request("flights", 1));
  inject(StoreCall::kPut, Fault::kLandLate);

  const auto result = register_in(registry, request("flights", 2));
  const auto landed = run_late();

  ASSERT_TRUE(result) << to_string(result.error());
  ASSERT_EQ(landed.size(), 1);
  EXPECT_EQ(code(landed[0]), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(*stored("flights"), *result->manifest);
  EXPECT_EQ(stored("flights")->revision, 2);
}

TEST_F(RegistryTest, FindsTheLatePutThatRefusedItsFence) {
  Registry& registry = embedded();
  inject(StoreCall::kPut, Fault::kLandLate);
  inject(StoreCall::kPut, Fault::kBlock);
  async::TaskGroup group;
  std::atomic<int> created{0};
  std::atomic<int> existing{0};
  group.spawn(runtime_.executor(), register_once(registry, request("flights"), created, existing));
  ASSERT_TRUE(world_.faulty.wait_until_blocked(1, async::soon()));  // the fence

  land_late();
  world_.faulty.release();
  ASSERT_TRUE(run(group.stop(async::soon())));

  EXPECT_EQ(created, 1);
  EXPECT_EQ(stored("flights")->revision, 1);
  EXPECT_EQ(revision_in(registry, "flights"), 1);
}

TEST_F(RegistryTest, AnswersUnknownWhenNothingIsProvenInTimeAndAsksTheStoreNext) {
  Registry& registry = embedded();
  expect_registered(registry, request("flights", 1));
  inject(StoreCall::kPut, Fault::kLoseAnswer);
  inject(StoreCall::kGet, Fault::kFailBefore, 1000);

  const auto unknown = register_in(registry, request("flights", 2), shortly());
  ASSERT_EQ(code(unknown), ErrorCode::kOutcomeUnknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("repeating the same request is safe"));
  EXPECT_EQ(code(run(registry.get("flights", Freshness::kCached, async::soon()))), ErrorCode::kUnavailable);
  EXPECT_EQ(code(run(registry.list({}, async::soon()))), ErrorCode::kUnavailable);
  world_.faulty.heal();

  EXPECT_EQ(rows_in(registry, "flights"), 2);
  const auto gets = world_.faulty.count(StoreCall::kGet);
  EXPECT_EQ(rows_in(registry, "flights"), 2);
  EXPECT_EQ(world_.faulty.count(StoreCall::kGet), gets) << "no doubt is left";
}

TEST_F(RegistryTest, StaysInDoubtWhileTheUnprovenPutMayStillLand) {
  Registry& registry = embedded();
  expect_registered(registry, request("flights", 1));
  inject(StoreCall::kPut, Fault::kLandLate);
  inject(StoreCall::kGet, Fault::kFailBefore, 1000);
  ASSERT_EQ(code(register_in(registry, request("flights", 2), shortly())), ErrorCode::kOutcomeUnknown);
  world_.faulty.heal();

  EXPECT_EQ(rows_in(registry, "flights"), 1);
  land_late();
  EXPECT_EQ(rows_in(registry, "flights"), 2);
}

TEST_F(RegistryTest, SettlesADoubtByTheNextWrite) {
  Registry& registry = embedded();
  inject(StoreCall::kPut, Fault::kLandLate);
  inject(StoreCall::kGet, Fault::kFailBefore, 1000);
  ASSERT_EQ(code(register_in(registry, request("flights", 1), shortly())), ErrorCode::kOutcomeUnknown);
  world_.faulty.heal();

  const auto repeated = register_in(registry, request("flights", 1));
  const auto landed = run_late();

  ASSERT_TRUE(repeated) << to_string(repeated.error());
  EXPECT_EQ(code(landed.at(0)), ErrorCode::kPreconditionFailed);
  EXPECT_EQ(*stored("flights"), *repeated->manifest);
  const auto gets = world_.faulty.count(StoreCall::kGet);
  EXPECT_EQ(revision_in(registry, "flights"), 1);
  EXPECT_EQ(world_.faulty.count(StoreCall::kGet), gets) << "no doubt is left";
}

TEST_F(RegistryTest, ListsADoubtfulNameAsTheStoreHasIt) {
  Registry& registry = embedded();
  inject(StoreCall::kPut, Fault::kLoseAnswer);
  inject(StoreCall::kGet, Fault::kFailBefore, 1000);
  ASSERT_EQ(code(register_in(registry, request("flights"), shortly())), ErrorCode::kOutcomeUnknown);
  world_.faulty.heal();

  const auto page = run(registry.list({}, async::soon()));

  ASSERT_TRUE(page);
  ASSERT_EQ(page->datasets.size(), 1);
  EXPECT_EQ(page->datasets[0]->name, "flights");
}

TEST_F(RegistryTest, DoesNotProveWithACorruptManifest) {
  Registry& registry = shared();
  expect_registered(registry, request("flights"));
  put_bytes(manifest_key("flights"), "garbage");

  const auto result = register_in(registry, request("flights", 2), shortly());

  EXPECT_EQ(code(result), ErrorCode::kOutcomeUnknown);
  EXPECT_THAT(result.error().message, HasSubstr(manifest_key("flights")));
}

TEST_F(RegistryTest, GoesOnProvingWhenItsCallerHasGone) {
  Registry& registry = embedded();
  inject(StoreCall::kPut, Fault::kBlock);
  const auto executor = runtime_.executor();
  asio::cancellation_signal leave;
  std::promise<void> left;
  asio::co_spawn(
      executor, registry.register_dataset(request("flights"), async::soon()),
      asio::bind_cancellation_slot(
          leave.slot(), [&left](const std::exception_ptr&, const Result<RegisterResult>&) { left.set_value(); }));
  ASSERT_TRUE(world_.faulty.wait_until_blocked(1, async::soon()));

  asio::post(executor, [&leave] { leave.emit(asio::cancellation_type::terminal); });
  left.get_future().wait();
  EXPECT_EQ(revision_in(registry, "flights"), 0);
  world_.faulty.release();
  EXPECT_TRUE(run(registry.stop(async::soon())));

  EXPECT_EQ(revision_in(registry, "flights"), 1);
}

TEST_F(RegistryTest, StopsWhenTheLastCommitHasEnded) {
  Registry& registry = embedded();
  inject(StoreCall::kPut, Fault::kBlock);
  std::atomic<int> created{0};
  std::atomic<int> existing{0};
  async::TaskGroup group;
  group.spawn(runtime_.executor(), register_once(registry, request("flights"), created, existing));
  ASSERT_TRUE(world_.faulty.wait_until_blocked(1, async::soon()));

  EXPECT_EQ(code(run(registry.stop(shortly()))), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(code(register_in(registry, request("trains"))), ErrorCode::kUnavailable);
  world_.faulty.release();
  EXPECT_TRUE(run(registry.stop(async::soon())));

  EXPECT_TRUE(run(group.stop(async::soon())));
  EXPECT_EQ(created, 1);
}

TEST_F(RegistryTest, NeverTakesTimesBack) {
  Registry& registry = embedded();
  expect_registered(registry, request("flights", 1));
  world_.clock.set(kStart - std::chrono::hours(1));

  const auto later = register_in(registry, request("flights", 2));
  expect_registered(registry, request("trains"));

  ASSERT_TRUE(later);
  EXPECT_EQ(later->manifest->updated_at, kStart);
  EXPECT_EQ(stored("trains")->updated_at, kStart - std::chrono::hours(1));
}

TEST_F(RegistryTest, RemembersTheLastCommitOfEachWriter) {
  Registry& one = shared();
  Registry& two = shared();
  expect_registered(one, request("flights", 1));
  expect_registered(one, request("flights", 2));
  expect_registered(two, request("flights", 3));

  const auto manifest = stored("flights");

  ASSERT_EQ(manifest->recent_commits.size(), 2);
  EXPECT_NE(manifest->recent_commits[0].writer_id, manifest->recent_commits[1].writer_id);
  EXPECT_EQ(manifest->recent_commits[1].commit_id, manifest->commit_id);
}

// ---------------------------------------------------------------------------------------------------- transact

TEST_F(RegistryTest, WritesNothingForADecisionWithoutChange) {
  Registry& registry = embedded();
  expect_registered(registry, request("flights"));

  const auto done = run(registry.transact(
      "flights", [](const ManifestPtr&, Timestamp) -> Result<Decision> { return NoChange{}; }, async::soon()));

  ASSERT_TRUE(done);
  EXPECT_EQ(done->prior, done->current);
  EXPECT_EQ(world_.faulty.count(StoreCall::kPut), 1);
}

TEST_F(RegistryTest, DecidesAnewOnWhatAnotherWriterCommitted) {
  Registry& one = shared();
  Registry& two = shared();
  expect_registered(one, request("flights", 1));
  expect_registered(one, request("flights", 2));
  std::vector<std::uint64_t> seen;

  const auto done = run(two.transact(
      "flights",
      [&seen](const ManifestPtr& prior, Timestamp) -> Result<Decision> {
        seen.push_back(prior ? prior->revision : 0);
        Manifest next = prior ? *prior : Manifest();
        next.properties["touched"] = "yes";
        return next;
      },
      async::soon()));

  ASSERT_TRUE(done) << to_string(done.error());
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, 2}));
  EXPECT_EQ(done->current->revision, 3);
  EXPECT_EQ(done->current->row_count, 2);
}

TEST_F(RegistryTest, AsksTheStoreBeforeItBelievesThatNothingIsToBeDone) {
  Registry& one = shared();
  Registry& two = shared();
  expect_registered(one, request("flights"));

  EXPECT_TRUE(run(two.drop("flights", async::soon())));

  EXPECT_FALSE(stored("flights")->is_live());
}

TEST_F(RegistryTest, RefusesNamesThatNoManifestCanHave) {
  Registry& registry = embedded();
  const auto decide = [](const ManifestPtr&, Timestamp) -> Result<Decision> { return Manifest(); };

  EXPECT_EQ(code(run(registry.transact("a/b", decide, async::soon()))), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(run(registry.transact("a%2Fb", decide, async::soon())));
}

// ---------------------------------------------------------------------------------------------------- concurrency

TEST_F(RegistryTest, MakesOneManifestOfAThousandConcurrentRegisters) {
  Registry& registry = embedded();
  std::atomic<int> created{0};
  std::atomic<int> existing{0};
  async::TaskGroup group;
  for (int i = 0; i < 1000; ++i) {
    group.spawn(runtime_.executor(), register_once(registry, request("flights"), created, existing));
  }
  ASSERT_TRUE(run(group.stop(async::soon())));

  EXPECT_EQ(created, 1);
  EXPECT_EQ(existing, 999);
  EXPECT_EQ(stored("flights")->revision, 1000);
  EXPECT_EQ(revision_in(registry, "flights"), 1000);
  const auto listed = run(world_.memory.list("lake", {}, async::soon()));
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->objects.size(), 1);
}

TEST_F(RegistryTest, ReadsDoNotWaitForAWriteAndOtherNamesGoOn) {
  Registry& registry = embedded();
  expect_registered(registry, request("flights", 1));
  inject(StoreCall::kPut, Fault::kBlock);
  std::atomic<int> created{0};
  std::atomic<int> existing{0};
  async::TaskGroup group;
  group.spawn(runtime_.executor(), register_once(registry, request("flights", 2), created, existing));
  ASSERT_TRUE(world_.faulty.wait_until_blocked(1, async::soon()));

  EXPECT_EQ(rows_in(registry, "flights"), 1);
  EXPECT_EQ(run(registry.list({}, async::soon()))->datasets.size(), 1);
  expect_registered(registry, request("trains"));
  EXPECT_EQ(code(register_in(registry, request("flights", 3), shortly())), ErrorCode::kDeadlineExceeded)
      << "the same name waits its turn";

  world_.faulty.release();
  ASSERT_TRUE(run(group.stop(async::soon())));
  EXPECT_EQ(rows_in(registry, "flights"), 2);
}

TEST_F(RegistryTest, RegistersDifferentNamesAtOnce) {
  Registry& registry = embedded();
  constexpr std::size_t kNames = 8;
  inject(StoreCall::kPut, Fault::kBlock, kNames);
  std::atomic<int> created{0};
  std::atomic<int> existing{0};
  async::TaskGroup group;
  for (std::size_t i = 0; i < kNames; ++i) {
    group.spawn(runtime_.executor(), register_once(registry, request("d" + std::to_string(i)), created, existing));
  }

  EXPECT_TRUE(world_.faulty.wait_until_blocked(kNames, async::soon()));

  world_.faulty.release();
  ASSERT_TRUE(run(group.stop(async::soon())));
  EXPECT_EQ(created, static_cast<int>(kNames));
}

TEST_F(RegistryTest, TwoOverOneStoreEndInOneTruth) {
  Registry& one = shared();
  Registry& two = shared();
  std::atomic<int> created{0};
  std::atomic<int> existing{0};
  async::TaskGroup group;
  constexpr int kRounds = 40;
  for (int i = 0; i < kRounds; ++i) {
    for (Registry* registry : {&one, &two}) {
      group.spawn(runtime_.executor(), register_once(*registry, request("same", i), created, existing));
      group.spawn(runtime_.executor(),
                  register_once(*registry, request("d" + std::to_string(i % 7)), created, existing));
    }
  }
  ASSERT_TRUE(run(group.stop(async::soon())));
  ASSERT_TRUE(run(one.refresh(async::soon())));
  ASSERT_TRUE(run(two.refresh(async::soon())));

  EXPECT_EQ(created, 8);
  EXPECT_EQ(existing, 4 * kRounds - 8);
  EXPECT_EQ(stored("same")->revision, 2 * kRounds);
  const auto in_one = run(one.list({}, async::soon()));
  const auto in_two = run(two.list({}, async::soon()));
  ASSERT_EQ(in_one->datasets.size(), 8);
  ASSERT_EQ(in_two->datasets.size(), 8);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(*in_one->datasets[i], *in_two->datasets[i]);
    EXPECT_EQ(*in_one->datasets[i], *stored(in_one->datasets[i]->name));
  }
}

// ---------------------------------------------------------------------------------------------------- other replicas

TEST_F(RegistryTest, SeesAnotherReplicasCommitAtOnceWhenAskedForTheCurrentState) {
  Registry& one = shared();
  Registry& two = shared();
  expect_registered(one, request("flights", 1));

  EXPECT_EQ(rows_in(two, "flights"), std::nullopt);
  EXPECT_EQ(rows_in(two, "flights", Freshness::kCurrent), 1);
  EXPECT_EQ(rows_in(two, "flights"), 1);
}

TEST_F(RegistryTest, RefreshTakesOverWhatOthersCreatedChangedDroppedAndPurged) {
  Registry& one = shared();
  for (const char* name : {"changed", "dropped", "purged", "same"}) expect_registered(one, request(name, 1));
  Registry& two = shared();
  expect_registered(one, request("changed", 2));
  expect_registered(one, request("created", 3));
  EXPECT_TRUE(run(one.drop("dropped", async::soon())));
  EXPECT_TRUE(run(world_.memory.remove(ObjectKey("lake", manifest_key("purged")), async::soon())));
  const auto gets = world_.faulty.count(StoreCall::kGet);

  ASSERT_TRUE(run(two.refresh(async::soon())));

  EXPECT_EQ(world_.faulty.count(StoreCall::kGet), gets + 4) << "what has not changed is not fetched";
  EXPECT_EQ(rows_in(two, "changed"), 2);
  EXPECT_EQ(rows_in(two, "created"), 3);
  EXPECT_EQ(rows_in(two, "dropped"), std::nullopt);
  EXPECT_EQ(rows_in(two, "purged"), std::nullopt);
  EXPECT_EQ(rows_in(two, "same"), 1);
}

TEST_F(RegistryTest, RefreshComparesPageByPage) {
  Registry& one = shared();
  constexpr int kMoreThanAPage = 1001;
  for (int i = 0; i < kMoreThanAPage; ++i) expect_registered(one, request("d" + std::to_string(i)));
  Registry& two = shared();
  expect_registered(one, request("d0", 2));
  expect_registered(one, request("d999", 3));
  expect_registered(one, request("new"));
  ASSERT_TRUE(run(world_.memory.remove(ObjectKey("lake", manifest_key("d5")), async::soon())));
  expect_registered(two, request("own"));
  const std::size_t reads_before = world_.faulty.count(StoreCall::kGet);

  ASSERT_TRUE(run(two.refresh(async::soon())));

  EXPECT_EQ(world_.faulty.count(StoreCall::kGet) - reads_before, 4U);
  EXPECT_EQ(rows_in(two, "d0"), 2U);
  EXPECT_EQ(rows_in(two, "d999"), 3U);
  EXPECT_EQ(rows_in(two, "new"), 1U);
  EXPECT_EQ(rows_in(two, "d5"), std::nullopt);
  EXPECT_EQ(rows_in(two, "d1000"), 1U);
}

TEST_F(RegistryTest, RefreshTakesOverTheRestWhenOneManifestIsCorrupt) {
  Registry& one = shared();
  expect_registered(one, request("broken", 1));
  Registry& two = shared();
  put_bytes(manifest_key("broken"), "garbage");
  expect_registered(one, request("trains", 1));

  const auto refreshed = run(two.refresh(async::soon()));

  EXPECT_EQ(code(refreshed), ErrorCode::kCorrupt);
  EXPECT_THAT(refreshed.error().message, HasSubstr(manifest_key("broken")));
  EXPECT_EQ(rows_in(two, "trains"), 1);
  EXPECT_EQ(rows_in(two, "broken"), 1);
}

TEST_F(RegistryTest, DoesNotAskTheStoreWhileItIsItsOnlyOwner) {
  Registry& registry = embedded();
  expect_registered(registry, request("flights", 1));
  const auto gets = world_.faulty.count(StoreCall::kGet);

  EXPECT_EQ(rows_in(registry, "flights", Freshness::kCurrent), 1);
  EXPECT_EQ(code(run(registry.drop("trains", async::soon()))), ErrorCode::kNotFound);

  EXPECT_EQ(world_.faulty.count(StoreCall::kGet), gets);
}

// ---------------------------------------------------------------------------------------------------- rehydrate

TEST_F(RegistryTest, RefusesEverythingUntilItIsLoaded) {
  Registry& registry = not_loaded();

  EXPECT_FALSE(registry.is_ready());
  EXPECT_EQ(code(register_in(registry, request("x"))), ErrorCode::kUnavailable);
  EXPECT_EQ(code(run(registry.get("x", Freshness::kCached, async::soon()))), ErrorCode::kUnavailable);
  EXPECT_EQ(code(run(registry.list({}, async::soon()))), ErrorCode::kUnavailable);
  EXPECT_EQ(code(run(registry.drop("x", async::soon()))), ErrorCode::kUnavailable);
  EXPECT_EQ(code(run(registry.undrop("x", async::soon()))), ErrorCode::kUnavailable);
}

TEST_F(RegistryTest, RehydratesWhatAnotherLeft) {
  Registry& one = embedded();
  constexpr int kNames = 2500;  // more than two pages of LIST
  std::atomic<int> created{0};
  std::atomic<int> existing{0};
  async::TaskGroup group;
  for (int i = 0; i < kNames; ++i) {
    group.spawn(runtime_.executor(), register_once(one, request("d" + std::to_string(i), i), created, existing));
  }
  ASSERT_TRUE(run(group.stop(async::soon())));
  EXPECT_TRUE(run(one.drop("d7", async::soon())));
  put_bytes("_catalog/manifests/README.txt", "not a manifest");

  Registry& two = not_loaded();
  const auto loaded = run(two.rehydrate(async::soon()));

  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(*loaded, kNames - 1);
  EXPECT_TRUE(two.is_ready());
  EXPECT_EQ(**run(two.get("d42", Freshness::kCached, async::soon())), *stored("d42"));
  EXPECT_EQ(run(two.list({.state = DatasetState::kDropped}, async::soon()))->datasets.at(0)->name, "d7");
  expect_registered(two, request("d42", 43));
  EXPECT_EQ(stored("d42")->revision, 2) << "the ETag is remembered for conditional writes";
}

TEST_F(RegistryTest, LoadsNothingWhenOneManifestIsCorruptAndNamesIt) {
  Registry& one = embedded();
  for (int i = 0; i < 100; ++i) expect_registered(one, request("d" + std::to_string(i)));
  put_bytes(manifest_key("d50"), "garbage");

  Registry& two = not_loaded();
  const auto loaded = run(two.rehydrate(async::soon()));

  EXPECT_EQ(code(loaded), ErrorCode::kCorrupt);
  EXPECT_THAT(loaded.error().message, HasSubstr(manifest_key("d50")));
  EXPECT_FALSE(two.is_ready());
  EXPECT_EQ(code(run(two.list({}, async::soon()))), ErrorCode::kUnavailable);
}

TEST_F(RegistryTest, RefusesAManifestUnderANameThatIsNone) {
  put_bytes("_catalog/manifests/a b.parquet", "garbage");

  const auto loaded = run(not_loaded().rehydrate(async::soon()));

  EXPECT_EQ(code(loaded), ErrorCode::kCorrupt);
  EXPECT_THAT(loaded.error().message, HasSubstr("_catalog/manifests/a b.parquet"));
}

/// A store from which a key is gone when it is read, though it was listed.
class VanishingStore final : public store::ObjectStore {
 public:
  VanishingStore(store::ObjectStore& inner, std::string vanished) : inner_(inner), vanished_(std::move(vanished)) {}
  Task<std::string> put(ObjectKey key, Bytes body, store::PutCondition condition, Deadline deadline) override {
    return inner_.put(std::move(key), std::move(body), std::move(condition), deadline);
  }
  Task<store::ObjectReader> get(ObjectKey key, store::ByteRange range, Deadline deadline) override {
    if (key.key == vanished_) co_return failure(ErrorCode::kNotFound, key.path(), store::kNoSuchKey);
    co_return co_await inner_.get(std::move(key), range, deadline);
  }
  Task<store::ObjectSummary> head(ObjectKey key, Deadline deadline) override {
    return inner_.head(std::move(key), deadline);
  }
  Task<void> remove(ObjectKey key, Deadline deadline) override { return inner_.remove(std::move(key), deadline); }
  Task<store::ListPage> list(std::string bucket, store::ListQuery query, Deadline deadline) override {
    return inner_.list(std::move(bucket), std::move(query), deadline);
  }

 private:
  store::ObjectStore& inner_;
  std::string vanished_;
};

TEST_F(RegistryTest, TakesAKeyThatVanishedAfterTheListForAbsent) {
  Registry& one = embedded();
  expect_registered(one, request("flights"));
  expect_registered(one, request("trains"));
  VanishingStore vanishing(world_.memory, manifest_key("flights"));
  Registry two(vanishing, *runtime_, world_.pool, world_.clock, world_.random, world_.metrics, {});

  const auto loaded = run(two.rehydrate(async::soon()));

  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(*loaded, 1);
}

TEST_F(RegistryTest, CanBeLoadedAgainAfterTheStoreWasDown) {
  Registry& registry = not_loaded();
  inject(StoreCall::kList, Fault::kFailBefore);

  EXPECT_EQ(code(run(registry.rehydrate(async::soon()))), ErrorCode::kUnavailable);
  EXPECT_TRUE(run(registry.rehydrate(async::soon())));
}

TEST_F(RegistryTest, AStoreThatRefusesTheCatalogsKeyIsNoFaultOfWhoAsks) {
  Registry& registry = shared();
  expect_registered(registry, request("flights"));

  inject(StoreCall::kPut, Fault::kDeny);
  const auto written = register_in(registry, request("flights", 2));
  inject(StoreCall::kGet, Fault::kDeny);
  const auto read = run(registry.get("flights", Freshness::kCurrent, async::soon()));

  EXPECT_EQ(code(written), ErrorCode::kUnavailable);
  EXPECT_THAT(written.error().message, HasSubstr("the store refuses the catalog's own key"));
  EXPECT_EQ(code(read), ErrorCode::kUnavailable);
  EXPECT_EQ(rows_in(registry, "flights"), 1U);
}

TEST_F(RegistryTest, TellsAMissingBucketFromAMissingDataset) {
  Registry registry(world_.memory, *runtime_, world_.pool, world_.clock, world_.random, world_.metrics,
                    {.bucket = "elsewhere"});

  EXPECT_EQ(code(run(registry.rehydrate(async::soon()))), ErrorCode::kUnavailable);
}

// ---------------------------------------------------------------------------------------------------- tombstones

TEST_F(RegistryTest, PurgesTombstonesPastTheirRetention) {
  Registry& registry = shared();
  for (const char* name : {"live", "old", "young"}) expect_registered(registry, request(name));
  EXPECT_TRUE(run(registry.drop("old", async::soon())));
  world_.clock.advance(std::chrono::hours(24 * 7));
  EXPECT_TRUE(run(registry.drop("young", async::soon())));

  const auto purged = run(registry.purge_tombstones(world_.memory, async::soon()));

  ASSERT_TRUE(purged) << to_string(purged.error());
  EXPECT_EQ(purged->purged, 1);
  EXPECT_EQ(purged->kept, 1);
  EXPECT_FALSE(stored("old"));
  EXPECT_TRUE(stored("young"));
  EXPECT_EQ(run(registry.list({.state = DatasetState::kDropped}, async::soon()))->datasets.size(), 1);
  expect_registered(registry, request("old"));
  EXPECT_EQ(stored("old")->revision, 1);
}

TEST_F(RegistryTest, DoesNotPurgeWhatAnotherReplicaUndropped) {
  Registry& one = shared();
  expect_registered(one, request("flights"));
  EXPECT_TRUE(run(one.drop("flights", async::soon())));
  Registry& two = shared();
  EXPECT_TRUE(run(one.undrop("flights", async::soon())));
  world_.clock.advance(std::chrono::hours(24 * 8));

  const auto purged = run(two.purge_tombstones(world_.memory, async::soon()));

  ASSERT_TRUE(purged);
  EXPECT_EQ(purged->purged, 0);
  EXPECT_TRUE(stored("flights")->is_live());
}

}  // namespace
}  // namespace tarn::catalog
