#include "apps/tarn/session.h"

#include <algorithm>
#include <utility>

#include "apps/storaged/local_store.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "catalog_api/client.h"
#include "http/client.h"
#include "s3/client.h"

namespace tarn::apps {
namespace {

/// Where `tarn up` keeps its credentials when it is told nothing: a verb run beside it needs no settings either.
constexpr const char* kDefaultFolder = "./tarn-data";

/// Verbs that talk to both have it once.
void add_timeout_setting(std::vector<Setting>& settings, ConnectionOptions& options) {
  const auto is_timeout = [](const Setting& setting) { return setting.name == "timeout"; };
  if (std::ranges::any_of(settings, is_timeout)) return;
  settings.push_back(setting("timeout", options.timeout, "TIME", "For one request; transfers are not bounded by it"));
}

}  // namespace

struct Session::Connections {
  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  std::unique_ptr<http::Client> http;
  std::unique_ptr<catalog_api::Client> catalog;
  std::unique_ptr<s3::Client> remote;
  std::unique_ptr<LocalStore> local;
};

Session::Session(const ConnectionOptions& options, Surroundings& surroundings)
    : options_(options), surroundings_(surroundings), connections_(std::make_unique<Connections>()) {}

Session::~Session() = default;

Result<catalog::Catalog*> Session::catalog() {
  if (connections_->catalog == nullptr) {
    TARN_TRY(http::Origin origin, http::Origin::parse(options_.server.text));
    connections_->http = std::make_unique<http::Client>(runtime_, std::move(origin), http::ClientOptions{});
    connections_->catalog = std::make_unique<catalog_api::Client>(
        *connections_->http, catalog_api::ClientOptions{.token = options_.token.value_or("")});
  }
  return connections_->catalog.get();
}

Result<store::BucketStore*> Session::store(CredentialsRole role) {
  if (options_.data && connections_->local == nullptr) {
    TARN_TRY(connections_->local,
             LocalStore::open(*options_.data, connections_->clock, connections_->random, connections_->metrics));
  }
  if (options_.data) return &connections_->local->store();
  if (connections_->remote == nullptr) {
    TARN_TRY(connections_->remote,
             open_remote_store(options_.store, role, std::filesystem::path(kDefaultFolder) / kCredentialsFileName,
                               runtime_, connections_->clock, connections_->random));
  }
  return connections_->remote.get();
}

Result<void> Session::print(const Table& table, const OutputOptions& output) {
  TARN_TRY(const std::string text, render(table, output.chosen()));
  out() << text;
  return {};
}

Result<void> Session::print_record(const Table& table, const OutputOptions& output) {
  TARN_TRY(const std::string text, render_record(table, output.chosen()));
  out() << text;
  return {};
}

void add_catalog_settings(std::vector<Setting>& settings, ConnectionOptions& options) {
  settings.push_back(setting("server", options.server, "URL", "The catalog: a catalogd or tarn up"));
  settings.push_back(setting("token", options.token, "TOKEN", "Bearer token for it").secret());
  add_timeout_setting(settings, options);
}

void add_store_settings(std::vector<Setting>& settings, ConnectionOptions& options) {
  settings.push_back(setting("s3", options.store.url, "URL", "The store: a storaged, tarn up or any S3 endpoint"));
  settings.push_back(setting("bucket", options.bucket, "NAME", "Bucket that holds the lake"));
  add_remote_store_settings(settings, options.store);
  add_timeout_setting(settings, options);
}

void add_data_setting(std::vector<Setting>& settings, ConnectionOptions& options) {
  settings.push_back(
      setting("data", options.data, "DIR", "A folder that no server has open, in place of --s3").flag_only());
}

void add_output_settings(std::vector<Setting>& settings, OutputOptions& options) {
  settings.push_back(
      setting("format", options.format, "FORMAT", "table (for people), csv, json or arrow (an IPC stream)"));
  settings.push_back(setting("json", options.is_json, "", "Short for --format json").flag_only());
}

ExitCode run_in_session(const ConnectionOptions& options, Surroundings& surroundings,
                        const std::function<Result<void>(Session&)>& work) {
  Session session(options, surroundings);
  const Result<void> done = work(session);
  if (done) return ExitCode::kOk;
  surroundings.err << "tarn: " << done.error().message << '\n';
  return exit_code_of(done.error().code);
}

}  // namespace tarn::apps
