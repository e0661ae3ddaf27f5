#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/result.h"

namespace tarn::apps {

/// Catches SIGTERM and SIGINT for an orderly stop. Make one in main before any thread starts: threads inherit that they
/// leave these signals alone. SIGPIPE is ignored: a peer that went away is an error of its socket.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// Blocks until a signal arrives or request_stop() is called; from then on a second signal ends the process at once.
  void wait();
  /// Ends wait() from inside: a server that cannot go on. Thread-safe.
  void request_stop();

 private:
  int signal_descriptor_ = -1;
  int event_descriptor_ = -1;
};

/// The one line on standard output that says a program serves: "ready s3=http://127.0.0.1:9000 ...", flushed at once.
void print_ready(const std::vector<std::pair<std::string, std::string>>& fields);

/// Text when standard error is a terminal, JSON otherwise.
LogFormat log_format_of_standard_error();

/// Makes a server's folder, if absent, and checks that files can be made in it. Errors: kUnavailable naming the folder,
/// the cause and the remedy.
Result<void> prepare_folder(const std::filesystem::path& folder);

}  // namespace tarn::apps
