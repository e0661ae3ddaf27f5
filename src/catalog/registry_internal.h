#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/sync.h"
#include "async/task_group.h"
#include "base/uuid.h"
#include "catalog/commit_internal.h"
#include "catalog/doubts_internal.h"
#include "catalog/manifest_map_internal.h"
#include "catalog/registry.h"

namespace tarn::catalog {

struct RegistryMetrics {
  explicit RegistryMetrics(Metrics& metrics);

  Counter& commits_won;
  Counter& commits_lost;  ///< to another writer, then decided anew
  Counter& commits_failed;
  Counter& commits_unknown;
  Counter& refreshes;
  Counter& refresh_failures;
  Gauge& live_datasets;
  Gauge& names_in_doubt;
};

/// How a commit ended that was not an error.
struct CommitEnd {
  ManifestPtr committed;  ///< null: lost, and `found` is to be decided on anew
  StoredManifest found;   ///< what the store was last seen to hold; the committed one, or a later one
};

struct Registry::Impl {
  Impl(store::ObjectStore& store_given, async::Runtime& runtime_given, async::ThreadPool& pool_given,
       const Clock& clock_given, Random& random, Metrics& metrics_given, RegistryOptions options_given);

  // registry.cc: one name.
  Task<Transacted> transact(std::string name, Decide decide, Deadline deadline);
  Task<ManifestPtr> get(std::string name, Freshness freshness, Deadline deadline);
  Task<DatasetPage> list(ListDatasets query, Deadline deadline);
  Result<void> check_ready() const;

  // commit_run.cc: what holds the name's lock.
  struct Outcome;
  Task<void> run_transaction(std::shared_ptr<Outcome> outcome, std::string name, Decide decide, Deadline deadline);
  Task<Transacted> decide_and_commit(std::string name, Decide decide, Deadline deadline);
  Task<CommitEnd> commit(std::string name, StoredManifest base, Manifest candidate, Deadline deadline);
  Task<StoredManifest> put(std::string name, StoredManifest base, Manifest candidate, Deadline deadline);
  Manifest make_candidate(const std::string& name, const StoredManifest& base, Manifest decided, Timestamp now) const;
  /// A commit's outcome is known, and with it what the store holds.
  void settle(const std::string& name, const StoredManifest& base, const std::optional<Doubts::Doubt>& former_doubt,
              const StoredManifest& found);
  /// It is not known: the name is in doubt.
  Error unproven(const std::string& name, const StoredManifest& base, const Error& last_error);

  // store_reads.cc: what the store holds.
  /// What the store has against the catalog's own key is no fault of who asked the catalog: kUnavailable.
  static Error as_fault_of_ours(Error error);
  /// Absent when the store has none. Errors: kCorrupt, kUnsupported; those of the store.
  Task<StoredManifest> read(std::string name, Deadline deadline);
  /// The same, and memory takes it over; a doubt about the name is resolved if that resolves it.
  Task<StoredManifest> read_through(std::string name, Deadline deadline);
  /// Where a LIST of the manifests stands.
  struct Listing {
    store::ListQuery query{.prefix = std::string(kManifestPrefix)};
    bool is_over = false;
  };
  Task<std::vector<store::ObjectSummary>> list_page(Listing& listing, Deadline deadline);
  struct Loading;
  Task<void> load_some(std::shared_ptr<Loading> loading);
  Task<std::size_t> rehydrate(Deadline deadline);
  struct Refreshing;
  Task<void> refresh_some(std::shared_ptr<Refreshing> refreshing);
  Task<void> refresh(Deadline deadline);
  Task<void> refresh_until_stopped();

  /// Whether it is gone now.
  Task<bool> purge(store::BucketStore& deleter, std::string name, Deadline deadline);

  /// Memory takes what the store was seen to hold, and the gauges follow.
  void install(const std::string& name, std::string_view known_etag, const StoredManifest& found);
  store::ObjectKey key_of(std::string_view name) const { return {options.bucket, manifest_key(name)}; }

  store::ObjectStore& store;
  async::Runtime& runtime;
  async::ThreadPool& pool;
  const Clock& clock;
  const RegistryOptions options;
  RegistryMetrics metrics;
  UuidV7Generator ids;
  const Uuid writer_id;  ///< this process among all that commit to the store

  ManifestMap manifests;
  Doubts doubts;
  async::KeyedMutex name_locks;
  async::TaskGroup tasks;  ///< transactions under way, and the refresh
  std::atomic<bool> is_ready{false};
};

}  // namespace tarn::catalog
