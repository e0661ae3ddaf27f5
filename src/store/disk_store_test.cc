#include "store/disk_store.h"

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "store/contract_suite.h"

namespace tarn::store {
namespace {

struct DiskStoreSubject {
  static constexpr bool kKeepsTagsAndChecksums = true;

  explicit DiskStoreSubject(async::Runtime&) {
    auto opened = DiskStore::open({.folder = folder_}, pool_, clock_, random_, metrics_);
    EXPECT_TRUE(opened) << to_string(opened.error());
    store_ = *std::move(opened);
  }
  ~DiskStoreSubject() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  BucketStore& store() { return *store_; }

  std::string folder_ = testing::TempDir() + "store-x";
  SystemClock clock_;
  SystemRandom random_;
  Metrics metrics_;
  async::ThreadPool pool_{"disk", 4};
  std::unique_ptr<DiskStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(DiskStore, BucketStoreContract, DiskStoreSubject);

}  // namespace
}  // namespace tarn::store
