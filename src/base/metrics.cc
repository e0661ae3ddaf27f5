#include "base/metrics.h"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <sstream>
#include <variant>

#include <prometheus/check_names.h>
#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "base/result.h"

namespace tarn {
namespace {

using Metric = std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>>;

struct Family {
  std::string help;
  std::map<MetricLabels, Metric> metrics;
};

void snapshot(const std::unique_ptr<Counter>& counter, prometheus::MetricFamily& family,
              prometheus::ClientMetric& out) {
  family.type = prometheus::MetricType::Counter;
  out.counter.value = static_cast<double>(counter->value());
}

void snapshot(const std::unique_ptr<Gauge>& gauge, prometheus::MetricFamily& family, prometheus::ClientMetric& out) {
  family.type = prometheus::MetricType::Gauge;
  out.gauge.value = static_cast<double>(gauge->value());
}

void snapshot(const std::unique_ptr<Histogram>& histogram, prometheus::MetricFamily& family,
              prometheus::ClientMetric& out) {
  family.type = prometheus::MetricType::Histogram;
  const auto& bounds = histogram->upper_bounds();
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    cumulative += histogram->bucket_count(i);
    const double bound = i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity();
    out.histogram.bucket.push_back({.cumulative_count = cumulative, .upper_bound = bound});
  }
  out.histogram.sample_count = cumulative;
  out.histogram.sample_sum = histogram->sum();
}

}  // namespace

Histogram::Histogram(std::vector<double> upper_bounds)
    : upper_bounds_(std::move(upper_bounds)),
      buckets_(std::make_unique<std::atomic<std::uint64_t>[]>(upper_bounds_.size() + 1)) {
  TARN_ASSERT(std::is_sorted(upper_bounds_.begin(), upper_bounds_.end()));
}

void Histogram::observe(double value) {
  const auto bucket = std::lower_bound(upper_bounds_.begin(), upper_bounds_.end(), value) - upper_bounds_.begin();
  buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<double> latency_bounds_seconds() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}

struct Metrics::Registry {
  mutable std::mutex mutex;
  std::map<std::string, Family> families;

  template <class T, class... Arguments>
  T& find_or_make(std::string name, std::string help, MetricLabels labels, Arguments&&... arguments) {
    TARN_ASSERT(prometheus::CheckMetricName(name));
    for (const auto& label : labels) TARN_ASSERT(prometheus::CheckLabelName(label.first));
    const std::lock_guard lock(mutex);
    Family& family = families.try_emplace(std::move(name), Family{std::move(help), {}}).first->second;
    auto metric = family.metrics.find(labels);
    if (metric == family.metrics.end()) {
      metric =
          family.metrics.emplace(std::move(labels), std::make_unique<T>(std::forward<Arguments>(arguments)...)).first;
    }
    auto* const made = std::get_if<std::unique_ptr<T>>(&metric->second);
    TARN_ASSERT(made != nullptr &&
                family.metrics.begin()->second.index() == metric->second.index());  // one kind a name
    return **made;
  }
};

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string name, std::string help, MetricLabels labels) {
  return registry_->find_or_make<Counter>(std::move(name), std::move(help), std::move(labels));
}

Gauge& Metrics::gauge(std::string name, std::string help, MetricLabels labels) {
  return registry_->find_or_make<Gauge>(std::move(name), std::move(help), std::move(labels));
}

Histogram& Metrics::histogram(std::string name, std::string help, std::vector<double> upper_bounds,
                              MetricLabels labels) {
  return registry_->find_or_make<Histogram>(std::move(name), std::move(help), std::move(labels),
                                            std::move(upper_bounds));
}

std::string Metrics::text() const {
  std::vector<prometheus::MetricFamily> families;
  {
    const std::lock_guard lock(registry_->mutex);
    for (const auto& [name, family] : registry_->families) {
      prometheus::MetricFamily& out = families.emplace_back();
      out.name = name;
      out.help = family.help;
      for (const auto& [labels, metric] : family.metrics) {
        prometheus::ClientMetric& sample = out.metric.emplace_back();
        for (const auto& [label, value] : labels) sample.label.push_back({.name = label, .value = value});
        std::visit([&](const auto& kind) { snapshot(kind, out, sample); }, metric);
      }
    }
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return std::move(text).str();
}

}  // namespace tarn
