#include "store/faulty_store.h"

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "async/test_support.h"
#include "base/manual_clock.h"
#include "store/memory_store.h"

namespace tarn::store {
namespace {

using async::soon;

/// A faulty store over a memory store with the bucket "lake".
class FaultyStoreTest : public testing::Test {
 protected:
  FaultyStoreTest() { EXPECT_TRUE(runtime_.run(memory_.create_bucket("lake", soon()))); }

  Result<std::string> put(const std::string& key, const std::string& body, PutCondition condition) {
    return runtime_.run(faulty_.put(ObjectKey("lake", key), body, std::move(condition), soon()));
  }
  /// What the store below holds, "" for nothing.
  std::string stored(const std::string& key) {
    auto object = runtime_.run(get_bytes(memory_, ObjectKey("lake", key), 1024, soon()));
    return object ? object->bytes : "";
  }

  async::TestRuntime runtime_;
  ManualClock clock_;
  MemoryStore memory_{clock_};
  FaultyStore faulty_{memory_};
};

TEST_F(FaultyStoreTest, PassesCallsOnAndCountsThem) {
  const auto put_result = put("a", "1", PutCondition::none());
  const auto head = runtime_.run(faulty_.head(ObjectKey("lake", "a"), soon()));
  const auto page = runtime_.run(faulty_.list("lake", {}, soon()));
  const auto removed = runtime_.run(faulty_.remove(ObjectKey("lake", "a"), soon()));

  ASSERT_TRUE(put_result && head && page && removed);
  EXPECT_EQ(head->etag, *put_result);
  EXPECT_EQ(page->objects.size(), 1U);
  EXPECT_EQ(stored("a"), "");
  EXPECT_EQ(faulty_.count(StoreCall::kPut), 1U);
  EXPECT_EQ(faulty_.count(StoreCall::kHead), 1U);
  EXPECT_EQ(faulty_.count(StoreCall::kGet), 0U);
}

TEST_F(FaultyStoreTest, FailBeforeNeverReachesTheStore) {
  faulty_.inject(StoreCall::kPut, Fault::kFailBefore);

  const auto first = put("a", "1", PutCondition::none());
  const auto second = put("b", "2", PutCondition::none());

  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(stored("a"), "");
  EXPECT_TRUE(second) << "one fault was injected, not two";
}

TEST_F(FaultyStoreTest, LostRequestIsUnknownAndNotApplied) {
  faulty_.inject(StoreCall::kPut, Fault::kLoseRequest);

  const auto lost = put("a", "1", PutCondition::none());

  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(stored("a"), "");
}

TEST_F(FaultyStoreTest, LostAnswerIsUnknownAndApplied) {
  faulty_.inject(StoreCall::kPut, Fault::kLoseAnswer);

  const auto lost = put("a", "1", PutCondition::none());

  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(stored("a"), "1");
}

TEST_F(FaultyStoreTest, LatePutIsJudgedWhenItLands) {
  faulty_.inject(StoreCall::kPut, Fault::kLandLate, 2);
  const auto refused_later = put("a", "late", PutCondition::if_absent());
  const auto applied_later = put("b", "late", PutCondition::if_absent());
  ASSERT_TRUE(put("a", "in between", PutCondition::if_absent()));
  EXPECT_EQ(faulty_.late_count(), 2U);
  EXPECT_EQ(stored("b"), "");

  const auto outcomes = runtime_.run(faulty_.land_late());

  EXPECT_EQ(refused_later.error().code, ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(applied_later.error().code, ErrorCode::kOutcomeUnknown);
  ASSERT_EQ(outcomes->size(), 2U);
  EXPECT_EQ(outcomes->at(0).error().code, ErrorCode::kPreconditionFailed);
  EXPECT_TRUE(outcomes->at(1));
  EXPECT_EQ(stored("a"), "in between");
  EXPECT_EQ(stored("b"), "late");
  EXPECT_EQ(faulty_.late_count(), 0U);
}

TEST_F(FaultyStoreTest, BlockedCallWaitsForItsRelease) {
  faulty_.inject(StoreCall::kPut, Fault::kBlock, 1, "a");
  std::future<Result<std::string>> blocked =
      std::async(std::launch::async, [this] { return put("a", "1", PutCondition::none()); });
  ASSERT_TRUE(faulty_.wait_until_blocked(1, soon()));

  const auto other = put("b", "2", PutCondition::none());
  const std::string before = stored("a");
  faulty_.release();

  EXPECT_TRUE(other);
  EXPECT_EQ(before, "");
  EXPECT_TRUE(blocked.get());
  EXPECT_EQ(stored("a"), "1");
}

TEST_F(FaultyStoreTest, BlockedCallEndsAtItsDeadlineUnapplied) {
  faulty_.inject(StoreCall::kPut, Fault::kBlock);

  const auto late = runtime_.run(
      faulty_.put(ObjectKey("lake", "a"), "1", PutCondition::none(), Deadline::after(std::chrono::milliseconds(5))));

  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(stored("a"), "");
}

TEST_F(FaultyStoreTest, HealForgetsTheScript) {
  faulty_.inject(StoreCall::kPut, Fault::kFailBefore, 5);
  faulty_.heal();

  EXPECT_TRUE(put("a", "1", PutCondition::none()));
}

TEST_F(FaultyStoreTest, FailedReadsAreUnavailable) {
  ASSERT_TRUE(put("a", "1", PutCondition::none()));
  faulty_.inject(StoreCall::kGet, Fault::kLoseAnswer);
  faulty_.inject(StoreCall::kList, Fault::kFailBefore);

  const auto got = runtime_.run(faulty_.get(ObjectKey("lake", "a"), ByteRange::all(), soon()));
  const auto listed = runtime_.run(faulty_.list("lake", {}, soon()));

  EXPECT_EQ(got.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(listed.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace tarn::store
