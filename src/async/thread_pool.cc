#include "async/thread_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace tarn::async {

struct ThreadPool::Impl {
  std::string name;
  std::size_t max_queued = 0;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::move_only_function<void()>> queue;
  bool is_closing = false;
  std::vector<std::thread> threads;

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return is_closing || !queue.empty(); });
      if (queue.empty()) return;
      auto job = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      job();
      job = nullptr;  // what it owns goes before the next wait, not after
      lock.lock();
    }
  }
};

ThreadPool::ThreadPool(std::string name, std::size_t threads, std::size_t max_queued)
    : impl_(std::make_unique<Impl>()) {
  TARN_ASSERT(threads >= 1 && max_queued >= 1);
  impl_->name = std::move(name);
  impl_->max_queued = max_queued;
  for (std::size_t i = 0; i < threads; ++i) impl_->threads.emplace_back([impl = impl_.get()] { impl->work(); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->is_closing = true;
  }
  impl_->changed.notify_all();
  for (auto& thread : impl_->threads) thread.join();
}

bool ThreadPool::try_submit(std::move_only_function<void()> job) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->is_closing || impl_->queue.size() >= impl_->max_queued) return false;
    impl_->queue.push_back(std::move(job));
  }
  impl_->changed.notify_one();
  return true;
}

const std::string& ThreadPool::name() const {
  return impl_->name;
}

}  // namespace tarn::async
