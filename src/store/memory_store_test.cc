#include "store/memory_store.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "store/contract_suite.h"

namespace tarn::store {
namespace {

struct MemoryStoreSubject {
  static constexpr bool kKeepsTagsAndChecksums = true;

  explicit MemoryStoreSubject(async::Runtime&) {}
  BucketStore& store() { return store_; }

  SystemClock clock_;
  MemoryStore store_{clock_};
};

INSTANTIATE_TYPED_TEST_SUITE_P(MemoryStore, BucketStoreContract, MemoryStoreSubject);

}  // namespace
}  // namespace tarn::store
