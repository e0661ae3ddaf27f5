#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/catalogd/catalog_service.h"
#include "apps/catalogd/remote_store.h"
#include "apps/server_settings.h"
#include "apps/storaged/local_store.h"
#include "apps/storaged/s3_service.h"
#include "apps/tarn/verbs.h"
#include "async/runtime.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"

namespace tarn::apps {
namespace {

struct Options {
  std::filesystem::path data = "./tarn-data";
  std::optional<Url> store;
  Address s3_listen{"127.0.0.1", 9000};
  CatalogSettings catalog;
  RemoteStoreSettings remote;  ///< its URL is `store`
  ServerSettings server;
};

/// What every form of `up` stands on.
struct Base {
  const Options& options;
  StopSignals& signals;
  Logger& log;
  const Clock& clock;
  Random& random;
  Metrics& metrics;
  async::Runtime& runtime;
};

using ReadyFields = std::vector<std::pair<std::string, std::string>>;

/// Serves the catalog over `store` until a signal comes. The ready line begins with the store's URL and ends with
/// `more`.
Result<void> serve_catalog(const Base& base, store::BucketStore& store, CatalogService::StoreKind kind,
                           const std::string& s3_url, const ReadyFields& more) {
  CatalogService service({.runtime = base.runtime,
                          .store = store,
                          .clock = base.clock,
                          .random = base.random,
                          .log = base.log,
                          .metrics = base.metrics},
                         base.options.catalog, base.options.server, kind);
  TARN_TRY_VOID(service.listen());
  Result<void> loading;
  service.start_loading([&](Result<std::size_t> loaded) {
    if (!loaded) {
      loading = std::unexpected(std::move(loaded).error());
      base.signals.request_stop();
      return;
    }
    base.log.info("ready", {{"s3", s3_url}, {"http", service.http_url()}, {"datasets", *loaded}});
    ReadyFields fields = {{"s3", s3_url}, {"http", service.http_url()}, {"grpc", service.grpc_address()}};
    fields.insert(fields.end(), more.begin(), more.end());
    print_ready(fields);
  });

  base.signals.wait();
  base.log.info("stopping");
  service.stop(Deadline::after(kStopPatience));
  return loading;
}

Result<void> serve_local(const Base& base) {
  const Options& options = base.options;
  // Before the credentials: who is refused the folder must not write into it.
  TARN_TRY(const std::unique_ptr<LocalStore> local,
           LocalStore::open(options.data, base.clock, base.random, base.metrics));
  TARN_TRY(const ObtainedCredentials obtained,
           obtain_store_credentials(options.remote.credentials, options.data, base.random));
  S3Service s3({.runtime = base.runtime, .store = local->store(), .clock = base.clock, .log = base.log},
               options.s3_listen, obtained.credentials, options.server);
  TARN_TRY_VOID(listening_by("--s3-listen", s3.start()));
  ReadyFields more = {{"data", options.data.string()}};
  if (obtained.file) more.emplace_back("credentials", obtained.file->string());
  auto served = serve_catalog(base, local->store(), CatalogService::StoreKind::kEmbedded, s3.url(), more);
  s3.stop(Deadline::after(kStopPatience));
  return served;
}

Result<void> serve_remote(const Base& base, const Url& url) {
  RemoteStoreSettings settings = base.options.remote;
  settings.url = url;
  TARN_TRY(const std::unique_ptr<s3::Client> store,
           open_remote_store(settings, CredentialsRole::kAdmin, base.options.data / kCredentialsFileName, base.runtime,
                             base.clock, base.random));
  return serve_catalog(base, *store, CatalogService::StoreKind::kShared, url.text, {});
}

Result<void> serve(const Options& options, StopSignals& signals, Logger& log) {
  TARN_TRY_VOID(check_exposure(options.catalog));
  const SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  async::Runtime runtime(options.server.threads);
  const Base base{options, signals, log, clock, random, metrics, runtime};
  return options.store ? serve_remote(base, *options.store) : serve_local(base);
}

}  // namespace

Verb up_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "up";
  verb.summary = "Store and catalog in one process over one folder.";
  verb.reads_config_file = true;
  verb.examples = {{"tarn up", "serves ./tarn-data: S3 on 9000, HTTP on 8181, gRPC on 8182"},
                   {"tarn up --data /srv/lake --s3-listen 0.0.0.0:9000", "with S3 for other machines"},
                   {"tarn up --store https://s3.eu-central-1.amazonaws.com --region eu-central-1 --bucket my-lake",
                    "the same over a remote store; as many of them as you like"}};
  verb.settings.push_back(setting("data", options->data, "DIR", "Folder that holds everything; made if absent"));
  verb.settings.push_back(setting("store", options->store, "URL", "A remote S3 endpoint in place of the folder"));
  verb.settings.push_back(setting("s3_listen", options->s3_listen, "HOST:PORT", "Where S3 is served over the folder"));
  add_catalog_server_settings(verb.settings, options->catalog);
  add_remote_store_settings(verb.settings, options->remote);
  add_server_settings(verb.settings, options->server);
  verb.run = [options](Surroundings&) {
    return run_server("tarn", options->server,
                      [&](StopSignals& signals, Logger& log) { return serve(*options, signals, log); });
  };
  return verb;
}

}  // namespace tarn::apps
