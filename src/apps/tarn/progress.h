#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace tarn::apps {

/// One line that says how far a transfer is, drawn over itself ten times a second at most. Draws nothing when the
/// stream is no terminal. Not thread-safe.
class ProgressBar {
 public:
  /// `total_bytes`: nothing when not known before. `stream` must outlive the bar.
  ProgressBar(std::FILE* stream, std::string label, std::optional<std::uint64_t> total_bytes);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  /// Removes the line.
  ~ProgressBar();

  void advance(std::uint64_t bytes);

 private:
  std::FILE* stream_;
  const std::string label_;
  const std::optional<std::uint64_t> total_bytes_;
  const bool is_shown_;
  std::uint64_t done_bytes_ = 0;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point drawn_;
};

/// The line: "flights.parquet  [########            ]  42%  12 MiB of 28 MiB, 103 MiB/s".
std::string progress_line(const std::string& label, std::uint64_t done_bytes, std::optional<std::uint64_t> total_bytes,
                          std::chrono::duration<double> elapsed);

}  // namespace tarn::apps
