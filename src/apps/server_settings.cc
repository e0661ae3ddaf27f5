#include "apps/server_settings.h"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "base/clock.h"

namespace tarn::apps {
namespace {

constexpr std::size_t kMostThreads = 256;

}  // namespace

ServerSettings::ServerSettings() : threads(std::max(1U, std::thread::hardware_concurrency())) {}

void add_server_settings(std::vector<Setting>& settings, ServerSettings& server) {
  settings.push_back(setting("threads", server.threads, "N", "I/O threads"));
  settings.push_back(
      setting("max_connections", server.max_connections, "N", "Connections at once, on each address; more get a 503"));
  settings.push_back(
      setting("log_level", server.log_level, "LEVEL", "Least level that is logged: debug, info, warning, error"));
  settings.push_back(setting("log_format", server.log_format, "FORMAT",
                             "Log lines as text or json; text on a terminal and json otherwise if not set"));
  settings.push_back(
      setting("access_log", server.access_log, "", "Log every request, not only those that fail by our fault"));
}

void add_credentials_settings(std::vector<Setting>& settings, GivenCredentials& given) {
  settings.push_back(setting("credentials", given.file, "FILE",
                             "TOML file with [admin] and [data], as a store's own credentials.toml"));
  settings.push_back(setting("access_key_id", given.access_key_id, "ID", "Access key id of admin"));
  settings.push_back(setting("secret_access_key", given.secret_access_key, "KEY", "Secret of admin").secret());
  settings.push_back(setting("data_access_key_id", given.data_access_key_id, "ID",
                             "Access key id of data: everything but the catalog's own"));
  settings.push_back(setting("data_secret_access_key", given.data_secret_access_key, "KEY", "Secret of data").secret());
}

Result<void> listening_by(std::string_view flag, Result<void> started) {
  if (!started) started.error().message.append("; choose another address with ").append(flag);
  return started;
}

ExitCode run_server(std::string_view program, const ServerSettings& settings,
                    const std::function<Result<void>(StopSignals& signals, Logger& log)>& serve) {
  if (settings.threads == 0 || settings.threads > kMostThreads) {
    std::fprintf(stderr, "%.*s: threads: expected 1 to %zu\n", static_cast<int>(program.size()), program.data(),
                 kMostThreads);
    return ExitCode::kUsage;
  }
  StopSignals signals;  // before the first thread
  const SystemClock clock;
  Result<void> served;
  {
    LineLogger log(
        stderr, clock,
        {.format = settings.log_format.value_or(log_format_of_standard_error()), .min_level = settings.log_level});
    served = serve(signals, log);
  }
  if (served) return ExitCode::kOk;
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(program.size()), program.data(), served.error().message.c_str());
  return ExitCode::kFailed;
}

}  // namespace tarn::apps
