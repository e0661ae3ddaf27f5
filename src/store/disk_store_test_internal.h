#pragma once

// For the disk store's tests only.

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include "async/test_support.h"
#include "async/thread_pool.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/test_support.h"
#include "store/disk_engine_internal.h"
#include "store/disk_store.h"
#include "store/file_system_internal.h"
#include "store/test_support.h"

namespace tarn::store {

/// The operating system's file system, with faults on command: of appending, syncing, and of the room there is.
/// Thread-safe.
class FaultyFileSystem final : public FileSystem {
 public:
  /// Appends write half of their bytes and fail with this errno; 0: they work.
  std::atomic<int> append_errno{0};
  std::atomic<int> sync_errno{0};
  std::atomic<int> sync_folder_errno{0};
  std::atomic<std::uint64_t> free{1ULL << 40};

  Result<std::unique_ptr<File>> create(const std::string& path) override {
    TARN_TRY(auto file, posix_.create(path));
    return std::make_unique<FaultyFile>(*this, std::move(file), path);
  }
  Result<std::unique_ptr<File>> open(const std::string& path) override { return posix_.open(path); }
  Result<void> remove(const std::string& path) override { return posix_.remove(path); }
  Result<void> make_folder(const std::string& path) override { return posix_.make_folder(path); }
  Result<std::vector<std::string>> list(const std::string& path) override { return posix_.list(path); }
  Result<void> sync_folder(const std::string& path) override {
    if (sync_folder_errno != 0) return system_failure(sync_folder_errno, "sync", path);
    return posix_.sync_folder(path);
  }
  Result<std::uint64_t> free_bytes(const std::string&) override { return free.load(); }

 private:
  class FaultyFile final : public File {
   public:
    FaultyFile(FaultyFileSystem& owner, std::unique_ptr<File> file, std::string path)
        : owner_(owner), file_(std::move(file)), path_(std::move(path)) {}
    Result<void> reserve(std::uint64_t bytes) override { return file_->reserve(bytes); }
    Result<void> append(ByteView bytes) override {
      if (owner_.append_errno == 0) return file_->append(bytes);
      TARN_TRY_VOID(file_->append(bytes.substr(0, bytes.size() / 2)));
      return system_failure(owner_.append_errno, "write", path_);
    }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
      return file_->read_at(offset, into);
    }
    Result<void> sync() override {
      if (owner_.sync_errno != 0) return system_failure(owner_.sync_errno, "sync", path_);
      return file_->sync();
    }

   private:
    FaultyFileSystem& owner_;
    std::unique_ptr<File> file_;
    std::string path_;
  };

  PosixFileSystem posix_;
};

/// What the index's log does when it is synced: counts, waits, fails. Thread-safe.
class LogControl {
 public:
  /// From now on syncs wait.
  void hold() {
    const std::lock_guard lock(mutex_);
    is_held_ = true;
  }
  void release() {
    {
      const std::lock_guard lock(mutex_);
      is_held_ = false;
    }
    changed_.notify_all();
  }
  /// Returns once a sync waits.
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }
  void fail_syncs() { is_failing_ = true; }
  std::size_t syncs() const { return syncs_; }

  /// Called in place of a sync; false: it fails.
  bool pass() {
    std::unique_lock lock(mutex_);
    ++syncs_;
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !is_held_; });
    --waiting_;
    return !is_failing_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false;
  int waiting_ = 0;
  std::atomic<bool> is_failing_{false};
  std::atomic<std::size_t> syncs_{0};
};

/// RocksDB's file system with its log under a LogControl.
class ControlledLogFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit ControlledLogFileSystem(LogControl& control)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()), control_(control) {}
  const char* Name() const override { return "ControlledLogFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> made;
    rocksdb::IOStatus status = target()->NewWritableFile(path, options, &made, debug);
    if (!status.ok()) return status;
    if (path.ends_with(".log")) made = std::make_unique<LogFile>(control_, std::move(made));
    *file = std::move(made);
    return status;
  }

 private:
  class LogFile final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    LogFile(LogControl& control, std::unique_ptr<rocksdb::FSWritableFile> file)
        : rocksdb::FSWritableFileOwnerWrapper(std::move(file)), control_(control) {}
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      if (!control_.pass()) return rocksdb::IOStatus::IOError("injected: the log was not synced");
      return rocksdb::FSWritableFileOwnerWrapper::Sync(options, debug);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      return Sync(options, debug);
    }

   private:
    LogControl& control_;
  };

  LogControl& control_;
};

/// A disk store in a folder of its own, that can be closed and opened again, on a disk that fails on command.
class DiskStoreTest : public testing::Test {
 protected:
  DiskStoreTest() {
    reopen();
    expect_ok(run(store().create_bucket("lake", soon())));
  }
  ~DiskStoreTest() override {
    log_.release();
    store_.reset();
  }

  static Deadline soon() { return async::soon(); }
  static ObjectKey in_lake(std::string key) { return {"lake", std::move(key)}; }
  DiskStore& store() { return *store_; }
  template <class T>
  Result<T> run(Task<T> task) {
    return runtime_.run(std::move(task));
  }

  std::string path() const { return folder_.path() + "/store"; }
  Result<std::unique_ptr<DiskStore>> open(const std::string& path) {
    return open_disk_store({.folder = path}, pool_, clock_, random_, metrics_,
                           {.file_system = &file_system_, .env = env_.get()});
  }
  /// Closes the store and opens `folder`, or its own folder, again.
  void reopen(const std::string& folder = {}) {
    store_.reset();
    auto opened = open(folder.empty() ? path() : folder);
    ASSERT_TRUE(opened) << to_string(opened.error());
    store_ = *std::move(opened);
  }
  /// What a process that is killed now would leave: a copy of the folder as it is.
  std::string crash_copy() {
    const std::string copy = folder_.path() + "/copy-" + std::to_string(++copies_);
    std::filesystem::copy(path(), copy, std::filesystem::copy_options::recursive);
    return copy;
  }
  std::vector<std::string> blob_files(const std::string& store_path) const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(store_path + "/blobs")) {
      if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
    return files;
  }
  /// Waits for what another thread will do soon; the watchdog ends a test where it never comes.
  static void wait_until(const std::function<bool()>& holds) {
    while (!holds()) std::this_thread::yield();
  }

  Result<std::string> put(const std::string& key, Bytes body, PutCondition condition = PutCondition::none()) {
    return run(store().put(in_lake(key), std::move(body), std::move(condition), soon()));
  }
  Result<Bytes> read(const std::string& key) {
    auto object = run(get_bytes(store(), in_lake(key), 64 << 20, soon()));
    if (!object) return std::unexpected(object.error());
    return std::move(object->bytes);
  }
  Result<void> remove(const std::string& key) { return run(store().remove(in_lake(key), soon())); }

  TemporaryFolder folder_;
  SystemClock clock_;
  SystemRandom random_;
  Metrics metrics_;
  DiskStoreMetrics counters_{metrics_};
  FaultyFileSystem file_system_;
  LogControl log_;
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(std::make_shared<ControlledLogFileSystem>(log_));
  async::ThreadPool pool_{"disk", 4};
  async::TestRuntime runtime_{4};
  std::unique_ptr<DiskStore> store_;
  int copies_ = 0;
};

}  // namespace tarn::store
