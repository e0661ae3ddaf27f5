#include <algorithm>
#include <atomic>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "catalog/manifest_codec_internal.h"
#include "catalog/registry_internal.h"

namespace tarn::catalog {
namespace {

/// A worker fetches this many manifests before it hands them to the pool: a hop costs about as much as one decode.
constexpr std::size_t kDecodeBatch = 16;

bool is_missing_object(const Error& error) {
  return error.code == ErrorCode::kNotFound && error.reason != store::kNoSuchBucket;
}

/// The store's error as a reader of the catalog sees it: a bucket that is not there is not a dataset that is not there.
Error as_read_error(Error error) {
  if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kUnavailable;
  if (error.code == ErrorCode::kTooLarge) error.code = ErrorCode::kCorrupt;
  return error;
}

Result<StoredManifest> decode_stored(const std::string& key, const store::StoredBytes& stored) {
  TARN_TRY(Manifest manifest, decode_manifest(stored.bytes, key));
  return StoredManifest{std::make_shared<const Manifest>(std::move(manifest)), stored.etag};
}

}  // namespace

Error Registry::Impl::as_fault_of_ours(Error error) {
  if (error.code != ErrorCode::kUnauthenticated && error.code != ErrorCode::kPermissionDenied) return error;
  error.code = ErrorCode::kUnavailable;
  error.reason = {};
  return std::move(error).while_doing("the store refuses the catalog's own key").error();
}

Task<StoredManifest> Registry::Impl::read(std::string name, Deadline deadline) {
  const std::string key = manifest_key(name);
  auto stored = co_await store::get_bytes(store, key_of(name), kMaxManifestBytes, deadline);
  if (!stored) {
    if (is_missing_object(stored.error())) co_return StoredManifest();
    co_return as_fault_of_ours(as_read_error(std::move(stored).error())).while_doing("read manifest " + key);
  }
  co_return co_await async::offload(pool, [&key, &stored] { return decode_stored(key, *stored); });
}

Task<StoredManifest> Registry::Impl::read_through(std::string name, Deadline deadline) {
  const auto doubt = doubts.find(name);
  const std::string known_etag = manifests.find(name).etag;
  TARN_CO_TRY(StoredManifest found, co_await read(name, deadline));
  if (doubt) doubts.resolve(name, *doubt, found.etag);
  install(name, known_etag, found);
  co_return found;
}

Task<std::vector<store::ObjectSummary>> Registry::Impl::list_page(Listing& listing, Deadline deadline) {
  auto page = co_await store.list(options.bucket, listing.query, deadline);
  if (!page) co_return as_read_error(std::move(page).error()).while_doing("list manifests");
  listing.is_over = !page->is_truncated;
  listing.query.continuation = std::move(page->continuation);
  std::erase_if(page->objects, [](const auto& object) { return !object.key.ends_with(kManifestSuffix); });
  co_return std::move(page->objects);
}

/// A load shared by its workers: each takes the next few keys until none is left or one failed.
struct Registry::Impl::Loading {
  Deadline deadline = Deadline::never();
  std::vector<store::ObjectSummary> listed;
  std::vector<StoredManifest> loaded;  ///< as listed; each slot is written by one worker
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> error;  ///< the first one; guarded by mutex
  std::atomic<bool> has_failed{false};

  void fail(Error failed) {
    const std::lock_guard lock(mutex);
    if (!error) error = std::move(failed);
    has_failed = true;
  }
};

Task<void> Registry::Impl::load_some(std::shared_ptr<Loading> loading) {
  struct Fetched {
    std::size_t index;
    store::StoredBytes stored;
  };
  while (!loading->has_failed) {
    const std::size_t begin = loading->next.fetch_add(kDecodeBatch);
    const std::size_t end = std::min(begin + kDecodeBatch, loading->listed.size());
    if (begin >= end) break;
    std::vector<Fetched> batch;
    for (std::size_t i = begin; i < end && !loading->has_failed; ++i) {
      const std::string& key = loading->listed[i].key;
      auto stored =
          co_await store::get_bytes(store, store::ObjectKey(options.bucket, key), kMaxManifestBytes, loading->deadline);
      if (stored) {
        batch.push_back({i, *std::move(stored)});
      } else if (!is_missing_object(stored.error())) {  // gone between LIST and GET: not there
        loading->fail(as_read_error(std::move(stored).error()).while_doing("read manifest " + key).error());
      }
    }
    auto decoded = co_await async::offload(pool, [&batch, &loading]() -> Result<void> {
      for (const Fetched& fetched : batch) {
        TARN_TRY(loading->loaded[fetched.index], decode_stored(loading->listed[fetched.index].key, fetched.stored));
      }
      return {};
    });
    if (!decoded) loading->fail(std::move(decoded).error());
  }
  co_return Result<void>();
}

Task<std::size_t> Registry::Impl::rehydrate(Deadline deadline) {
  const auto loading = std::make_shared<Loading>();
  loading->deadline = deadline;
  for (Listing listing; !listing.is_over;) {
    TARN_CO_TRY(auto page, co_await list_page(listing, deadline));
    std::ranges::move(page, std::back_inserter(loading->listed));
  }
  loading->loaded.resize(loading->listed.size());

  async::TaskGroup workers;
  for (std::size_t i = 0; i < options.rehydrate_concurrency; ++i) {
    workers.spawn(runtime.executor(), load_some(loading));
  }
  (void)co_await workers.stop(Deadline::never());  // each ends by the deadline
  if (loading->error) co_return std::unexpected(*std::move(loading->error));

  std::erase_if(loading->loaded, [](const StoredManifest& stored) { return stored.is_absent(); });
  manifests.replace_all(std::move(loading->loaded));
  const std::size_t live_count = manifests.live_count();
  metrics.live_datasets.set(static_cast<std::int64_t>(live_count));
  is_ready = true;
  co_return live_count;
}

/// Names to be read again, shared by workers.
struct Registry::Impl::Refreshing {
  Deadline deadline = Deadline::never();
  std::vector<std::string> names;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> error;  ///< the first one; guarded by mutex
};

Task<void> Registry::Impl::refresh_some(std::shared_ptr<Refreshing> refreshing) {
  for (;;) {
    const std::size_t index = refreshing->next.fetch_add(1);
    if (index >= refreshing->names.size()) co_return Result<void>();
    auto found = co_await read_through(refreshing->names[index], refreshing->deadline);
    if (found) continue;
    const std::lock_guard lock(refreshing->mutex);
    if (!refreshing->error) refreshing->error = std::move(found).error();
  }
}

Task<void> Registry::Impl::refresh(Deadline deadline) {
  const auto refreshing = std::make_shared<Refreshing>();
  refreshing->deadline = deadline;
  // Whatever memory and the store differ in is read again, so that a commit that comes in between does no harm.
  const std::uint64_t id = manifests.begin_listing();
  for (Listing listing; !listing.is_over;) {
    TARN_CO_TRY(const auto page, co_await list_page(listing, deadline));
    std::vector<ManifestMap::Listed> listed;
    listed.reserve(page.size());
    for (const store::ObjectSummary& object : page) {
      // rehydrate refuses a key that is none of ours; a stranger that appears later takes nothing down
      if (auto name = name_of_manifest_key(object.key)) listed.push_back({*std::move(name), object.etag});
    }
    std::ranges::move(manifests.note_listed(id, listed), std::back_inserter(refreshing->names));
  }
  std::ranges::move(manifests.unlisted(id), std::back_inserter(refreshing->names));

  async::TaskGroup workers;
  const std::size_t worker_count = std::min(options.rehydrate_concurrency, refreshing->names.size());
  for (std::size_t i = 0; i < worker_count; ++i) workers.spawn(runtime.executor(), refresh_some(refreshing));
  (void)co_await workers.stop(Deadline::never());  // each ends by the deadline
  if (refreshing->error) co_return std::unexpected(*std::move(refreshing->error));
  co_return Result<void>();
}

Task<void> Registry::Impl::refresh_until_stopped() {
  // A refresh that takes long is given up in favour of the next one, which begins where it left off.
  constexpr std::chrono::seconds kPatience{60};
  for (;;) {
    const bool goes_on = co_await tasks.sleep_for(options.refresh_interval);
    if (!goes_on) co_return Result<void>();
    auto refreshed = co_await refresh(Deadline::after(kPatience));
    (refreshed ? metrics.refreshes : metrics.refresh_failures).add();
  }
}

void Registry::Impl::install(const std::string& name, std::string_view known_etag, const StoredManifest& found) {
  manifests.install(name, known_etag, found);
  metrics.live_datasets.set(static_cast<std::int64_t>(manifests.live_count()));
  metrics.names_in_doubt.set(static_cast<std::int64_t>(doubts.size()));
}

}  // namespace tarn::catalog
