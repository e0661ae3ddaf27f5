#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "async/runtime.h"
#include "async/thread_pool.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "columnar/records.h"
#include "store/bucket_store.h"
#include "store/object_store.h"

namespace tarn::catalog {

struct RegistryOptions {
  std::string bucket = "lake";
  /// Other processes may commit to the same store: memory is refreshed by LIST, and reads say so. The embedded store
  /// has one owner, and memory is exact.
  bool is_store_shared = true;
  std::chrono::milliseconds refresh_interval{5000};
  /// How many manifests are fetched at once, when loading and when refreshing.
  std::size_t rehydrate_concurrency = 64;
  /// How long a tombstone stays before purge_tombstones() removes it: longer than any request can live.
  std::chrono::hours tombstone_retention{24 * 7};
  columnar::Compression compression = columnar::Compression::kSnappy;
};

/// What a decision makes of a dataset.
struct NoChange {};
using Decision = std::variant<Manifest, NoChange>;

/// A pure function from the prior manifest (null: none was ever written; a tombstone is given as it is) to a new one,
/// to no change, or to an error. Run again when another writer won, so it may not have effects. `now` is never before
/// the prior's `updated_at`. `dataset_id`, `name`, `revision`, `commit_id`, `recent_commits`, `updated_at` and a
/// `created_at` left unset are transact's to fill.
using Decide = std::function<Result<Decision>(const ManifestPtr& prior, Timestamp now)>;

struct Transacted {
  ManifestPtr prior;    ///< what the decision that won was given
  ManifestPtr current;  ///< what it made, as committed; the prior when it changed nothing
};

struct PurgedTombstones {
  std::size_t purged = 0;
  std::size_t kept = 0;  ///< younger than the retention, or changed meanwhile
};

/// The catalog over an object store: memory for reading, one conditional PUT for each write, its outcome proven
/// (docs/adr/0003). Reads come from memory and never wait for a write's I/O; writes of one name run one after another,
/// of different names in parallel.
class Registry final : public Catalog {
 public:
  /// All outlive the registry. Decoding runs on `pool`.
  Registry(store::ObjectStore& store, async::Runtime& runtime, async::ThreadPool& pool, const Clock& clock,
           Random& random, Metrics& metrics, RegistryOptions options);
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  /// stop() first.
  ~Registry() override;

  /// Loads every manifest, then serves; returns how many datasets are live. Until it has succeeded every call is
  /// kUnavailable: half a catalog is never served. Errors: kCorrupt naming the key that cannot be read, kUnsupported
  /// for one in a newer format; those of the store: kUnavailable may be tried again.
  Task<std::size_t> rehydrate(Deadline deadline);
  bool is_ready() const;

  /// Starts the refresh of a shared store. Once.
  void start();
  /// Ends it, refuses further writes, and waits for the proofs of commits under way.
  Task<void> stop(Deadline deadline);

  /// Brings memory up to what a LIST of the store says now: what the refresh does at each interval.
  Task<void> refresh(Deadline deadline);

  /// Removes tombstones past their retention by conditional DELETE. `store` is the registry's own, seen as one that
  /// can; only where store::probe_conditional_remove showed that it honours the condition.
  Task<PurgedTombstones> purge_tombstones(store::BucketStore& store, Deadline deadline);

  /// The one place where manifests are written: lock the name, decide, PUT conditionally, prove the outcome, swap
  /// memory. A caller that goes away does not end the proof of what was already sent. Errors: those of Catalog and of
  /// `decide`; kInvalidArgument for a name that no manifest can have.
  Task<Transacted> transact(std::string name, Decide decide, Deadline deadline);

  Task<RegisterResult> register_dataset(RegisterRequest request, Deadline deadline) override;
  Task<ManifestPtr> get(std::string name, Freshness freshness, Deadline deadline) override;
  Task<DatasetPage> list(ListDatasets query, Deadline deadline) override;
  Task<void> drop(std::string name, Deadline deadline) override;
  Task<ManifestPtr> undrop(std::string name, Deadline deadline) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tarn::catalog
