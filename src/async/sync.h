#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "async/deadline.h"
#include "async/task.h"

namespace tarn::async {

/// A flag that coroutines wait for. Thread-safe. Once set it stays set.
class Event {
 public:
  Event();
  ~Event();
  void set();
  bool is_set() const;
  /// True once set; false when the deadline passed before.
  asio::awaitable<bool> wait(Deadline deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the waiters' timers, which may outlive the event's owner for a moment
};

/// A counting semaphore for coroutines: bounds what runs at once. First come, first served. Thread-safe.
class Semaphore {
 public:
  explicit Semaphore(std::size_t permits);
  ~Semaphore();

  /// Gives its permit back when it goes.
  class Permit {
   public:
    Permit() = default;
    explicit Permit(Semaphore& semaphore) : semaphore_(&semaphore) {}
    Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      release();
      semaphore_ = std::exchange(other.semaphore_, nullptr);
      return *this;
    }
    ~Permit() { release(); }
    void release();

   private:
    Semaphore* semaphore_ = nullptr;
  };

  /// Errors: kDeadlineExceeded when no permit came free in time.
  Task<Permit> acquire(Deadline deadline);
  /// A permit if one is free now and nobody waits.
  std::optional<Permit> try_acquire();

 private:
  friend class Permit;
  void release_one();

  struct Waiter;
  std::mutex mutex_;
  std::size_t free_;
  std::list<std::shared_ptr<Waiter>> waiters_;
};

/// One lock a key, made when wanted and gone when nobody holds or wants it: registers of one name run one after
/// another, others in parallel. First come, first served. Thread-safe.
class KeyedMutex {
 public:
  KeyedMutex();
  ~KeyedMutex();

  class Lock {
   public:
    Lock(KeyedMutex& owner, std::string key, Semaphore::Permit permit);
    Lock(Lock&&) noexcept = default;
    Lock& operator=(Lock&&) = delete;
    ~Lock();

   private:
    struct Release {
      void operator()(KeyedMutex* owner) const;
      std::string key;
    };
    // Order matters: the permit goes back before the entry's use count falls.
    std::unique_ptr<KeyedMutex, Release> owner_;
    Semaphore::Permit permit_;
  };

  /// Errors: kDeadlineExceeded when the lock did not come free in time.
  Task<Lock> lock(std::string key, Deadline deadline);
  /// How many keys are held or wanted now.
  std::size_t size() const;

 private:
  struct Entry;
  void leave(const std::string& key);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<Entry>> entries_;
};

}  // namespace tarn::async
