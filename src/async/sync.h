#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "async/deadline.h"
#include "async/task.h"

namespace tarn::async {

/// A flag that coroutines wait for. Thread-safe. Once set it stays set. May go away while nobody waits.
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
  std::shared_ptr<State> state_;  // shared with waiters, whose wake-ups may still be on the way when the event goes
};

/// A counting semaphore for coroutines: bounds what runs at once. First come, first served. Thread-safe. Outlives its
/// permits.
class Semaphore {
 public:
  explicit Semaphore(std::size_t permits);
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;
  ~Semaphore();

  /// Gives itself back when it goes.
  class Permit {
   public:
    Permit() = default;
    Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      release();
      semaphore_ = std::exchange(other.semaphore_, nullptr);
      return *this;
    }
    ~Permit() { release(); }
    void release();

   private:
    friend class Semaphore;
    explicit Permit(Semaphore& semaphore) : semaphore_(&semaphore) {}
    Semaphore* semaphore_ = nullptr;
  };

  /// Errors: kDeadlineExceeded when no permit came free in time.
  Task<Permit> acquire(Deadline deadline);
  /// A permit if one is free and nobody waits for it.
  std::optional<Permit> try_acquire();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One lock a key, made when wanted and gone when nobody holds or wants it: work on one name runs one after another, on
/// different names in parallel. First come, first served. Thread-safe. Outlives its locks.
class KeyedMutex {
 public:
  KeyedMutex();
  KeyedMutex(const KeyedMutex&) = delete;
  KeyedMutex& operator=(const KeyedMutex&) = delete;
  ~KeyedMutex();

  /// Unlocks when it goes.
  class Lock {
   public:
    Lock(Lock&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)),
          key_(std::move(other.key_)),
          permit_(std::move(other.permit_)) {}
    Lock& operator=(Lock&&) = delete;
    ~Lock();

   private:
    friend class KeyedMutex;
    Lock(KeyedMutex& owner, std::string key, Semaphore::Permit permit)
        : owner_(&owner), key_(std::move(key)), permit_(std::move(permit)) {}
    KeyedMutex* owner_;
    std::string key_;
    Semaphore::Permit permit_;
  };

  /// Errors: kDeadlineExceeded when the lock did not come free in time.
  Task<Lock> lock(std::string key, Deadline deadline);
  /// How many keys are held or wanted now.
  std::size_t size() const;

 private:
  struct Entry {
    Semaphore semaphore{1};
    std::size_t users = 0;  // holders and waiters
  };
  void leave(const std::string& key);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<Entry>> entries_;
};

}  // namespace tarn::async
