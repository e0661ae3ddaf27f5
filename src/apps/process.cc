#include "apps/process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <system_error>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace tarn::apps {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = stop_signals();
  TARN_ASSERT(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  signal_descriptor_ = signalfd(-1, &set, SFD_CLOEXEC);
  event_descriptor_ = eventfd(0, EFD_CLOEXEC);
  TARN_ASSERT(signal_descriptor_ >= 0 && event_descriptor_ >= 0);
}

StopSignals::~StopSignals() {
  close(signal_descriptor_);
  close(event_descriptor_);
}

void StopSignals::wait() {
  std::array<pollfd, 2> descriptors = {{{signal_descriptor_, POLLIN, 0}, {event_descriptor_, POLLIN, 0}}};
  while (poll(descriptors.data(), descriptors.size(), -1) < 0) TARN_ASSERT(errno == EINTR);
  if ((descriptors[0].revents & POLLIN) != 0) {
    signalfd_siginfo taken{};
    TARN_ASSERT(read(signal_descriptor_, &taken, sizeof(taken)) == sizeof(taken));
  }
  // Whoever asks twice does not want to wait for what still runs.
  const sigset_t set = stop_signals();
  TARN_ASSERT(pthread_sigmask(SIG_UNBLOCK, &set, nullptr) == 0);
}

void StopSignals::request_stop() {
  const std::uint64_t one = 1;
  TARN_ASSERT(write(event_descriptor_, &one, sizeof(one)) == sizeof(one));
}

void print_ready(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string line = "ready";
  for (const auto& [key, value] : fields) line += fmt::format(" {}={}", key, value);
  fmt::print(stdout, "{}\n", line);
  std::fflush(stdout);
}

LogFormat log_format_of_standard_error() {
  return isatty(STDERR_FILENO) == 1 ? LogFormat::kText : LogFormat::kJson;
}

Result<void> prepare_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return failure(ErrorCode::kUnavailable, fmt::format("cannot make the folder {}: {}; choose another with --data",
                                                        folder.string(), error.message()));
  }
  if (access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    return failure(ErrorCode::kUnavailable, fmt::format("cannot write to the folder {}: {}; give this user the right "
                                                        "to, or choose another with --data",
                                                        folder.string(), std::strerror(errno)));
  }
  return {};
}

}  // namespace tarn::apps
