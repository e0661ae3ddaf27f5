#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "apps/credentials.h"
#include "apps/exit_code.h"
#include "apps/process.h"
#include "apps/setting.h"
#include "base/log.h"

namespace tarn::apps {

/// How long a server that was told to stop lets requests finish.
inline constexpr std::chrono::seconds kStopPatience{10};

/// What every server can be told.
struct ServerSettings {
  std::uint64_t threads;  ///< for I/O; the number of CPUs by default
  std::uint64_t max_connections = 1024;
  LogLevel log_level = LogLevel::kInfo;
  std::optional<LogFormat> log_format;  ///< text for a terminal and JSON otherwise
  bool access_log = true;

  ServerSettings();
};

void add_server_settings(std::vector<Setting>& settings, ServerSettings& server);
/// --credentials and the four keys.
void add_credentials_settings(std::vector<Setting>& settings, GivenCredentials& given);

/// What a server answered that was told to listen; an error also says which flag chooses another address.
Result<void> listening_by(std::string_view flag, Result<void> started);

/// Runs a server: `serve` starts it, waits for `signals`, and stops it. Its log goes to standard error. An error it
/// returns is printed in one line; kFailed then.
ExitCode run_server(std::string_view program, const ServerSettings& settings,
                    const std::function<Result<void>(StopSignals& signals, Logger& log)>& serve);

}  // namespace tarn::apps
