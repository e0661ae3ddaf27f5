#include "apps/storaged/storaged.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "apps/server_settings.h"
#include "apps/storaged/local_store.h"
#include "apps/storaged/s3_service.h"
#include "async/runtime.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"

namespace tarn::apps {
namespace {

struct Options {
  std::filesystem::path data = "./tarn-data";
  Address listen{"127.0.0.1", 9000};
  GivenCredentials credentials;
  ServerSettings server;
};

Result<void> serve(const Options& options, StopSignals& signals, Logger& log) {
  const SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  // Before the credentials: who is refused the folder must not write into it.
  TARN_TRY(const std::unique_ptr<LocalStore> local, LocalStore::open(options.data, clock, random, metrics));
  TARN_TRY(const ObtainedCredentials obtained, obtain_store_credentials(options.credentials, options.data, random));
  async::Runtime runtime(options.server.threads);
  S3Service s3({.runtime = runtime, .store = local->store(), .clock = clock, .log = log}, options.listen,
               obtained.credentials, options.server);
  TARN_TRY_VOID(listening_by("--listen", s3.start()));
  if (obtained.file) log.info("credentials", {{"file", obtained.file->string()}});
  log.info("ready", {{"s3", s3.url()}, {"data", options.data.string()}});
  print_ready({{"s3", s3.url()}});

  signals.wait();
  log.info("stopping");
  s3.stop(Deadline::after(kStopPatience));
  local->store().close();
  return {};
}

}  // namespace

Program storaged_program() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.reads_config_file = true;
  verb.examples = {
      {"storaged --data /srv/lake", "serves that folder on 127.0.0.1:9000; keys in /srv/lake/credentials.toml"},
      {"storaged --data /srv/lake --listen 0.0.0.0:9000", "the same for other machines"},
      {"storaged --config storaged.toml --print-config", "shows what the file, the environment and flags come to"}};
  verb.settings.push_back(setting("data", options->data, "DIR", "Folder that holds everything; made if absent"));
  verb.settings.push_back(setting("listen", options->listen, "HOST:PORT", "Where S3 is served; port 0: any free one"));
  add_credentials_settings(verb.settings, options->credentials);
  add_server_settings(verb.settings, options->server);
  verb.run = [options](Surroundings&) {
    return run_server("storaged", options->server,
                      [&](StopSignals& signals, Logger& log) { return serve(*options, signals, log); });
  };
  return {.name = "storaged",
          .summary = "An S3-protocol object server on a local disk: durable, conditional, one folder.",
          .verbs = {std::move(verb)}};
}

}  // namespace tarn::apps
