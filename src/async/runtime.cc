#include "async/runtime.h"

#include <atomic>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace tarn::async {
namespace {

/// One event loop and its thread.
struct Loop {
  // One thread runs it, which lets Asio skip some wake-ups; posting from other threads stays safe.
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard = asio::make_work_guard(context);
  std::thread thread;
};

}  // namespace

struct Runtime::Impl {
  std::vector<std::unique_ptr<Loop>> loops;
  std::atomic<std::size_t> next{0};
};

Runtime::Runtime(std::size_t threads) : impl_(std::make_unique<Impl>()) {
  TARN_ASSERT(threads >= 1);
  for (std::size_t i = 0; i < threads; ++i) {
    auto loop = std::make_unique<Loop>();
    loop->thread = std::thread([&context = loop->context] { context.run(); });
    impl_->loops.push_back(std::move(loop));
  }
}

Runtime::~Runtime() {
  for (const auto& loop : impl_->loops) loop->context.stop();
  for (const auto& loop : impl_->loops) loop->thread.join();
}

std::size_t Runtime::thread_count() const {
  return impl_->loops.size();
}

asio::any_io_executor Runtime::executor() {
  return executor(impl_->next.fetch_add(1, std::memory_order_relaxed) % impl_->loops.size());
}

asio::any_io_executor Runtime::executor(std::size_t index) {
  TARN_ASSERT(index < impl_->loops.size());
  return impl_->loops[index]->context.get_executor();
}

void detail::run_blocking(const asio::any_io_executor& executor, asio::awaitable<void> task) {
  std::promise<void> ended;
  asio::co_spawn(executor, std::move(task), [&ended](const std::exception_ptr& escaped) {
    TARN_ASSERT(escaped == nullptr);
    ended.set_value();
  });
  ended.get_future().wait();
}

}  // namespace tarn::async
