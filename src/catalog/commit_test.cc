#include <gtest/gtest.h>

#include "catalog/commit_internal.h"
#include "store/object_store.h"

namespace tarn::catalog {
namespace {

/// An id that is told apart by one number.
Uuid id(int number) {
  Uuid uuid;
  uuid.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  uuid.bytes[15] = static_cast<std::uint8_t>(number);
  return uuid;
}

const Uuid kUs = id(1);
const Uuid kOther = id(2);

/// What a writer's commit makes of the manifest before it. Its commit's number is its ETag.
StoredManifest committed(const StoredManifest& base, const Uuid& writer, int commit) {
  Manifest next = base.is_absent() ? Manifest() : *base.manifest;
  ++next.revision;
  next.commit_id = id(commit);
  remember_commit(next.recent_commits, {writer, id(commit)});
  return {std::make_shared<const Manifest>(next), std::to_string(commit)};
}

CommitStep step_after(const StoredManifest& base, PutOutcome put, const StoredManifest& found) {
  CommitProof proof(kUs, base);
  proof.sending(id(100));
  proof.put_answered(put);
  EXPECT_EQ(proof.next_step(), CommitStep::kRead);
  proof.read_answered(found);
  return proof.next_step();
}

const StoredManifest kAbsent{};

TEST(CommitProof, BeginsWithAPut) {
  EXPECT_EQ(CommitProof(kUs, kAbsent).next_step(), CommitStep::kPut);
}

TEST(CommitProof, TakesAnAppliedPutAsCommitted) {
  CommitProof proof(kUs, kAbsent);
  proof.sending(id(100));
  proof.put_answered(PutOutcome::kApplied);

  EXPECT_EQ(proof.next_step(), CommitStep::kCommitted);
}

TEST(CommitProof, FailsWhenTheOnlyPutWasCertainlyNotApplied) {
  CommitProof proof(kUs, kAbsent);
  proof.sending(id(100));
  proof.put_answered(PutOutcome::kNotApplied);

  EXPECT_EQ(proof.next_step(), CommitStep::kFailed);
  EXPECT_FALSE(proof.may_be_applied());
}

TEST(CommitProof, ReadsBeforeItBelievesARefusal) {
  const StoredManifest base = committed(kAbsent, kOther, 10);

  EXPECT_EQ(step_after(base, PutOutcome::kRefused, committed(base, kOther, 11)), CommitStep::kLost);
  EXPECT_EQ(step_after(base, PutOutcome::kRefused, committed(base, kUs, 100)), CommitStep::kCommitted);
}

TEST(CommitProof, FindsAnUnansweredPutThatLanded) {
  EXPECT_EQ(step_after(kAbsent, PutOutcome::kUnknown, committed(kAbsent, kUs, 100)), CommitStep::kCommitted);
}

TEST(CommitProof, FindsItBehindTheCommitsOfOthers) {
  const StoredManifest ours = committed(kAbsent, kUs, 100);
  const StoredManifest later = committed(committed(ours, kOther, 11), id(3), 12);

  EXPECT_EQ(step_after(kAbsent, PutOutcome::kUnknown, later), CommitStep::kCommitted);
  EXPECT_EQ(step_after(kAbsent, PutOutcome::kRefused, later), CommitStep::kCommitted);
}

TEST(CommitProof, FencesWhenNothingChangedAfterAnUnansweredPut) {
  const StoredManifest base = committed(kAbsent, kOther, 10);

  EXPECT_EQ(step_after(base, PutOutcome::kUnknown, base), CommitStep::kPut);
  EXPECT_EQ(step_after(kAbsent, PutOutcome::kUnknown, kAbsent), CommitStep::kPut);
}

TEST(CommitProof, DecidesAnewWhenNothingChangedAfterARefusal) {
  EXPECT_EQ(step_after(kAbsent, PutOutcome::kRefused, kAbsent), CommitStep::kLost);
}

/// A proof whose first PUT got no answer and whose fence is about to be sent.
CommitProof fencing(const StoredManifest& base) {
  CommitProof proof(kUs, base);
  proof.sending(id(100));
  proof.put_answered(PutOutcome::kUnknown);
  proof.read_answered(base);
  EXPECT_EQ(proof.next_step(), CommitStep::kPut);
  proof.sending(id(101));
  return proof;
}

TEST(CommitProof, IsCommittedByAFenceThatWins) {
  CommitProof proof = fencing(kAbsent);
  proof.put_answered(PutOutcome::kApplied);

  EXPECT_EQ(proof.next_step(), CommitStep::kCommitted);
}

TEST(CommitProof, FindsTheLatePutThatRefusedTheFence) {
  CommitProof proof = fencing(kAbsent);
  proof.put_answered(PutOutcome::kRefused);
  ASSERT_EQ(proof.next_step(), CommitStep::kRead);
  proof.read_answered(committed(kAbsent, kUs, 100));

  EXPECT_EQ(proof.next_step(), CommitStep::kCommitted);
}

TEST(CommitProof, IsLostWhenAnotherWriterRefusedTheFence) {
  CommitProof proof = fencing(kAbsent);
  proof.put_answered(PutOutcome::kRefused);
  proof.read_answered(committed(kAbsent, kOther, 11));

  EXPECT_EQ(proof.next_step(), CommitStep::kLost);
}

TEST(CommitProof, FencesAgainWhenTheFenceGotNoAnswerEither) {
  CommitProof proof = fencing(kAbsent);
  proof.put_answered(PutOutcome::kUnknown);
  proof.read_answered(kAbsent);

  EXPECT_EQ(proof.next_step(), CommitStep::kPut);
}

TEST(CommitProof, DoesNotTakeAnUnsentFenceForAFailure) {
  CommitProof proof = fencing(kAbsent);
  proof.put_answered(PutOutcome::kNotApplied);

  EXPECT_EQ(proof.next_step(), CommitStep::kRead);
  EXPECT_TRUE(proof.may_be_applied());
}

TEST(CommitProof, IsLostWhenTheTombstoneItBuiltOnWasPurged) {
  EXPECT_EQ(step_after(committed(kAbsent, kOther, 10), PutOutcome::kUnknown, kAbsent), CommitStep::kLost);
}

TEST(CommitProof, IsLostWhenAnEarlierCommitOfThisProcessLandedLate) {
  const StoredManifest base = committed(kAbsent, kOther, 10);

  EXPECT_EQ(step_after(base, PutOutcome::kRefused, committed(base, kUs, 99)), CommitStep::kLost);
}

/// `count` commits on top of `base`, each by a writer of its own.
StoredManifest by_many_writers(StoredManifest base, int count, int first_writer) {
  for (int i = 0; i < count; ++i) base = committed(base, id(first_writer + i), 1000 + first_writer + i);
  return base;
}

TEST(CommitProof, IsLostWhileFewCommitsFollowedTheBase) {
  EXPECT_EQ(step_after(kAbsent, PutOutcome::kUnknown, by_many_writers(kAbsent, 16, 20)), CommitStep::kLost);
}

TEST(CommitProof, ProvesNothingOnceSixteenOthersCouldHavePushedItOut) {
  const StoredManifest ours = committed(kAbsent, kUs, 100);
  const StoredManifest pushed_out = by_many_writers(ours, 16, 20);
  const StoredManifest never_there = by_many_writers(kAbsent, 17, 20);

  EXPECT_EQ(step_after(kAbsent, PutOutcome::kUnknown, pushed_out), CommitStep::kUnknown);
  EXPECT_EQ(step_after(kAbsent, PutOutcome::kUnknown, never_there), CommitStep::kUnknown);
}

TEST(CommitProof, StillFindsItBehindFifteenOthers) {
  EXPECT_EQ(step_after(kAbsent, PutOutcome::kUnknown, by_many_writers(committed(kAbsent, kUs, 100), 15, 20)),
            CommitStep::kCommitted);
}

TEST(CommitProof, IsLostHoweverManyCommitsFewWritersMade) {
  StoredManifest found = kAbsent;
  for (int i = 0; i < 100; ++i) found = committed(found, id(20 + i % 3), 1000 + i);

  EXPECT_EQ(step_after(kAbsent, PutOutcome::kUnknown, found), CommitStep::kLost);
}

TEST(CommitProof, IsLostWhileACommitOlderThanTheBaseIsRemembered) {
  const StoredManifest base = by_many_writers(kAbsent, 16, 20);
  StoredManifest found = base;
  for (int i = 0; i < 100; ++i) found = committed(found, id(40 + i % 15), 2000 + i);

  EXPECT_EQ(step_after(base, PutOutcome::kUnknown, found), CommitStep::kLost);
}

TEST(RecentCommits, KeepTheLastCommitOfEachOfSixteenWriters) {
  std::vector<RecentCommit> commits;
  for (int i = 0; i < 20; ++i) remember_commit(commits, {id(i), id(100 + i)});
  remember_commit(commits, {id(10), id(200)});

  ASSERT_EQ(commits.size(), kMaxRecentCommits);
  EXPECT_EQ(commits.front(), (RecentCommit{id(4), id(104)}));
  EXPECT_EQ(commits.back(), (RecentCommit{id(10), id(200)}));
}

TEST(PutOutcome, FollowsWhatTheStorePromises) {
  const auto outcome = [](ErrorCode code, std::string_view reason = {}) {
    return outcome_of_failed_put(Error{code, "", reason});
  };
  EXPECT_EQ(outcome(ErrorCode::kPreconditionFailed), PutOutcome::kRefused);
  EXPECT_EQ(outcome(ErrorCode::kNotFound, store::kNoSuchKey), PutOutcome::kRefused);
  EXPECT_EQ(outcome(ErrorCode::kNotFound, store::kNoSuchBucket), PutOutcome::kNotApplied);
  EXPECT_EQ(outcome(ErrorCode::kUnavailable), PutOutcome::kNotApplied);
  EXPECT_EQ(outcome(ErrorCode::kDeadlineExceeded), PutOutcome::kNotApplied);
  EXPECT_EQ(outcome(ErrorCode::kNoSpace), PutOutcome::kNotApplied);
  EXPECT_EQ(outcome(ErrorCode::kOutcomeUnknown), PutOutcome::kUnknown);
  EXPECT_EQ(outcome(ErrorCode::kInternal), PutOutcome::kUnknown);
}

}  // namespace
}  // namespace tarn::catalog
