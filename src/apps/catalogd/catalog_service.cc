#include "apps/catalogd/catalog_service.h"

#include <utility>

#include <fmt/format.h>

#include "apps/catalogd/loading.h"
#include "async/task_group.h"
#include "async/thread_pool.h"
#include "base/uuid.h"
#include "catalog/registry.h"
#include "catalog_api/grpc_server.h"
#include "catalog_api/server.h"
#include "http/server.h"
#include "store/probe.h"

namespace tarn::apps {
namespace {

/// For one try at loading; a catalog of a million datasets takes minutes.
constexpr std::chrono::minutes kLoadTimeout{10};
constexpr std::chrono::seconds kProbeTimeout{30};

catalog::RegistryOptions registry_options(const CatalogSettings& settings, CatalogService::StoreKind store_kind) {
  catalog::RegistryOptions options;
  options.bucket = settings.bucket;
  options.is_store_shared = store_kind == CatalogService::StoreKind::kShared;
  options.refresh_interval = settings.refresh_interval;
  options.tombstone_retention = std::chrono::floor<std::chrono::hours>(settings.tombstone_retention);
  return options;
}

http::ServerOptions http_options(const Address& listen, const ServerSettings& settings) {
  http::ServerOptions options;
  options.host = listen.host;
  options.port = listen.port;
  options.max_connections = settings.max_connections;
  return options;
}

Task<void> make_bucket(store::BucketStore& store, std::string bucket, Deadline deadline) {
  const auto found = co_await store.head_bucket(bucket, deadline);
  if (found) co_return Result<void>();
  if (found.error().code != ErrorCode::kNotFound) co_return std::unexpected(found.error());
  const auto made = co_await store.create_bucket(bucket, deadline);
  if (made || made.error().code == ErrorCode::kAlreadyExists) co_return Result<void>();
  co_return std::unexpected(made.error());
}

/// Errors: kUnsupported naming what does not hold.
Task<void> check_conditions(store::BucketStore& store, store::ProbeOptions options, Deadline deadline) {
  TARN_CO_TRY(const auto checks, co_await store::probe_conditions(store, std::move(options), deadline));
  for (const store::ProbeCheck& check : checks) {
    if (check.is_passed) continue;
    co_return failure(ErrorCode::kUnsupported,
                      fmt::format("the store cannot hold a catalog: {}: {}; `tarn doctor` shows all checks", check.name,
                                  check.finding));
  }
  co_return Result<void>();
}

/// A store says only "access denied"; what is missing is most often the other key.
Result<std::size_t> explain_refusal(Result<std::size_t> loaded) {
  if (loaded || loaded.error().code != ErrorCode::kPermissionDenied) return loaded;
  return std::unexpected(
      std::move(loaded).error().while_doing("the store refuses this key; a catalog needs the one of admin"));
}

}  // namespace

struct CatalogService::Impl {
  Impl(Dependencies given, const CatalogSettings& catalog, const ServerSettings& server, StoreKind kind)
      : dependencies(given),
        settings(catalog),
        store_kind(kind),
        access(catalog.tokens),
        decoding("decoding", server.threads),
        registry(given.store, given.runtime, decoding, given.clock, given.random, given.metrics,
                 registry_options(catalog, kind)),
        api({.catalog = registry, .access = access, .pool = decoding, .logger = given.log, .metrics = given.metrics},
            {.is_ready = [this] { return registry.is_ready(); }, .has_access_log = server.access_log}),
        http(given.runtime, http_options(catalog.listen, server), api),
        grpc(
            {.catalog = registry,
             .access = access,
             .runtime = given.runtime,
             .pool = decoding,
             .logger = given.log,
             .metrics = given.metrics},
            {.host = catalog.grpc_listen.host, .port = catalog.grpc_listen.port, .has_access_log = server.access_log}) {
  }

  Dependencies dependencies;
  const CatalogSettings settings;
  const StoreKind store_kind;
  const catalog_api::Access access;
  async::ThreadPool decoding;
  catalog::Registry registry;
  catalog_api::Server api;
  http::Server http;
  catalog_api::GrpcServer grpc;
  async::TaskGroup background;
  bool is_http_started = false;
  bool is_grpc_started = false;

  Task<std::size_t> load_once();
  Task<void> load(std::function<void(Result<std::size_t>)> done);
};

Task<std::size_t> CatalogService::Impl::load_once() {
  TARN_CO_TRY_VOID(co_await make_bucket(dependencies.store, settings.bucket, Deadline::after(kProbeTimeout)));
  if (store_kind == StoreKind::kShared) {
    const Uuid unique = UuidV7Generator(dependencies.clock, dependencies.random).next();
    store::ProbeOptions options{.bucket = settings.bucket, .prefix = "_catalog/probe/" + unique.to_string() + "/"};
    TARN_CO_TRY_VOID(co_await check_conditions(dependencies.store, std::move(options), Deadline::after(kProbeTimeout)));
  }
  co_return co_await registry.rehydrate(Deadline::after(kLoadTimeout));
}

Task<void> CatalogService::Impl::load(std::function<void(Result<std::size_t>)> done) {
  for (unsigned failures = 1;; ++failures) {
    auto loaded = co_await load_once();
    if (loaded) {
      registry.start();
      grpc.set_serving(true);
    }
    if (loaded || !is_worth_retrying(loaded.error().code)) {
      done(explain_refusal(std::move(loaded)));
      co_return Result<void>();
    }
    dependencies.log.warning("store not available", {{"error", loaded.error().message}, {"tries", failures}});
    const bool is_going_on = co_await background.sleep_for(wait_after(failures));
    if (!is_going_on) co_return Result<void>();
  }
}

CatalogService::CatalogService(Dependencies dependencies, const CatalogSettings& catalog, const ServerSettings& server,
                               StoreKind store_kind)
    : impl_(std::make_unique<Impl>(dependencies, catalog, server, store_kind)) {}

CatalogService::~CatalogService() {
  stop(Deadline::after(std::chrono::seconds(0)));
}

Result<void> CatalogService::listen() {
  TARN_TRY_VOID(listening_by("--listen", impl_->http.start()));
  impl_->is_http_started = true;
  TARN_TRY_VOID(listening_by("--grpc-listen", impl_->grpc.start()));
  impl_->is_grpc_started = true;
  return {};
}

void CatalogService::start_loading(std::function<void(Result<std::size_t>)> done) {
  impl_->background.spawn(impl_->dependencies.runtime.executor(), impl_->load(std::move(done)));
}

void CatalogService::stop(Deadline deadline) {
  async::Runtime& runtime = impl_->dependencies.runtime;
  // What runs past the deadline is a commit being proven, which its own request's deadline ends: then wait for it.
  const auto stop_in_time = [&](auto& what) {
    for (Deadline until = deadline; !async::run(runtime, what.stop(until));) until = Deadline::never();
  };
  if (std::exchange(impl_->is_grpc_started, false)) stop_in_time(impl_->grpc);
  if (std::exchange(impl_->is_http_started, false)) stop_in_time(impl_->http);
  stop_in_time(impl_->background);
  stop_in_time(impl_->registry);
}

std::string CatalogService::http_url() const {
  return "http://" + Address{impl_->settings.listen.host, impl_->http.port()}.to_string();
}

std::string CatalogService::grpc_address() const {
  return Address{impl_->settings.grpc_listen.host, impl_->grpc.port()}.to_string();
}

}  // namespace tarn::apps
