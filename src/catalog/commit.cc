#include <algorithm>
#include <utility>

#include "catalog/commit_internal.h"
#include "store/object_store.h"

namespace tarn::catalog {
namespace {

template <class T>
bool contains(const std::vector<T>& values, const T& value) {
  return std::ranges::find(values, value) != values.end();
}

}  // namespace

PutOutcome outcome_of_failed_put(const Error& error) {
  switch (error.code) {
    case ErrorCode::kPreconditionFailed:
    case ErrorCode::kConflict:  // some stores' answer to the loser of a race
    case ErrorCode::kAlreadyExists:
      return PutOutcome::kRefused;
    case ErrorCode::kNotFound:
      return error.reason == store::kNoSuchBucket ? PutOutcome::kNotApplied : PutOutcome::kRefused;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kTooLarge:
    case ErrorCode::kUnsupported:
    case ErrorCode::kNoSpace:
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
      return PutOutcome::kNotApplied;
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      return PutOutcome::kUnknown;
  }
  std::unreachable();
}

CommitProof::CommitProof(Uuid writer_id, const StoredManifest& base)
    : writer_id_(writer_id),
      base_etag_(base.etag),
      base_revision_(base.is_absent() ? 0 : base.manifest->revision),
      base_commits_(base.is_absent() ? std::vector<RecentCommit>() : base.manifest->recent_commits) {}

void CommitProof::sending(const Uuid& commit_id) {
  TARN_ASSERT(step_ == CommitStep::kPut);
  sent_.push_back(commit_id);
}

void CommitProof::put_answered(PutOutcome outcome) {
  TARN_ASSERT(step_ == CommitStep::kPut);
  switch (outcome) {
    case PutOutcome::kApplied:
      step_ = CommitStep::kCommitted;
      return;
    case PutOutcome::kNotApplied:
      step_ = may_be_applied_ ? CommitStep::kRead : CommitStep::kFailed;
      return;
    case PutOutcome::kUnknown:
      has_unanswered_put_ = true;
      break;
    // Something between us and the store may have sent the PUT twice: then what refused it is our own write.
    case PutOutcome::kRefused:
      break;
  }
  may_be_applied_ = true;
  step_ = CommitStep::kRead;
}

void CommitProof::read_answered(const StoredManifest& found) {
  TARN_ASSERT(step_ == CommitStep::kRead);
  if (!found.is_absent()) {
    const auto& recent = found.manifest->recent_commits;
    if (is_ours(found.manifest->commit_id) ||
        std::ranges::any_of(recent, [&](const RecentCommit& commit) { return is_ours(commit.commit_id); })) {
      step_ = CommitStep::kCommitted;
      return;
    }
  }
  if (is_unchanged(found)) {
    // It proves nothing while a PUT may still land: a fence that wins makes the late one be refused.
    step_ = has_unanswered_put_ ? CommitStep::kPut : CommitStep::kLost;
    return;
  }
  // The base is gone for good (no two manifests have the same bytes), so none of our PUTs can land from here on. A
  // manifest that is gone was a tombstone past its retention, which is longer than any request lives.
  step_ = found.is_absent() || proves_loss(*found.manifest) ? CommitStep::kLost : CommitStep::kUnknown;
}

Uuid CommitProof::committed_id(const StoredManifest& found) const {
  TARN_ASSERT(step_ == CommitStep::kCommitted && !found.is_absent());
  if (is_ours(found.manifest->commit_id)) return found.manifest->commit_id;
  const auto& recent = found.manifest->recent_commits;
  const auto ours = std::ranges::find_if(recent, [&](const RecentCommit& commit) { return is_ours(commit.commit_id); });
  TARN_ASSERT(ours != recent.end());
  return ours->commit_id;
}

bool CommitProof::is_ours(const Uuid& commit_id) const {
  return contains(sent_, commit_id);
}

bool CommitProof::is_unchanged(const StoredManifest& found) const {
  return found.etag == base_etag_;
}

/// Given that none of our ids is in `found`. Had a PUT of ours won, it was revision base + 1 and stood at the young end
/// of recent_commits, from where only 16 later commits by 16 other writers push it out, after everything older.
bool CommitProof::proves_loss(const Manifest& found) const {
  if (found.revision <= base_revision_ + kMaxRecentCommits) return true;
  if (found.recent_commits.size() < kMaxRecentCommits) return true;
  return std::ranges::any_of(found.recent_commits, [&](const RecentCommit& commit) {
    return commit.writer_id == writer_id_ || contains(base_commits_, commit);
  });
}

void remember_commit(std::vector<RecentCommit>& recent_commits, const RecentCommit& commit) {
  std::erase_if(recent_commits, [&](const RecentCommit& former) { return former.writer_id == commit.writer_id; });
  recent_commits.push_back(commit);
  if (recent_commits.size() > kMaxRecentCommits) recent_commits.erase(recent_commits.begin());
}

}  // namespace tarn::catalog
