#include "apps/tarn/progress.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "apps/tarn/output.h"

namespace tarn::apps {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);
constexpr std::uint64_t kBarCharacters = 20;

}  // namespace

ProgressBar::ProgressBar(std::FILE* stream, std::string label, std::optional<std::uint64_t> total_bytes)
    : stream_(stream),
      label_(std::move(label)),
      total_bytes_(total_bytes),
      is_shown_(isatty(fileno(stream)) == 1),
      started_(std::chrono::steady_clock::now()),
      drawn_(started_) {}

ProgressBar::~ProgressBar() {
  if (is_shown_ && drawn_ != started_) fmt::print(stream_, "\r\x1b[K");
}

void ProgressBar::advance(std::uint64_t bytes) {
  done_bytes_ += bytes;
  const auto now = std::chrono::steady_clock::now();
  if (!is_shown_ || now - drawn_ < kInterval) return;
  drawn_ = now;
  fmt::print(stream_, "\r{}\x1b[K", progress_line(label_, done_bytes_, total_bytes_, now - started_));
  std::fflush(stream_);
}

std::string progress_line(const std::string& label, std::uint64_t done_bytes, std::optional<std::uint64_t> total_bytes,
                          std::chrono::duration<double> elapsed) {
  const double seconds = std::max(elapsed.count(), 0.001);
  const std::string rate = human_bytes(static_cast<std::uint64_t>(static_cast<double>(done_bytes) / seconds)) + "/s";
  if (!total_bytes) return fmt::format("{}  {}, {}", label, human_bytes(done_bytes), rate);
  const double part =
      *total_bytes == 0 ? 1 : std::min(1.0, static_cast<double>(done_bytes) / static_cast<double>(*total_bytes));
  const auto filled = static_cast<std::uint64_t>(part * kBarCharacters);
  return fmt::format("{}  [{:<{}}] {:3.0f}%  {} of {}, {}", label, std::string(filled, '#'), kBarCharacters, part * 100,
                     human_bytes(done_bytes), human_bytes(*total_bytes), rate);
}

}  // namespace tarn::apps
