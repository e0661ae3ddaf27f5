#include "base/metrics.h"

#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn {
namespace {

using testing::HasSubstr;

TEST(Metrics, AreWrittenAsPrometheusText) {
  Metrics metrics;
  metrics.counter("tarn_s3_requests_total", "Requests answered.", {{"op", "PutObject"}}).add(3);
  metrics.counter("tarn_s3_requests_total", "Requests answered.", {{"op", "GetObject"}}).add();
  metrics.gauge("tarn_http_connections_open", "Connections open.").set(-2);

  EXPECT_EQ(metrics.text(),
            "# HELP tarn_http_connections_open Connections open.\n"
            "# TYPE tarn_http_connections_open gauge\n"
            "tarn_http_connections_open -2\n"
            "# HELP tarn_s3_requests_total Requests answered.\n"
            "# TYPE tarn_s3_requests_total counter\n"
            "tarn_s3_requests_total{op=\"GetObject\"} 1\n"
            "tarn_s3_requests_total{op=\"PutObject\"} 3\n");
}

TEST(Metrics, EscapeLabelValues) {
  Metrics metrics;
  metrics.counter("tarn_x_total", "X.", {{"op", "a\"b\n"}});

  EXPECT_THAT(metrics.text(), HasSubstr(R"(tarn_x_total{op="a\"b\n"} 0)"));
}

TEST(Metrics, AnswerTheSameMetricForTheSameNameAndLabels) {
  Metrics metrics;

  Counter& first = metrics.counter("tarn_x_total", "X.", {{"op", "a"}});
  Counter& again = metrics.counter("tarn_x_total", "X.", {{"op", "a"}});
  Counter& other = metrics.counter("tarn_x_total", "X.", {{"op", "b"}});

  EXPECT_EQ(&first, &again);
  EXPECT_NE(&first, &other);
}

TEST(Histogram, CountsCumulativelyWithInclusiveBounds) {
  Metrics metrics;
  Histogram& seconds = metrics.histogram("tarn_x_seconds", "X.", {1, 2});
  for (const double value : {0.5, 1.0, 1.5, 2.0, 99.0}) seconds.observe(value);

  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("tarn_x_seconds_count 5\n"));
  EXPECT_THAT(text, HasSubstr("tarn_x_seconds_sum 104\n"));
  EXPECT_THAT(text, HasSubstr("tarn_x_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("tarn_x_seconds_bucket{le=\"2\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("tarn_x_seconds_bucket{le=\"+Inf\"} 5\n"));
}

TEST(Metrics, LoseNoIncrementOfManyThreads) {
  Metrics metrics;
  Counter& counter = metrics.counter("tarn_x_total", "X.");
  Histogram& histogram = metrics.histogram("tarn_x_seconds", "X.", latency_bounds_seconds());

  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10'000; ++i) {
          counter.add();
          histogram.observe(1);
        }
      });
    }
    EXPECT_FALSE(metrics.text().empty());  // a scrape while they count
  }

  EXPECT_EQ(counter.value(), 40'000U);
  EXPECT_EQ(histogram.sum(), 40'000.0);
}

TEST(MetricsDeathTest, RefuseOneNameOfTwoKindsAndNamesPrometheusDoesNotTake) {
  Metrics metrics;
  metrics.counter("tarn_x_total", "X.");

  EXPECT_DEATH(metrics.gauge("tarn_x_total", "X."), "assertion failed");
  EXPECT_DEATH(metrics.gauge("tarn_x_total", "X.", {{"op", "a"}}), "assertion failed");
  EXPECT_DEATH(metrics.counter("tarn-x", "X."), "assertion failed");
  EXPECT_DEATH(metrics.counter("tarn_y_total", "Y.", {{"a b", "c"}}), "assertion failed");
}

}  // namespace
}  // namespace tarn
