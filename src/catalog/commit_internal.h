#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "catalog/manifest.h"

// How the outcome of a commit is proven, as a pure state machine: no store, no clock (docs/adr/0003).

namespace tarn::catalog {

/// A manifest and its ETag in the store, or neither: the store has none.
struct StoredManifest {
  ManifestPtr manifest;
  std::string etag;

  bool is_absent() const { return manifest == nullptr; }
};

/// What became of one conditional PUT.
enum class PutOutcome : std::uint8_t {
  kApplied,
  kRefused,     ///< the precondition did not hold: the store holds something else
  kNotApplied,  ///< certainly not: never sent, or refused for another reason
  kUnknown,     ///< sent, and no answer that proves anything: it may yet land
};
/// By the error of ObjectStore::put.
PutOutcome outcome_of_failed_put(const Error& error);

/// What to do next about a commit.
enum class CommitStep : std::uint8_t {
  kPut,        ///< send the candidate under a fresh commit id, with the precondition of the base
  kRead,       ///< read what the store holds
  kCommitted,  ///< one of our PUTs won, and nothing can undo it
  kLost,       ///< none of our PUTs won or ever can: decide anew on what was read last
  kFailed,     ///< certainly not applied: the last PUT's error says why
  kUnknown,    ///< no proof either way is to be had
};

/// One commit on top of `base`: every PUT of it carries the base's precondition (its ETag, or absence), so at most one
/// of them can ever be applied. Driven by the caller: do what next_step says, report how it went, until it says
/// kCommitted, kLost, kFailed or kUnknown. When time runs out before, may_be_applied() says how the commit ended.
class CommitProof {
 public:
  /// `writer_id` is this process's: it has no other commit of this name under way.
  CommitProof(Uuid writer_id, const StoredManifest& base);

  CommitStep next_step() const { return step_; }
  /// Before a PUT with this id.
  void sending(const Uuid& commit_id);
  /// Its answer.
  void put_answered(PutOutcome outcome);
  /// What kRead found.
  void read_answered(const StoredManifest& found);
  // A read that failed teaches nothing: kRead stays the next step.

  /// Whether some PUT may have been, or may yet be, applied: true from the first one that was not certainly not.
  bool may_be_applied() const { return may_be_applied_; }
  /// At kCommitted: the id under which it was, given what was found.
  Uuid committed_id(const StoredManifest& found) const;

 private:
  bool is_ours(const Uuid& commit_id) const;
  bool is_unchanged(const StoredManifest& found) const;
  bool proves_loss(const Manifest& found) const;

  const Uuid writer_id_;
  const std::string base_etag_;  // empty: the base is absence
  const std::uint64_t base_revision_;
  const std::vector<RecentCommit> base_commits_;
  std::vector<Uuid> sent_;
  bool has_unanswered_put_ = false;
  bool may_be_applied_ = false;
  CommitStep step_ = CommitStep::kPut;
};

/// Puts `commit` at the end of the list, in place of its writer's former one; the oldest goes when there are more than
/// kMaxRecentCommits.
void remember_commit(std::vector<RecentCommit>& recent_commits, const RecentCommit& commit);

}  // namespace tarn::catalog
