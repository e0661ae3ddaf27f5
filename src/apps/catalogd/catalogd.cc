#include "apps/catalogd/catalogd.h"

#include <memory>
#include <utility>

#include "apps/catalogd/catalog_service.h"
#include "apps/catalogd/remote_store.h"
#include "apps/server_settings.h"
#include "async/runtime.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"

namespace tarn::apps {
namespace {

struct Options {
  CatalogSettings catalog;
  RemoteStoreSettings store;
  ServerSettings server;
};

Result<void> serve(const Options& options, StopSignals& signals, Logger& log) {
  TARN_TRY_VOID(check_exposure(options.catalog));
  const SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  async::Runtime runtime(options.server.threads);
  TARN_TRY(const std::unique_ptr<s3::Client> store,
           open_remote_store(options.store, CredentialsRole::kAdmin, {}, runtime, clock, random));
  CatalogService service(
      {.runtime = runtime, .store = *store, .clock = clock, .random = random, .log = log, .metrics = metrics},
      options.catalog, options.server, CatalogService::StoreKind::kShared);
  TARN_TRY_VOID(service.listen());
  Result<void> loading;
  service.start_loading([&](Result<std::size_t> loaded) {
    if (!loaded) {
      loading = std::unexpected(std::move(loaded).error());
      signals.request_stop();
      return;
    }
    log.info("ready", {{"http", service.http_url()}, {"grpc", service.grpc_address()}, {"datasets", *loaded}});
    print_ready({{"http", service.http_url()}, {"grpc", service.grpc_address()}});
  });

  signals.wait();
  log.info("stopping");
  service.stop(Deadline::after(kStopPatience));
  return loading;
}

}  // namespace

Program catalogd_program() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.reads_config_file = true;
  verb.examples = {{"catalogd --store http://127.0.0.1:9000 --credentials /srv/lake/credentials.toml",
                    "over a storaged on this machine"},
                   {"catalogd --store https://s3.eu-central-1.amazonaws.com --region eu-central-1 --bucket my-lake",
                    "over a bucket of AWS, with keys from the environment"}};
  verb.settings.push_back(setting("store", options->store.url, "URL", "The S3 endpoint that holds everything"));
  add_catalog_server_settings(verb.settings, options->catalog);
  add_remote_store_settings(verb.settings, options->store);
  add_server_settings(verb.settings, options->server);
  verb.run = [options](Surroundings&) {
    return run_server("catalogd", options->server,
                      [&](StopSignals& signals, Logger& log) { return serve(*options, signals, log); });
  };
  return {.name = "catalogd",
          .summary = "The catalog: datasets over any S3 endpoint, by HTTP/JSON and gRPC.",
          .verbs = {std::move(verb)},
          .variables_of_other_programs = {"TARN_TOKEN"}};
}

}  // namespace tarn::apps
