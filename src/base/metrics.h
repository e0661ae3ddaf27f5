#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn {

/// Counts up. One relaxed atomic addition; thread-safe.
class Counter {
 public:
  void add(std::uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down: connections, bytes held, queue lengths. Thread-safe.
class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Counts observations by size. Lock-free and thread-safe; a scrape during an observation may see its count without
/// its sum.
class Histogram {
 public:
  /// Upper bounds (inclusive), ascending; what exceeds the last is counted too.
  explicit Histogram(std::vector<double> upper_bounds);

  void observe(double value);

  const std::vector<double>& upper_bounds() const { return upper_bounds_; }
  /// Observations in bucket `index` alone; one bucket more than bounds.
  std::uint64_t bucket_count(std::size_t index) const { return buckets_[index].load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> upper_bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;
  std::atomic<double> sum_{0};
};

/// Bounds for request times in seconds: 100 µs to 30 s.
std::vector<double> latency_bounds_seconds();

/// Label names and values, a bounded number of them: an operation or a status, never a key or an id.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// All metrics of a program. A module owns one struct of references into it, made once at its start:
///
///   struct StoreMetrics {
///     explicit StoreMetrics(Metrics& metrics)
///         : put_bytes(metrics.counter("tarn_store_put_bytes_total", "Bytes of bodies stored.")) {}
///     Counter& put_bytes;
///   };
///
/// Names are `tarn_<module>_<thing>_<unit>`, counters end in `_total`. Asking again for the same name and labels
/// answers the same metric; a name has one kind. References live as long as the registry. Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter& counter(std::string name, std::string help, MetricLabels labels = {});
  Gauge& gauge(std::string name, std::string help, MetricLabels labels = {});
  Histogram& histogram(std::string name, std::string help, std::vector<double> upper_bounds, MetricLabels labels = {});

  /// Prometheus text exposition format 0.0.4, families in order of name; serve it as `kContentType`.
  std::string text() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Registry;
  std::unique_ptr<Registry> registry_;
};

}  // namespace tarn
