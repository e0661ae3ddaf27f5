// What the disk store does when the disk fails, is full, or gives back other bytes than it was given.

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "async/task_group.h"
#include "store/contract_suite.h"
#include "store/disk_store_test_internal.h"

namespace tarn::store {
namespace {

using DiskStoreFaults = DiskStoreTest;

/// Flips one bit of a file.
void flip_bit(const std::string& path, std::uint64_t offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const char byte = static_cast<char>(file.get() ^ 0x10);
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(byte);
  ASSERT_TRUE(file.good());
}

// ------------------------------------------------------------------------------------------------ damaged bytes

TEST_F(DiskStoreFaults, FlippedBitInABlobIsNeverData) {
  const std::uint64_t size = 700'000;
  expect_ok(run(store().put_object(in_lake("a"), std::make_unique<PatternSource>(size), {}, soon())));
  const Bytes whole = pattern_bytes(runtime_, size);
  flip_bit(blob_files(path()).at(0), 600'000);

  // Blocks before the damage are still good; it is found before its block is handed out.
  auto reader = run(store().get(in_lake("a"), ByteRange::all(), soon()));
  ASSERT_TRUE(reader) << to_string(reader.error());
  const auto all = run(async::read_all(*reader->body, 1 << 20));
  const auto good = run(store().get(in_lake("a"), ByteRange::between(0, 524'287), soon()));
  const auto bad = run(store().get(in_lake("a"), ByteRange::between(599'000, 599'001), soon()));

  EXPECT_EQ(outcome(all), "corrupt");
  EXPECT_EQ(outcome(run(reader->body->next())), "corrupt") << "the stream is over";
  ASSERT_TRUE(good);
  EXPECT_TRUE(run(async::read_all(*good->body, 1 << 20)) == whole.substr(0, 524'288));
  EXPECT_EQ(outcome(bad), "corrupt") << "the whole block is verified, whatever the range";
  EXPECT_EQ(counters_.corruptions.value(), 2U);
}

TEST_F(DiskStoreFaults, FlippedBitInABlobsChecksumsIsFound) {
  expect_ok(put("a", Bytes(100'000, 'a')));
  flip_bit(blob_files(path()).at(0), 100'001);

  EXPECT_EQ(outcome(read("a")), "corrupt");
}

TEST_F(DiskStoreFaults, MissingOrShortenedBlobIsCorruption) {
  expect_ok(put("a", Bytes(100'000, 'a')));
  const std::string file = blob_files(path()).at(0);

  std::filesystem::resize_file(file, 80'000);
  EXPECT_EQ(outcome(read("a")), "corrupt");
  std::filesystem::remove(file);
  EXPECT_EQ(outcome(read("a")), "corrupt");
  EXPECT_EQ(outcome(run(store().head(in_lake("a"), soon()))), "ok");
}

TEST_F(DiskStoreFaults, FlippedBitInInlineBytesIsNeverData) {
  expect_ok(put("a", "some small object"));
  store_.reset();
  {
    const auto index = Index::open(path() + "/index", {});
    ASSERT_TRUE(index) << to_string(index.error());
    const auto contents = (*index)->iterate(Family::kContents, nullptr);
    contents->SeekToFirst();
    ASSERT_TRUE(contents->Valid());
    std::string value = contents->value().ToString();
    value[8] = static_cast<char>(value[8] ^ 1);
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(batch.Put((*index)->handle(Family::kContents), contents->key(), value).ok());
    expect_ok((*index)->write(batch));
  }
  reopen();

  EXPECT_EQ(outcome(read("a")), "corrupt");
  EXPECT_EQ(outcome(run(store().copy_object(in_lake("a"), in_lake("b"), {}, soon()))), "corrupt");
  EXPECT_EQ(outcome(read("b")), "not_found/no_such_key");
  EXPECT_EQ(counters_.corruptions.value(), 1U);
}

TEST_F(DiskStoreFaults, DamagedRecordIsCorruptionAndHarmsNoOther) {
  expect_ok(put("damaged", "1"));
  store_.reset();
  {
    const auto index = Index::open(path() + "/index", {});
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(batch.Put((*index)->handle(Family::kObjects), object_index_key("lake", "damaged"), "\x01 junk").ok());
    expect_ok((*index)->write(batch));
  }
  reopen();

  EXPECT_EQ(outcome(read("damaged")), "corrupt");
  EXPECT_EQ(outcome(put("damaged", "2")), "corrupt") << "what it refers to would be lost";
  EXPECT_EQ(outcome(put("other", "3")), "ok");
}

// ---------------------------------------------------------------------------------------------- full, failing disk

TEST_F(DiskStoreFaults, FullDiskFailsThatRequestAlone) {
  expect_ok(put("kept", Bytes(100'000, 'k')));
  file_system_.append_errno = ENOSPC;

  EXPECT_EQ(outcome(put("a", Bytes(100'000, 'a'))), "no_space");
  EXPECT_EQ(outcome(put("kept", Bytes(100'000, 'b'))), "no_space");
  wait_until([&] { return blob_files(path()).size() == 1; });
  EXPECT_EQ(outcome(read("a")), "not_found/no_such_key");
  EXPECT_EQ(read("kept"), Bytes(100'000, 'k'));
  file_system_.append_errno = 0;
  EXPECT_EQ(outcome(put("a", Bytes(100'000, 'a'))), "ok");
}

TEST_F(DiskStoreFaults, QuotaIsNoSpaceToo) {
  file_system_.append_errno = EDQUOT;

  EXPECT_EQ(outcome(put("a", Bytes(100'000, 'a'))), "no_space");
}

TEST_F(DiskStoreFaults, ErrorOfABlobFileFailsThatRequestAlone) {
  file_system_.append_errno = EIO;
  EXPECT_EQ(outcome(put("a", Bytes(100'000, 'a'))), "unavailable");
  file_system_.append_errno = 0;
  file_system_.sync_errno = EIO;
  EXPECT_EQ(outcome(put("a", Bytes(100'000, 'a'))), "unavailable");
  file_system_.sync_errno = 0;
  file_system_.sync_folder_errno = EIO;
  EXPECT_EQ(outcome(put("a", Bytes(100'000, 'a'))), "unavailable");
  file_system_.sync_folder_errno = 0;

  wait_until([&] { return blob_files(path()).empty(); });
  EXPECT_EQ(outcome(read("a")), "not_found/no_such_key");
  EXPECT_FALSE(store().is_read_only());
  EXPECT_EQ(outcome(put("a", Bytes(100'000, 'a'))), "ok");
}

TEST_F(DiskStoreFaults, RoomForRemovalsIsKeptBack) {
  expect_ok(put("a", "1"));
  reopen();
  file_system_.free = 1 << 20;

  EXPECT_EQ(outcome(put("b", "small")), "no_space");
  EXPECT_EQ(outcome(put("c", Bytes(100'000, 'c'))), "no_space");
  EXPECT_EQ(outcome(remove("a")), "ok");
  EXPECT_EQ(outcome(read("b")), "not_found/no_such_key");
}

TEST_F(DiskStoreFaults, BodyLargerThanTheFreeSpaceIsRefusedAtOnce) {
  reopen();
  file_system_.free = 1 << 30;

  EXPECT_EQ(outcome(run(store().put_object(in_lake("a"), std::make_unique<PatternSource>(2ULL << 30), {}, soon()))),
            "no_space");
  EXPECT_TRUE(blob_files(path()).empty());
}

// -------------------------------------------------------------------------------------------- the log of the index

TEST_F(DiskStoreFaults, FailedSyncOfTheLogIsUnknownAndEndsWriting) {
  expect_ok(put("before", "1"));
  const auto syncs = log_.syncs();
  log_.fail_syncs();

  EXPECT_EQ(outcome(put("a", "2")), "outcome_unknown/read_only");
  EXPECT_TRUE(store().is_read_only());
  EXPECT_EQ(counters_.is_read_only.value(), 1);
  EXPECT_EQ(outcome(put("b", "3")), "unavailable/read_only");
  EXPECT_EQ(outcome(put("c", Bytes(100'000, 'c'))), "unavailable/read_only");
  EXPECT_EQ(outcome(remove("before")), "unavailable/read_only");
  EXPECT_EQ(outcome(run(store().create_bucket("attic", soon()))), "unavailable/read_only");
  EXPECT_EQ(log_.syncs(), syncs + 1) << "a failed sync is never tried again";
  EXPECT_EQ(read("before"), "1") << "reading goes on";
  EXPECT_EQ(outcome(run(store().list("lake", {}, soon()))), "ok");
}

/// Lets `writers` puts of one key, all of them if absent, wait for their commit behind a sync that is held.
Task<void> put_if_absent(DiskStore& store, std::string body, std::vector<std::string>& outcomes) {
  const auto put = co_await store.put({"lake", "contended"}, std::move(body), PutCondition::if_absent(), async::soon());
  outcomes.emplace_back(put ? "ok" : to_string(put.error().code));
  co_return Result<void>();
}

Task<void> nothing() {
  co_return Result<void>();
}

TEST_F(DiskStoreFaults, LostCreatesNeedNoSync) {
  constexpr int kWriters = 40;
  const auto executor = (*runtime_).executor(0);
  const auto syncs = log_.syncs();
  std::vector<std::string> outcomes;  // of one I/O thread
  std::vector<std::string> first;
  async::TaskGroup group;
  log_.hold();
  ASSERT_TRUE(group.spawn(executor, put_if_absent(store(), "first", first)));
  log_.wait_until_held();
  expect_ok(run(store().head_bucket("lake", soon())));
  for (int i = 0; i < kWriters; ++i) {
    ASSERT_TRUE(group.spawn(executor, put_if_absent(store(), "w" + std::to_string(i), outcomes)));
  }
  // Runs after them on that thread: each has queued its commit by then.
  expect_ok(async::run(executor, nothing()));
  EXPECT_TRUE(outcomes.empty());
  EXPECT_EQ(outcome(read("contended")), "not_found/no_such_key") << "nothing is seen before it is durable";

  log_.release();
  expect_ok(run(group.stop(soon())));

  EXPECT_EQ(first, std::vector<std::string>{"ok"});
  EXPECT_EQ(outcomes, std::vector<std::string>(kWriters, "precondition_failed"));
  EXPECT_EQ(log_.syncs() - syncs, 1U) << "refusals need no sync";
  EXPECT_EQ(read("contended"), "first");
}

Task<void> put_one(DiskStore& store, std::string key, Deadline deadline, std::string& outcome) {
  const auto put = co_await store.put({"lake", std::move(key)}, "x", PutCondition::none(), deadline);
  outcome = put ? "ok" : to_string(put.error().code);
  co_return Result<void>();
}

TEST_F(DiskStoreFaults, ManyWritesShareOneSync) {
  constexpr int kWriters = 40;
  const auto executor = (*runtime_).executor(0);
  const auto syncs = log_.syncs();
  std::vector<std::string> outcomes(kWriters + 1);
  async::TaskGroup group;
  log_.hold();
  ASSERT_TRUE(group.spawn(executor, put_one(store(), "first", soon(), outcomes[kWriters])));
  log_.wait_until_held();
  for (int i = 0; i < kWriters; ++i) {
    ASSERT_TRUE(group.spawn(executor, put_one(store(), "k" + std::to_string(i), soon(), outcomes[i])));
  }
  expect_ok(async::run(executor, nothing()));

  log_.release();
  expect_ok(run(group.stop(soon())));

  EXPECT_EQ(outcomes, std::vector<std::string>(kWriters + 1, "ok"));
  EXPECT_EQ(log_.syncs() - syncs, 2U);
}

TEST_F(DiskStoreFaults, DeadlineIsJudgedBeforeAWriteIsApplied) {
  const auto executor = (*runtime_).executor(0);
  const Deadline short_deadline = Deadline::after(std::chrono::milliseconds(20));
  std::string first;
  std::string late;
  async::TaskGroup group;
  log_.hold();
  ASSERT_TRUE(group.spawn(executor, put_one(store(), "first", soon(), first)));
  log_.wait_until_held();
  ASSERT_TRUE(group.spawn(executor, put_one(store(), "late", short_deadline, late)));
  wait_until([&] { return short_deadline.has_passed(); });

  log_.release();
  expect_ok(run(group.stop(soon())));

  EXPECT_EQ(first, "ok");
  EXPECT_EQ(late, "deadline_exceeded");
  EXPECT_EQ(outcome(read("late")), "not_found/no_such_key");
}

TEST_F(DiskStoreFaults, WhatAFailedBatchRefusedIsNotSaidToExist) {
  const auto executor = (*runtime_).executor(0);
  std::vector<std::string> outcomes;
  std::string first;
  async::TaskGroup group;
  log_.hold();
  ASSERT_TRUE(group.spawn(executor, put_one(store(), "first", soon(), first)));
  log_.wait_until_held();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(group.spawn(executor, put_if_absent(store(), "w", outcomes)));
  expect_ok(async::run(executor, nothing()));

  log_.fail_syncs();
  log_.release();
  expect_ok(run(group.stop(soon())));

  EXPECT_EQ(first, "outcome_unknown");
  EXPECT_EQ(outcomes, (std::vector<std::string>{"unavailable", "unavailable"}));
}

}  // namespace
}  // namespace tarn::store
