#include "base/log.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>

#include "base/encoding.h"

namespace tarn {
namespace {

constexpr std::size_t kQueuedLines = 8192;

/// A number, a truth value or a quoted text, as JSON writes them.
std::string to_json(const LogField& field) {
  return std::visit(
      [](auto value) -> std::string {
        using T = decltype(value);
        if constexpr (std::is_same_v<T, std::string_view>) {
          return json_quote(value);
        } else if constexpr (std::is_same_v<T, double>) {
          return std::isfinite(value) ? fmt::format("{}", value) : "null";
        } else {
          return fmt::format("{}", value);
        }
      },
      field.value);
}

/// Text that needs no quotes to be told from what stands around it.
bool is_plain(std::string_view text) {
  return !text.empty() && is_valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\' || c == '\x7f';
  });
}

std::string to_text(const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text != nullptr && is_plain(*text) ? std::string(*text) : to_json(field);
}

/// Writes lines as they come, and says how many the queue dropped. Used by the pool's one thread only.
class StreamSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  StreamSink(std::FILE* stream, const Clock& clock, LogFormat format)
      : stream_(stream), clock_(clock), format_(format) {}
  StreamSink(const StreamSink&) = delete;
  StreamSink& operator=(const StreamSink&) = delete;
  ~StreamSink() override { write_out(); }

  void watch(spdlog::details::thread_pool& pool) { pool_ = &pool; }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (const std::size_t dropped = pool_->overrun_counter(); dropped != reported_) {
      const std::array<LogField, 1> fields = {LogField("lines", dropped - reported_)};
      write_line(format_log_line(format_, clock_.now(), LogLevel::kWarning, "log lines dropped", fields));
      reported_ = dropped;
    }
    write_line({message.payload.data(), message.payload.size()});
    // A line that others wait behind is written with them.
    if (pool_->queue_size() == 0 || lines_.size() > kMostBuffered) write_out();
  }

  void flush_() override { write_out(); }

 private:
  void write_line(std::string_view line) { lines_.append(line).push_back('\n'); }

  void write_out() {
    std::fwrite(lines_.data(), 1, lines_.size(), stream_);
    std::fflush(stream_);
    lines_.clear();
  }

  static constexpr std::size_t kMostBuffered = 64 * 1024;

  std::FILE* stream_;
  const Clock& clock_;
  const LogFormat format_;
  spdlog::details::thread_pool* pool_ = nullptr;
  std::size_t reported_ = 0;
  std::string lines_;  // not written yet: standard error has no buffer of its own
};

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

std::string format_log_line(LogFormat format, Timestamp time, LogLevel level, std::string_view event,
                            std::span<const LogField> fields) {
  std::string line;
  const auto out = std::back_inserter(line);
  if (format == LogFormat::kText) {
    fmt::format_to(out, "{} {} ", to_rfc3339(time), to_string(level));
    // The event is a few words of ours; what a client could have put into it is escaped all the same.
    const std::string quoted = json_quote(event);
    line.append(quoted, 1, quoted.size() - 2);
    for (const LogField& field : fields) fmt::format_to(out, " {}={}", field.key, to_text(field));
    return line;
  }
  fmt::format_to(out, R"({{"time":"{}","level":"{}","event":{})", to_rfc3339(time), to_string(level),
                 json_quote(event));
  for (const LogField& field : fields) fmt::format_to(out, ",{}:{}", json_quote(field.key), to_json(field));
  line.push_back('}');
  return line;
}

struct LineLogger::Queue {
  Queue(std::FILE* stream, const Clock& clock, LogFormat format)
      // Shared because spdlog says so: the pool holds the logger while a line of it is queued.
      : pool(std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1)) {
    auto sink = std::make_shared<StreamSink>(stream, clock, format);
    sink->watch(*pool);
    logger = std::make_shared<spdlog::async_logger>("tarn", std::move(sink), pool,
                                                    spdlog::async_overflow_policy::overrun_oldest);
    logger->set_level(spdlog::level::trace);
  }

  std::shared_ptr<spdlog::async_logger> logger;
  std::shared_ptr<spdlog::details::thread_pool>
      pool;  // its end, before the sink's, empties the queue and joins the thread
};

LineLogger::LineLogger(std::FILE* stream, const Clock& clock, LineLoggerOptions options)
    : clock_(clock), options_(options), queue_(std::make_unique<Queue>(stream, clock, options.format)) {}

LineLogger::~LineLogger() = default;

void LineLogger::write(LogLevel level, std::string_view event, std::span<const LogField> fields) {
  const std::string line = format_log_line(options_.format, clock_.now(), level, event, fields);
  queue_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace tarn
