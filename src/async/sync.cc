#include "async/sync.h"

#include <algorithm>
#include <list>
#include <vector>

#include <boost/asio/this_coro.hpp>

#include "async/waiter_internal.h"

namespace tarn::async {

struct Event::State {
  std::mutex mutex;
  bool is_set = false;
  std::vector<std::shared_ptr<Waiter>> waiters;
};

Event::Event() : state_(std::make_shared<State>()) {}
Event::~Event() = default;

void Event::set() {
  std::vector<std::shared_ptr<Waiter>> waiters;
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_set = true;
    waiters.swap(state_->waiters);
  }
  for (const auto& waiter : waiters) waiter->notify();
}

bool Event::is_set() const {
  const std::lock_guard lock(state_->mutex);
  return state_->is_set;
}

asio::awaitable<bool> Event::wait(Deadline deadline) {
  const auto state = state_;
  const auto executor = co_await asio::this_coro::executor;
  std::shared_ptr<Waiter> waiter;
  {
    const std::lock_guard lock(state->mutex);
    if (state->is_set) co_return true;
    waiter = Waiter::create(executor);
    state->waiters.push_back(waiter);
  }
  if (co_await waiter->wait(deadline)) co_return true;
  const std::lock_guard lock(state->mutex);
  std::erase(state->waiters, waiter);
  co_return state->is_set;
}

struct Semaphore::State {
  struct Queued {
    std::shared_ptr<Waiter> waiter;
    bool is_granted = false;
  };
  std::mutex mutex;
  std::size_t free = 0;
  std::list<Queued*> queue;  // each lives in its acquire()'s frame
};

Semaphore::Semaphore(std::size_t permits) : state_(std::make_unique<State>()) {
  state_->free = permits;
}

Semaphore::~Semaphore() = default;

Task<Semaphore::Permit> Semaphore::acquire(Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  State::Queued queued;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->free > 0 && state_->queue.empty()) {
      --state_->free;
      co_return Permit(*this);
    }
    queued.waiter = Waiter::create(executor);
    state_->queue.push_back(&queued);
  }
  (void)co_await queued.waiter->wait(deadline);
  const std::lock_guard lock(state_->mutex);
  // A permit granted in the same moment as the deadline passed is ours: refusing it would lose it.
  if (queued.is_granted) co_return Permit(*this);
  state_->queue.remove(&queued);
  co_return failure(ErrorCode::kDeadlineExceeded, "timed out waiting for a turn");
}

std::optional<Semaphore::Permit> Semaphore::try_acquire() {
  const std::lock_guard lock(state_->mutex);
  if (state_->free == 0 || !state_->queue.empty()) return std::nullopt;
  --state_->free;
  return Permit(*this);
}

void Semaphore::Permit::release() {
  Semaphore* const semaphore = std::exchange(semaphore_, nullptr);
  if (semaphore == nullptr) return;
  std::shared_ptr<Waiter> granted;
  {
    State& state = *semaphore->state_;
    const std::lock_guard lock(state.mutex);
    if (state.queue.empty()) {
      ++state.free;
      return;
    }
    State::Queued& first = *state.queue.front();
    state.queue.pop_front();
    first.is_granted = true;
    granted = first.waiter;
  }
  granted->notify();
}

KeyedMutex::KeyedMutex() = default;
KeyedMutex::~KeyedMutex() = default;

Task<KeyedMutex::Lock> KeyedMutex::lock(std::string key, Deadline deadline) {
  Entry* entry = nullptr;
  {
    const std::lock_guard lock(mutex_);
    auto& slot = entries_[key];
    if (!slot) slot = std::make_unique<Entry>();
    entry = slot.get();
    ++entry->users;
  }
  auto permit = co_await entry->semaphore.acquire(deadline);
  if (!permit) {
    leave(key);
    co_return std::move(permit).error().while_doing("lock " + key);
  }
  co_return Lock(*this, std::move(key), *std::move(permit));
}

void KeyedMutex::leave(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  TARN_ASSERT(found != entries_.end());
  if (--found->second->users == 0) entries_.erase(found);
}

KeyedMutex::Lock::~Lock() {
  if (owner_ == nullptr) return;
  permit_.release();
  owner_->leave(key_);
}

std::size_t KeyedMutex::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace tarn::async
