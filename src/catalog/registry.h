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
#include "base/random.h"
#include "catalog/catalog.h"
#include "store/object_store.h"

namespace tarn::catalog {

struct RegistryOptions {
  std::string bucket = "lake";
  /// Other processes may commit to the same store: memory is refreshed by LIST, and reads say so. The embedded store
  /// has one owner, and memory is exact.
  bool is_store_shared = true;
  std::chrono::milliseconds refresh_interval{5000};
  std::size_t rehydrate_concurrency = 64;
  std::chrono::hours tombstone_retention{24 * 7};
};

/// What a decision makes of a dataset.
struct NoChange {};
using Decision = std::variant<Manifest, NoChange>;

/// A pure function from the prior manifest (null: none was ever written; a tombstone is given as it is) to a new one,
/// to no change, or to an error. Run again when another writer won, so it may not have effects. `dataset_id`,
/// `revision`, `commit_id`, `recent_commits`, `created_at` of a new name and `updated_at` are transact's to fill.
using Decide = std::function<Result<Decision>(const ManifestPtr& prior, Timestamp now)>;

struct Transacted {
  ManifestPtr prior;    ///< what the decision that won was given
  ManifestPtr current;  ///< what holds now; equals prior when nothing changed
};

/// The catalog over an object store: memory for reading, one conditional PUT for each write, its outcome proven.
class Registry final : public Catalog {
 public:
  /// All outlive the registry. Decoding runs on `pool`.
  Registry(store::ObjectStore& store, async::Runtime& runtime, async::ThreadPool& pool, const Clock& clock,
           Random& random, RegistryOptions options);
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  ~Registry() override;

  /// Loads every manifest, then serves. Half a catalog is never served. Errors: kCorrupt naming the key that cannot be
  /// read; those of the store.
  Task<std::size_t> rehydrate(Deadline deadline);
  bool is_ready() const;

  /// Starts the refresh of a shared store; stop() ends it, and waits for the proofs of commits under way.
  void start();
  Task<void> stop(Deadline deadline);

  /// The one place where manifests are written: lock the name, decide, PUT conditionally, prove the outcome, swap
  /// memory.
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
