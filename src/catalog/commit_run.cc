#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "catalog/decide_internal.h"
#include "catalog/manifest_codec_internal.h"
#include "catalog/registry_internal.h"

namespace tarn::catalog {
namespace {

/// How often a decision is made anew because another writer won, before the caller is told to come again.
constexpr int kMaxRounds = 50;
/// How many PUTs and reads a proof may take; deadlines end it long before.
constexpr int kMaxSteps = 200;
/// A manifest with more objects than this is encoded on the pool; a smaller one takes less than the hop there.
constexpr std::size_t kMaxInlineObjects = 100;

/// Waits before the `attempt`th repetition: 5 ms, doubling up to 320 ms, each cut by up to a half so that writers who
/// collided once do not collide again.
std::chrono::nanoseconds backoff(int attempt, const Uuid& randomness) {
  const auto longest = std::chrono::milliseconds(5) * (1 << std::min(attempt, 6));
  return longest - longest * randomness.bytes[15] / 512;
}

}  // namespace

/// How a transaction ended, shared by the one who waits for it and the task that runs it: either may go first.
struct Registry::Impl::Outcome {
  async::Event is_known;
  std::optional<Result<Transacted>> result;  ///< set before the event
};

Task<Transacted> Registry::Impl::transact(std::string name, Decide decide, Deadline deadline) {
  TARN_CO_TRY_VOID(check_ready());
  if (!is_stored_name(name))
    co_return failure(ErrorCode::kInvalidArgument, "no dataset can have this name", kInvalidName);
  const auto outcome = std::make_shared<Outcome>();
  const auto executor = co_await asio::this_coro::executor;
  if (!tasks.spawn(executor, run_transaction(outcome, std::move(name), std::move(decide), deadline))) {
    co_return failure(ErrorCode::kUnavailable, "the catalog is stopping");
  }
  // The task keeps the deadline itself. Only a caller that is cancelled is back before it.
  const bool is_known = co_await outcome->is_known.wait(Deadline::never());
  if (!is_known) co_return failure(ErrorCode::kOutcomeUnknown, "nobody waits for the outcome");
  co_return *std::move(outcome->result);
}

Task<void> Registry::Impl::run_transaction(std::shared_ptr<Outcome> outcome, std::string name, Decide decide,
                                           Deadline deadline) {
  outcome->result.emplace(co_await decide_and_commit(std::move(name), std::move(decide), deadline));
  outcome->is_known.set();
  co_return Result<void>();
}

Task<Transacted> Registry::Impl::decide_and_commit(std::string name, Decide decide, Deadline deadline) {
  TARN_CO_TRY(const auto lock, co_await name_locks.lock(name, deadline));
  StoredManifest base = manifests.find(name);
  bool is_base_current = !options.is_store_shared;
  if (doubts.find(name)) {
    TARN_CO_TRY(base, co_await read_through(name, deadline));
    is_base_current = true;
  }
  for (int round = 0; round < kMaxRounds; ++round) {
    if (deadline.has_passed())
      co_return failure(ErrorCode::kDeadlineExceeded, "no time left to change dataset " + name);
    const Timestamp clock_time = clock.now();
    const Timestamp now = base.is_absent() ? clock_time : std::max(clock_time, base.manifest->updated_at);
    auto decision = decide(base.manifest, now);
    auto* decided = decision ? std::get_if<Manifest>(&*decision) : nullptr;
    if (!decided) {
      // Nothing will be written that the store could refuse: whether memory is behind must be asked.
      if (!is_base_current) {
        TARN_CO_TRY(StoredManifest found, co_await read_through(name, deadline));
        is_base_current = true;
        if (found.etag != base.etag) {
          base = std::move(found);
          continue;
        }
      }
      if (!decision) co_return std::unexpected(std::move(decision).error());
      co_return Transacted{base.manifest, base.manifest};
    }
    auto candidate = make_candidate(name, base, std::move(*decided), now);
    TARN_CO_TRY(CommitEnd end, co_await commit(name, base, std::move(candidate), deadline));
    if (end.committed) {
      metrics.commits_won.add();
      co_return Transacted{base.manifest, std::move(end.committed)};
    }
    metrics.commits_lost.add();
    base = std::move(end.found);
    is_base_current = true;
    if (round > 0) co_await async::sleep_for(backoff(round, ids.next()));
  }
  co_return failure(ErrorCode::kUnavailable, "other writers kept changing dataset " + name + "; try again");
}

Manifest Registry::Impl::make_candidate(const std::string& name, const StoredManifest& base, Manifest decided,
                                        Timestamp now) const {
  decided.name = name;
  decided.dataset_id = dataset_id_of(name);
  decided.updated_at = now;
  if (decided.created_at == Timestamp()) decided.created_at = now;
  decided.revision = base.is_absent() ? 1 : base.manifest->revision + 1;
  decided.recent_commits = base.is_absent() ? std::vector<RecentCommit>() : base.manifest->recent_commits;
  return decided;
}

/// One PUT. Returns what is stored then.
Task<StoredManifest> Registry::Impl::put(std::string name, StoredManifest base, Manifest candidate, Deadline deadline) {
  const auto manifest = std::make_shared<const Manifest>(std::move(candidate));
  const auto encode = [&] { return encode_manifest(*manifest, options.compression); };
  Result<Bytes> body;
  if (manifest->objects.size() <= kMaxInlineObjects) {
    body = encode();
  } else {
    body = co_await async::offload(pool, encode);
  }
  if (!body) co_return std::unexpected(std::move(body).error());
  auto condition = base.is_absent() ? store::PutCondition::if_absent() : store::PutCondition::if_match(base.etag);
  TARN_CO_TRY(std::string etag, co_await store.put(key_of(name), *std::move(body), std::move(condition), deadline));
  // Some stores answer a PUT without an ETag; the next write needs one, and reading it proves this one.
  if (etag.empty()) co_return failure(ErrorCode::kOutcomeUnknown, "the store answered without an ETag");
  co_return StoredManifest{manifest, std::move(etag)};
}

/// Runs a CommitProof against the store. Errors: the PUT's own when it was certainly not applied; kOutcomeUnknown.
Task<CommitEnd> Registry::Impl::commit(std::string name, StoredManifest base, Manifest candidate, Deadline deadline) {
  CommitProof proof(writer_id, base);
  const auto former_doubt = doubts.find(name);
  Error last_error;
  StoredManifest found;
  int failed_steps = 0;
  for (int step = 0; step < kMaxSteps; ++step) {
    if (failed_steps > 1) co_await async::sleep_for(std::min(backoff(failed_steps, ids.next()), deadline.remaining()));
    if (step > 0 && deadline.has_passed() && proof.may_be_applied()) break;
    switch (proof.next_step()) {
      case CommitStep::kPut: {
        candidate.commit_id = ids.next();
        remember_commit(candidate.recent_commits, {writer_id, candidate.commit_id});
        proof.sending(candidate.commit_id);
        auto stored = co_await put(name, base, candidate, deadline);
        if (stored) {
          found = *std::move(stored);
          proof.put_answered(PutOutcome::kApplied);
        } else {
          last_error = std::move(stored).error();
          proof.put_answered(outcome_of_failed_put(last_error));
          ++failed_steps;
        }
        break;
      }
      case CommitStep::kRead: {
        auto read_back = co_await read(name, deadline);
        if (read_back) {
          found = *std::move(read_back);
          proof.read_answered(found);
        } else {
          last_error = std::move(read_back).error();
          ++failed_steps;
        }
        break;
      }
      case CommitStep::kCommitted: {
        settle(name, base, former_doubt, found);
        if (found.manifest->commit_id == proof.committed_id(found)) co_return CommitEnd{found.manifest, found};
        // Others have committed on top since: what we committed is the candidate under the id that won.
        candidate.commit_id = proof.committed_id(found);
        remember_commit(candidate.recent_commits, {writer_id, candidate.commit_id});
        co_return CommitEnd{std::make_shared<const Manifest>(std::move(candidate)), found};
      }
      case CommitStep::kLost:
        settle(name, base, former_doubt, found);
        co_return CommitEnd{nullptr, std::move(found)};
      case CommitStep::kFailed:
        metrics.commits_failed.add();
        co_return as_fault_of_ours(std::move(last_error)).while_doing("commit dataset " + name);
      case CommitStep::kUnknown:
        co_return std::unexpected(unproven(name, base, last_error));
    }
  }
  co_return std::unexpected(unproven(name, base, last_error));
}

void Registry::Impl::settle(const std::string& name, const StoredManifest& base,
                            const std::optional<Doubts::Doubt>& former_doubt, const StoredManifest& found) {
  if (former_doubt) doubts.resolve(name, *former_doubt, found.etag);
  install(name, base.etag, found);
}

Error Registry::Impl::unproven(const std::string& name, const StoredManifest& base, const Error& last_error) {
  metrics.commits_unknown.add();
  doubts.add(name, base.etag);
  metrics.names_in_doubt.set(static_cast<std::int64_t>(doubts.size()));
  return {ErrorCode::kOutcomeUnknown, "whether this change of dataset " + name +
                                          " was applied could not be proven in time (" + last_error.message +
                                          "); repeating the same request is safe"};
}

}  // namespace tarn::catalog
