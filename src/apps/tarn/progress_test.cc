#include "apps/tarn/progress.h"

#include <chrono>
#include <cstdio>
#include <memory>

#include <gtest/gtest.h>

namespace tarn::apps {
namespace {

using namespace std::chrono_literals;

TEST(ProgressLine, ShowsPartAndRate) {
  EXPECT_EQ(progress_line("a.parquet", 14ULL << 20, 28ULL << 20, 2s),
            "a.parquet  [##########          ]  50%  14 MiB of 28 MiB, 7.0 MiB/s");
  EXPECT_EQ(progress_line("a", 0, 0, 1s), "a  [####################] 100%  0 B of 0 B, 0 B/s");
  EXPECT_EQ(progress_line("a", 2048, std::nullopt, 1s), "a  2.0 KiB, 2.0 KiB/s");
}

TEST(ProgressBar, DrawsNothingIntoAFile) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);

  {
    ProgressBar bar(file.get(), "a", 10);
    bar.advance(10);
  }

  EXPECT_EQ(std::ftell(file.get()), 0);
}

}  // namespace
}  // namespace tarn::apps
