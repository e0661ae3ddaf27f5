#include <chrono>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "http/expiry_internal.h"

namespace tarn::http {
namespace {

using namespace std::chrono_literals;

class TestItem final : public ExpiryWatch::Item {
 public:
  TestItem(ExpiryWatch& watch, int number, std::vector<int>& expired)
      : Item(watch), number_(number), expired_(expired) {}

 private:
  void on_expired() override { expired_.push_back(number_); }
  int number_;
  std::vector<int>& expired_;
};

class ExpiryWatchTest : public testing::Test {
 protected:
  static ExpiryWatch::TimePoint in(std::chrono::milliseconds duration) {
    return std::chrono::steady_clock::now() + duration;
  }
  asio::io_context context_;
  std::shared_ptr<ExpiryWatch> watch_ = std::make_shared<ExpiryWatch>(context_.get_executor());
  std::vector<int> expired_;
};

TEST_F(ExpiryWatchTest, ItemsExpireInOrderAndOnce) {
  TestItem one(*watch_, 1, expired_);
  TestItem two(*watch_, 2, expired_);
  TestItem never(*watch_, 3, expired_);
  two.expire_at(in(300ms));
  one.expire_at(in(20ms));

  context_.run();  // ends with the last limit

  EXPECT_EQ(expired_, (std::vector<int>{1, 2}));
}

TEST_F(ExpiryWatchTest, AMovedLimitHoldsAsMoved) {
  TestItem later(*watch_, 1, expired_);
  TestItem sooner(*watch_, 2, expired_);
  TestItem lifted(*watch_, 3, expired_);
  later.expire_at(in(20ms));
  later.expire_at(in(400ms));
  sooner.expire_at(in(10s));
  sooner.expire_at(in(40ms));
  lifted.expire_at(in(30ms));
  lifted.expire_never();

  context_.run();

  EXPECT_EQ(expired_, (std::vector<int>{2, 1}));
}

TEST_F(ExpiryWatchTest, AnItemThatHasGoneDoesNotExpire) {
  auto gone = std::make_unique<TestItem>(*watch_, 1, expired_);
  TestItem stays(*watch_, 2, expired_);
  gone->expire_at(in(10ms));
  stays.expire_at(in(20ms));
  gone.reset();

  context_.run();

  EXPECT_EQ(expired_, (std::vector<int>{2}));
}

TEST_F(ExpiryWatchTest, TheWatchMayGoWhileItsTimerIsArmed) {
  {
    TestItem item(*watch_, 1, expired_);
    item.expire_at(in(10ms));
  }
  watch_.reset();

  context_.run();

  EXPECT_TRUE(expired_.empty());
}

}  // namespace
}  // namespace tarn::http
