#include "store/probe.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/test_support.h"
#include "base/manual_clock.h"
#include "store/memory_store.h"

namespace tarn::store {
namespace {

using async::soon;
using testing::ElementsAre;
using testing::IsEmpty;

/// Passes everything on, but for the lies it is told to tell.
class LyingStore final : public ObjectStore {
 public:
  explicit LyingStore(ObjectStore& inner) : inner_(inner) {}

  bool ignores_if_absent = false;
  bool ignores_if_match = false;
  bool lists_nothing = false;
  bool ignores_ranges = false;

  Task<std::string> put(ObjectKey key, Bytes body, PutCondition condition, Deadline deadline) override {
    if (condition.is_if_absent() && ignores_if_absent) condition = PutCondition::none();
    if (condition.is_if_match() && ignores_if_match) condition = PutCondition::none();
    return inner_.put(std::move(key), std::move(body), std::move(condition), deadline);
  }
  Task<ObjectReader> get(ObjectKey key, ByteRange range, Deadline deadline) override {
    return inner_.get(std::move(key), ignores_ranges ? ByteRange::all() : range, deadline);
  }
  Task<ObjectSummary> head(ObjectKey key, Deadline deadline) override { return inner_.head(std::move(key), deadline); }
  Task<void> remove(ObjectKey key, Deadline deadline) override { return inner_.remove(std::move(key), deadline); }
  Task<ListPage> list(std::string bucket, ListQuery query, Deadline deadline) override {
    if (lists_nothing) query.prefix = "nothing begins with this";
    return inner_.list(std::move(bucket), std::move(query), deadline);
  }

 private:
  ObjectStore& inner_;
};

std::vector<std::string> failures(const std::vector<ProbeCheck>& checks) {
  std::vector<std::string> names;
  for (const ProbeCheck& check : checks) {
    if (!check.is_passed) names.push_back(check.name);
  }
  return names;
}

class ProbeTest : public testing::Test {
 protected:
  ProbeTest() { EXPECT_TRUE(runtime_.run(memory_.create_bucket("lake", soon()))); }

  std::size_t objects_left() { return runtime_.run(memory_.list("lake", ListQuery{}, soon()))->objects.size(); }

  const ProbeOptions options_{.bucket = "lake", .prefix = "_catalog/probe/1/"};
  const ManualClock clock_;
  MemoryStore memory_{clock_};
  LyingStore lying_{memory_};
  async::TestRuntime runtime_;
};

TEST_F(ProbeTest, AnHonestStorePassesAndIsLeftClean) {
  const auto conditions = runtime_.run(probe_conditions(memory_, options_, soon()));
  const auto reads = runtime_.run(probe_reads(memory_, options_, soon()));
  const auto remove = runtime_.run(probe_conditional_remove(memory_, options_, soon()));

  ASSERT_TRUE(conditions) << conditions.error().message;
  ASSERT_TRUE(reads) << reads.error().message;
  ASSERT_TRUE(remove) << remove.error().message;
  EXPECT_EQ(conditions->size(), 5U);
  EXPECT_THAT(failures(*conditions), IsEmpty());
  EXPECT_EQ(reads->size(), 2U);
  EXPECT_THAT(failures(*reads), IsEmpty());
  EXPECT_TRUE(remove->is_passed) << remove->finding;
  EXPECT_EQ(objects_left(), 0U);
}

TEST_F(ProbeTest, AStoreThatIgnoresIfAbsentIsFoundOut) {
  lying_.ignores_if_absent = true;

  const auto checks = runtime_.run(probe_conditions(lying_, options_, soon()));

  EXPECT_THAT(failures(*checks), ElementsAre("conditional create", "create of what exists"));
  EXPECT_EQ((*checks)[0].finding, "8 writers raced and 8 were told that they won");
}

TEST_F(ProbeTest, AStoreThatIgnoresIfMatchIsFoundOutAndLeftClean) {
  lying_.ignores_if_match = true;

  const auto checks = runtime_.run(probe_conditions(lying_, options_, soon()));

  EXPECT_THAT(failures(*checks),
              ElementsAre("conditional replace", "replace of a former version", "replace of what is missing"));
  EXPECT_EQ(objects_left(), 0U);
}

TEST_F(ProbeTest, AStoreThatListsLateIsFoundOut) {
  lying_.lists_nothing = true;

  const auto checks = runtime_.run(probe_reads(lying_, options_, soon()));

  EXPECT_THAT(failures(*checks), ElementsAre("list after put"));
}

TEST_F(ProbeTest, AStoreThatIgnoresRangesIsFoundOut) {
  lying_.ignores_ranges = true;

  const auto checks = runtime_.run(probe_reads(lying_, options_, soon()));

  EXPECT_THAT(failures(*checks), ElementsAre("range reads"));
}

TEST_F(ProbeTest, AMissingBucketIsAnErrorAndNoVerdict) {
  const auto checks = runtime_.run(probe_conditions(memory_, {.bucket = "absent", .prefix = "p/"}, soon()));

  ASSERT_FALSE(checks);
  EXPECT_EQ(checks.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(checks.error().reason, kNoSuchBucket);
}

}  // namespace
}  // namespace tarn::store
