#include "store/faulty_store.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "async/sync.h"

namespace tarn::store {
namespace {

std::string_view name_of(StoreCall call) {
  switch (call) {
    case StoreCall::kPut:
      return "put";
    case StoreCall::kGet:
      return "get";
    case StoreCall::kHead:
      return "head";
    case StoreCall::kRemove:
      return "remove";
    case StoreCall::kList:
      return "list";
  }
  return "call";
}

}  // namespace

struct FaultyStore::State {
  struct Script {
    StoreCall call;
    Fault fault;
    std::size_t count;
    std::string key_prefix;
  };
  struct LatePut {
    ObjectKey key;
    Bytes body;
    PutCondition condition;
  };
  struct LateRemove {
    ObjectKey key;
  };
  /// A write that was sent and has not landed; exactly one of the two is there.
  struct Late {
    std::optional<LatePut> put;
    std::optional<LateRemove> remove;
  };

  explicit State(ObjectStore& inner_store) : inner(inner_store) {}

  /// Counts the call and says which fault it suffers.
  std::optional<Fault> begin(StoreCall call, std::string_view key) {
    const std::lock_guard lock(mutex);
    ++counts[static_cast<std::size_t>(call)];
    const auto script =
        std::ranges::find_if(scripts, [&](const Script& s) { return s.call == call && key.starts_with(s.key_prefix); });
    if (script == scripts.end()) return std::nullopt;
    const Fault fault = script->fault;
    if (--script->count == 0) scripts.erase(script);
    return fault;
  }

  Task<void> block(std::string what, Deadline deadline) {
    std::shared_ptr<async::Event> released;
    {
      const std::lock_guard lock(mutex);
      released = gate;
      ++blocked;
    }
    changed.notify_all();
    const bool was_released = co_await released->wait(deadline);
    {
      const std::lock_guard lock(mutex);
      --blocked;
    }
    if (!was_released) co_return failure(ErrorCode::kDeadlineExceeded, what + ": the deadline passed while it waited");
    co_return Result<void>();
  }

  /// What comes before the store is reached. Errors: the answer, if the fault keeps the call from it.
  Task<void> before(StoreCall call, std::string what, std::optional<Fault> fault, Deadline deadline) {
    what = std::string(name_of(call)) + " " + what;
    const bool is_write = call == StoreCall::kPut || call == StoreCall::kRemove;
    if (fault == Fault::kBlock) co_return co_await block(std::move(what), deadline);
    if (fault == Fault::kFailBefore) co_return failure(ErrorCode::kUnavailable, what + ": injected: never sent");
    if (fault == Fault::kDeny) co_return failure(ErrorCode::kPermissionDenied, what + ": injected: denied");
    if (fault == Fault::kLoseRequest) {
      co_return failure(is_write ? ErrorCode::kOutcomeUnknown : ErrorCode::kUnavailable,
                        what + ": injected: the request was lost");
    }
    co_return Result<void>();
  }

  std::unexpected<Error> lost_answer(StoreCall call, const std::string& what) {
    const bool is_write = call == StoreCall::kPut || call == StoreCall::kRemove;
    return failure(is_write ? ErrorCode::kOutcomeUnknown : ErrorCode::kUnavailable,
                   std::string(name_of(call)) + " " + what + ": injected: the answer was lost");
  }

  std::unexpected<Error> lands_late(StoreCall call, const std::string& what, Late write) {
    const std::lock_guard lock(mutex);
    late.push_back(std::move(write));
    return failure(ErrorCode::kOutcomeUnknown,
                   std::string(name_of(call)) + " " + what + ": injected: sent, and not answered yet");
  }

  ObjectStore& inner;
  std::mutex mutex;
  std::condition_variable changed;  // `blocked` grew
  std::deque<Script> scripts;
  std::deque<Late> late;
  std::array<std::size_t, 5> counts{};
  std::size_t blocked = 0;
  /// Shared with the calls that wait for it; release() sets it and puts a new one here for later calls.
  std::shared_ptr<async::Event> gate = std::make_shared<async::Event>();
};

FaultyStore::FaultyStore(ObjectStore& inner) : state_(std::make_unique<State>(inner)) {}
FaultyStore::~FaultyStore() = default;

void FaultyStore::inject(StoreCall call, Fault fault, std::size_t count, std::string key_prefix) {
  TARN_ASSERT(count > 0);
  TARN_ASSERT(fault != Fault::kLandLate || call == StoreCall::kPut || call == StoreCall::kRemove);
  const std::lock_guard lock(state_->mutex);
  state_->scripts.push_back({.call = call, .fault = fault, .count = count, .key_prefix = std::move(key_prefix)});
}

void FaultyStore::heal() {
  const std::lock_guard lock(state_->mutex);
  state_->scripts.clear();
}

bool FaultyStore::wait_until_blocked(std::size_t count, Deadline deadline) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_until(lock, deadline.time(), [&] { return state_->blocked >= count; });
}

void FaultyStore::release() {
  std::shared_ptr<async::Event> gate;
  {
    const std::lock_guard lock(state_->mutex);
    gate = std::exchange(state_->gate, std::make_shared<async::Event>());
  }
  gate->set();
}

std::size_t FaultyStore::late_count() const {
  const std::lock_guard lock(state_->mutex);
  return state_->late.size();
}

Task<std::vector<Result<std::string>>> FaultyStore::land_late() {
  std::deque<State::Late> late;
  {
    const std::lock_guard lock(state_->mutex);
    late = std::exchange(state_->late, {});
  }
  std::vector<Result<std::string>> outcomes;
  for (State::Late& write : late) {
    if (write.put) {
      auto put = co_await state_->inner.put(std::move(write.put->key), std::move(write.put->body),
                                            std::move(write.put->condition), Deadline::never());
      outcomes.push_back(std::move(put));
    } else {
      auto removed = co_await state_->inner.remove(std::move(write.remove->key), Deadline::never());
      if (removed) {
        outcomes.emplace_back(std::string());
      } else {
        outcomes.push_back(std::unexpected(std::move(removed).error()));
      }
    }
  }
  co_return outcomes;
}

std::size_t FaultyStore::count(StoreCall call) const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts[static_cast<std::size_t>(call)];
}

Task<std::string> FaultyStore::put(ObjectKey key, Bytes body, PutCondition condition, Deadline deadline) {
  const auto fault = state_->begin(StoreCall::kPut, key.key);
  const std::string path = key.path();
  TARN_CO_TRY_VOID(co_await state_->before(StoreCall::kPut, path, fault, deadline));
  if (fault == Fault::kLandLate) {
    State::LatePut write{.key = std::move(key), .body = std::move(body), .condition = std::move(condition)};
    co_return state_->lands_late(StoreCall::kPut, path, {.put = std::move(write), .remove = {}});
  }
  auto put = co_await state_->inner.put(std::move(key), std::move(body), std::move(condition), deadline);
  if (fault == Fault::kLoseAnswer) co_return state_->lost_answer(StoreCall::kPut, path);
  co_return put;
}

Task<ObjectReader> FaultyStore::get(ObjectKey key, ByteRange range, Deadline deadline) {
  const auto fault = state_->begin(StoreCall::kGet, key.key);
  const std::string path = key.path();
  TARN_CO_TRY_VOID(co_await state_->before(StoreCall::kGet, path, fault, deadline));
  auto reader = co_await state_->inner.get(std::move(key), range, deadline);
  if (fault == Fault::kLoseAnswer) co_return state_->lost_answer(StoreCall::kGet, path);
  co_return reader;
}

Task<ObjectSummary> FaultyStore::head(ObjectKey key, Deadline deadline) {
  const auto fault = state_->begin(StoreCall::kHead, key.key);
  const std::string path = key.path();
  TARN_CO_TRY_VOID(co_await state_->before(StoreCall::kHead, path, fault, deadline));
  auto summary = co_await state_->inner.head(std::move(key), deadline);
  if (fault == Fault::kLoseAnswer) co_return state_->lost_answer(StoreCall::kHead, path);
  co_return summary;
}

Task<void> FaultyStore::remove(ObjectKey key, Deadline deadline) {
  const auto fault = state_->begin(StoreCall::kRemove, key.key);
  const std::string path = key.path();
  TARN_CO_TRY_VOID(co_await state_->before(StoreCall::kRemove, path, fault, deadline));
  if (fault == Fault::kLandLate) {
    State::LateRemove write{.key = std::move(key)};
    co_return state_->lands_late(StoreCall::kRemove, path, {.put = {}, .remove = std::move(write)});
  }
  auto removed = co_await state_->inner.remove(std::move(key), deadline);
  if (fault == Fault::kLoseAnswer) co_return state_->lost_answer(StoreCall::kRemove, path);
  co_return removed;
}

Task<ListPage> FaultyStore::list(std::string bucket, ListQuery query, Deadline deadline) {
  const auto fault = state_->begin(StoreCall::kList, query.prefix);
  const std::string path = bucket + "/" + query.prefix;
  TARN_CO_TRY_VOID(co_await state_->before(StoreCall::kList, path, fault, deadline));
  auto page = co_await state_->inner.list(std::move(bucket), std::move(query), deadline);
  if (fault == Fault::kLoseAnswer) co_return state_->lost_answer(StoreCall::kList, path);
  co_return page;
}

}  // namespace tarn::store
