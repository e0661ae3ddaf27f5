#include "async/deadline.h"

#include <chrono>

#include <gtest/gtest.h>

namespace tarn::async {
namespace {

using namespace std::chrono_literals;

Deadline in_the_past() {
  return Deadline::after(-1ms);
}

TEST(Deadline, TheEarlierWinsAndNeverIsLast) {
  const auto past = in_the_past();

  EXPECT_TRUE(past.has_passed());
  EXPECT_EQ(past.remaining(), 0ns);
  EXPECT_FALSE(Deadline::never().has_passed());
  EXPECT_EQ(earlier(past, Deadline::never()).time(), past.time());
}

}  // namespace
}  // namespace tarn::async
