#pragma once

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"

namespace tarn {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

/// "debug", "info", "warning", "error".
std::string_view to_string(LogLevel level);

/// One key and its value; views, so it lives no longer than the call it is passed to.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  LogField(std::string_view name, const char* text) : key(name), value(std::string_view(text)) {}
  LogField(std::string_view name, const std::string& text) : key(name), value(std::string_view(text)) {}
  LogField(std::string_view name, std::same_as<bool> auto flag) : key(name), value(flag) {}
  LogField(std::string_view name, std::floating_point auto number) : key(name), value(static_cast<double>(number)) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  LogField(std::string_view name, T number) : key(name) {
    if constexpr (std::is_signed_v<T>) {
      value = static_cast<std::int64_t>(number);
    } else {
      value = static_cast<std::uint64_t>(number);
    }
  }
};

/// Writes one structured line an event: `log.info("request", {{"op", "PutObject"}, {"code", 200}, {"ms", 1.25}});`
/// Thread-safe. Never waits for the disk or the terminal.
class Logger {
 public:
  virtual ~Logger() = default;

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kDebug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kInfo, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kWarning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kError, event, fields);
  }

  /// For fields counted at run time.
  void log(LogLevel level, std::string_view event, std::span<const LogField> fields) {
    if (is_enabled(level)) write(level, event, fields);
  }

  /// False when an event of this level would be dropped: saves making costly fields.
  virtual bool is_enabled(LogLevel level) const = 0;

 protected:
  virtual void write(LogLevel level, std::string_view event, std::span<const LogField> fields) = 0;
};

/// Drops everything.
class NullLogger final : public Logger {
 public:
  bool is_enabled(LogLevel) const override { return false; }

 protected:
  void write(LogLevel, std::string_view, std::span<const LogField>) override {}
};

enum class LogFormat : std::uint8_t {
  kText,  ///< 2026-11-23T00:32:06.123456Z info request op=PutObject key="a b" code=200
  kJson,  ///< {"time":"2026-11-23T00:32:06.123456Z","level":"info","event":"request","op":"PutObject","key":"a
          ///< b","code":200}
};

struct LineLoggerOptions {
  LogFormat format = LogFormat::kText;
  LogLevel min_level = LogLevel::kInfo;
};

/// Writes lines to a stream from a thread of its own, through a queue of 8,192 lines. When the stream is slower than
/// the program, the oldest lines are dropped and a line with their number is written. Values are escaped: one event is
/// one line, whatever clients put into a key.
class LineLogger final : public Logger {
 public:
  /// `stream` and `clock` must outlive the logger.
  LineLogger(std::FILE* stream, const Clock& clock, LineLoggerOptions options = {});
  /// Writes out what is queued.
  ~LineLogger() override;

  bool is_enabled(LogLevel level) const override { return level >= options_.min_level; }

 protected:
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override;

 private:
  struct Queue;
  const Clock& clock_;
  const LineLoggerOptions options_;
  std::unique_ptr<Queue> queue_;
};

/// The line without its end, as LineLogger writes it.
std::string format_log_line(LogFormat format, Timestamp time, LogLevel level, std::string_view event,
                            std::span<const LogField> fields);

}  // namespace tarn
