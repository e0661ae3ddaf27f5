#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "store/object_store.h"

namespace tarn::store {

/// The calls of an ObjectStore, for scripts and counts.
enum class StoreCall : std::uint8_t { kPut, kGet, kHead, kRemove, kList };

enum class Fault : std::uint8_t {
  kFailBefore,   ///< kUnavailable; the call never reaches the store
  kDeny,         ///< kPermissionDenied, as a store answers a key that may not do this
  kLoseRequest,  ///< kOutcomeUnknown, and nothing was applied; reads: kUnavailable
  kLoseAnswer,   ///< applied, then kOutcomeUnknown; reads: kUnavailable
  kLandLate,     ///< kOutcomeUnknown now; applied, its condition judged, at land_late(). Writes only
  kBlock,        ///< waits for release() before it reaches the store; kDeadlineExceeded when the deadline comes first
};

/// For tests: an ObjectStore that fails as told and passes everything else on to another. Thread-safe.
class FaultyStore final : public ObjectStore {
 public:
  /// `inner` must outlive this store.
  explicit FaultyStore(ObjectStore& inner);
  ~FaultyStore() override;

  /// The next `count` calls of this kind whose key (for list: prefix) begins with `key_prefix` suffer `fault`. Scripts
  /// of one kind are played in the order in which they were given.
  void inject(StoreCall call, Fault fault, std::size_t count = 1, std::string key_prefix = {});
  /// Forgets what was injected and not played yet.
  void heal();

  /// Blocks the calling thread until `count` calls wait for release(). False when `deadline` came first. Not from an
  /// I/O thread.
  bool wait_until_blocked(std::size_t count, Deadline deadline);
  /// Lets go every call that waits now.
  void release();

  /// How many writes have yet to land.
  std::size_t late_count() const;
  /// Applies them in the order in which they were sent. Each one's outcome: the ETag of a put (empty for a remove), or
  /// why the store refused it.
  Task<std::vector<Result<std::string>>> land_late();

  /// How many calls were made, those that failed included.
  std::size_t count(StoreCall call) const;

  Task<std::string> put(ObjectKey key, Bytes body, PutCondition condition, Deadline deadline) override;
  Task<ObjectReader> get(ObjectKey key, ByteRange range, Deadline deadline) override;
  Task<ObjectSummary> head(ObjectKey key, Deadline deadline) override;
  Task<void> remove(ObjectKey key, Deadline deadline) override;
  Task<ListPage> list(std::string bucket, ListQuery query, Deadline deadline) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tarn::store
