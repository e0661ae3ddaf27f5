#include "catalog/registry.h"

#include <utility>

#include "catalog/decide_internal.h"
#include "catalog/registry_internal.h"

namespace tarn::catalog {

RegistryMetrics::RegistryMetrics(Metrics& metrics)
    : commits_won(metrics.counter("tarn_catalog_commits_total", "Commits of manifests by how they ended.",
                                  {{"outcome", "committed"}})),
      commits_lost(metrics.counter("tarn_catalog_commits_total", "Commits of manifests by how they ended.",
                                   {{"outcome", "lost"}})),
      commits_failed(metrics.counter("tarn_catalog_commits_total", "Commits of manifests by how they ended.",
                                     {{"outcome", "failed"}})),
      commits_unknown(metrics.counter("tarn_catalog_commits_total", "Commits of manifests by how they ended.",
                                      {{"outcome", "unknown"}})),
      refreshes(metrics.counter("tarn_catalog_refreshes_total", "Refreshes from a shared store that succeeded.")),
      refresh_failures(metrics.counter("tarn_catalog_refresh_failures_total", "Refreshes that failed.")),
      live_datasets(metrics.gauge("tarn_catalog_live_datasets", "Datasets that are not dropped.")),
      names_in_doubt(metrics.gauge("tarn_catalog_names_in_doubt",
                                   "Names whose last write could not be proven; the store is asked before each use.")) {
}

Registry::Impl::Impl(store::ObjectStore& store_given, async::Runtime& runtime_given, async::ThreadPool& pool_given,
                     const Clock& clock_given, Random& random, Metrics& metrics_given, RegistryOptions options_given)
    : store(store_given),
      runtime(runtime_given),
      pool(pool_given),
      clock(clock_given),
      options(std::move(options_given)),
      metrics(metrics_given),
      ids(clock_given, random),
      writer_id(ids.next()) {}

Result<void> Registry::Impl::check_ready() const {
  if (is_ready) return {};
  return failure(ErrorCode::kUnavailable, "the catalog is still loading");
}

Task<ManifestPtr> Registry::Impl::get(std::string name, Freshness freshness, Deadline deadline) {
  TARN_CO_TRY_VOID(check_ready());
  const bool asks_store = (freshness == Freshness::kCurrent && options.is_store_shared) || doubts.find(name);
  StoredManifest stored;
  if (!asks_store) {
    stored = manifests.find(name);
  } else if (is_stored_name(name)) {
    TARN_CO_TRY(stored, co_await read_through(name, deadline));
  }
  if (stored.is_absent() || !stored.manifest->is_live()) co_return dataset_not_found(name);
  co_return std::move(stored.manifest);
}

Task<DatasetPage> Registry::Impl::list(ListDatasets query, Deadline deadline) {
  TARN_CO_TRY_VOID(check_ready());
  if (query.limit < 1 || query.limit > kMaxListLimit) {
    co_return failure(ErrorCode::kInvalidArgument, "a page has 1 to " + std::to_string(kMaxListLimit) + " datasets");
  }
  for (const std::string& name : doubts.names(query.prefix, query.after)) {
    TARN_CO_TRY_VOID(co_await read_through(name, deadline));
  }
  co_return manifests.list(query);
}

Task<bool> Registry::Impl::purge(store::BucketStore& deleter, std::string name, Deadline deadline) {
  TARN_CO_TRY(const auto lock, co_await name_locks.lock(name, deadline));
  TARN_CO_TRY(const StoredManifest found, co_await read_through(name, deadline));
  if (found.is_absent()) co_return true;
  if (found.manifest->is_live() || found.manifest->updated_at + options.tombstone_retention > clock.now()) {
    co_return false;
  }
  auto removed = co_await deleter.remove_object(key_of(name), {.if_match = found.etag}, deadline);
  if (removed) {
    install(name, found.etag, StoredManifest());
    co_return true;
  }
  const Error& error = removed.error();
  if (outcome_of_failed_put(error) == PutOutcome::kRefused) co_return false;
  if (outcome_of_failed_put(error) == PutOutcome::kUnknown) doubts.add(name, found.etag);
  co_return std::move(removed).error().while_doing("purge dataset " + name);
}

Registry::Registry(store::ObjectStore& store, async::Runtime& runtime, async::ThreadPool& pool, const Clock& clock,
                   Random& random, Metrics& metrics, RegistryOptions options)
    : impl_(std::make_unique<Impl>(store, runtime, pool, clock, random, metrics, std::move(options))) {}

Registry::~Registry() = default;

Task<std::size_t> Registry::rehydrate(Deadline deadline) {
  return impl_->rehydrate(deadline);
}

bool Registry::is_ready() const {
  return impl_->is_ready;
}

void Registry::start() {
  if (impl_->options.is_store_shared) impl_->tasks.spawn(impl_->runtime.executor(), impl_->refresh_until_stopped());
}

Task<void> Registry::stop(Deadline deadline) {
  return impl_->tasks.stop(deadline);
}

Task<void> Registry::refresh(Deadline deadline) {
  return impl_->refresh(deadline);
}

Task<PurgedTombstones> Registry::purge_tombstones(store::BucketStore& store, Deadline deadline) {
  TARN_CO_TRY_VOID(impl_->check_ready());
  PurgedTombstones result;
  for (const std::string& name : impl_->manifests.names(DatasetState::kDropped)) {
    TARN_CO_TRY(const bool is_gone, co_await impl_->purge(store, name, deadline));
    ++(is_gone ? result.purged : result.kept);
  }
  co_return result;
}

Task<Transacted> Registry::transact(std::string name, Decide decide, Deadline deadline) {
  return impl_->transact(std::move(name), std::move(decide), deadline);
}

Task<RegisterResult> Registry::register_dataset(RegisterRequest request, Deadline deadline) {
  TARN_CO_TRY_VOID(validate(request));
  const std::string name = request.name;
  // Shared: a caller that is cancelled goes before the transaction that still asks for it.
  const auto shared_request = std::make_shared<const RegisterRequest>(std::move(request));
  Decide decide = [shared_request](const ManifestPtr& prior, Timestamp now) {
    return decide_register(*shared_request, prior, now);
  };
  TARN_CO_TRY(Transacted done, co_await impl_->transact(name, std::move(decide), deadline));
  co_return RegisterResult{std::move(done.current), done.prior && done.prior->is_live()};
}

Task<ManifestPtr> Registry::get(std::string name, Freshness freshness, Deadline deadline) {
  return impl_->get(std::move(name), freshness, deadline);
}

Task<DatasetPage> Registry::list(ListDatasets query, Deadline deadline) {
  return impl_->list(std::move(query), deadline);
}

Task<void> Registry::drop(std::string name, Deadline deadline) {
  if (!is_stored_name(name)) co_return dataset_not_found(name);
  Decide decide = [name](const ManifestPtr& prior, Timestamp) { return decide_drop(name, prior); };
  TARN_CO_TRY_VOID(co_await impl_->transact(name, std::move(decide), deadline));
  co_return Result<void>();
}

Task<ManifestPtr> Registry::undrop(std::string name, Deadline deadline) {
  if (!is_stored_name(name)) co_return dataset_not_found(name);
  Decide decide = [name](const ManifestPtr& prior, Timestamp) { return decide_undrop(name, prior); };
  TARN_CO_TRY(Transacted done, co_await impl_->transact(name, std::move(decide), deadline));
  co_return std::move(done.current);
}

}  // namespace tarn::catalog
