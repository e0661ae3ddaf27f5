#include "store/disk_store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

#include "store/contract_suite.h"
#include "store/disk_store_test_internal.h"

namespace tarn::store {
namespace {

struct DiskStoreSubject {
  static constexpr bool kKeepsTagsAndChecksums = true;

  explicit DiskStoreSubject(async::Runtime&) {
    auto opened = DiskStore::open({.folder = folder_.path()}, pool_, clock_, random_, metrics_);
    EXPECT_TRUE(opened) << to_string(opened.error());
    store_ = *std::move(opened);
  }
  BucketStore& store() { return *store_; }

  TemporaryFolder folder_;
  SystemClock clock_;
  SystemRandom random_;
  Metrics metrics_;
  async::ThreadPool pool_{"disk", 4};
  std::unique_ptr<DiskStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(DiskStore, BucketStoreContract, DiskStoreSubject);

// ------------------------------------------------------------------------------------------- opening and closing

TEST_F(DiskStoreTest, EverythingIsThereAfterClosingAndOpening) {
  PutOptions options;
  options.headers.content_type = "text/csv";
  options.tags = {{"team", "ops"}};
  expect_ok(run(store().put_object(in_lake("small"), async::source_of(Bytes("1")), std::move(options), soon())));
  expect_ok(run(store().put_object(in_lake("large"), std::make_unique<PatternSource>(300'000), {}, soon())));
  const auto id = run(store().create_upload(in_lake("upload"), {}, soon()));
  const auto part =
      run(store().upload_part(in_lake("upload"), *id, 1, std::make_unique<PatternSource>(50'000), soon()));
  const auto before = run(store().head_object(in_lake("small"), soon()));

  reopen();

  EXPECT_EQ(read("small"), "1");
  EXPECT_TRUE(read("large") == pattern_bytes(runtime_, 300'000));
  const auto after = run(store().head_object(in_lake("small"), soon()));
  ASSERT_TRUE(before && after && part);
  EXPECT_EQ(after->summary.last_modified, before->summary.last_modified);
  EXPECT_EQ(after->summary.etag, before->summary.etag);
  EXPECT_EQ(after->headers.content_type, "text/csv");
  EXPECT_EQ(after->tags, (std::map<std::string, std::string>{{"team", "ops"}}));
  expect_ok(run(store().complete_upload(in_lake("upload"), *id, {{.number = 1, .etag = part->etag}},
                                        PutCondition::none(), soon())));
  EXPECT_TRUE(read("upload") == pattern_bytes(runtime_, 50'000));
  const auto buckets = run(store().list_buckets(soon()));
  ASSERT_EQ(buckets->size(), 1U);
  EXPECT_EQ(buckets->front().name, "lake");
}

TEST_F(DiskStoreTest, WhatWasAnsweredIsThereAfterACrash) {
  for (int i = 0; i < 20; ++i) {
    expect_ok(put("small/" + std::to_string(i), "bytes " + std::to_string(i)));
    if (i % 5 == 0) expect_ok(put("large/" + std::to_string(i), Bytes(40'000, 'l')));
  }
  expect_ok(put("small/3", "replaced"));
  expect_ok(remove("small/4"));

  reopen(crash_copy());

  EXPECT_EQ(read("small/0"), "bytes 0");
  EXPECT_EQ(read("small/3"), "replaced");
  EXPECT_EQ(outcome(read("small/4")), "not_found/no_such_key");
  EXPECT_EQ(read("small/19"), "bytes 19");
  EXPECT_EQ(read("large/15"), Bytes(40'000, 'l'));
}

TEST_F(DiskStoreTest, BlobsWithoutARecordAreSweptAtTheNextStart) {
  expect_ok(put("kept", Bytes(40'000, 'k')));
  expect_ok(put("replaced", Bytes(40'000, 'r')));
  const auto id = run(store().create_upload(in_lake("upload"), {}, soon()));
  expect_ok(run(store().upload_part(in_lake("upload"), *id, 1, std::make_unique<PatternSource>(50'000), soon())));
  const std::string copy = crash_copy();
  // What a request that was cut off leaves, whole or not, and something that is not ours.
  const std::string shard = copy + "/blobs/b/";
  std::ofstream(shard + "0197f3a86f4b7c3d9e21aabbccddeeab") << "half a blob";
  std::ofstream(shard + "notes.txt") << "not a blob";
  const auto swept_before = counters_.swept_blobs.value();

  reopen(copy);

  EXPECT_EQ(counters_.swept_blobs.value() - swept_before, 1U);
  EXPECT_FALSE(std::filesystem::exists(shard + "0197f3a86f4b7c3d9e21aabbccddeeab"));
  EXPECT_TRUE(std::filesystem::exists(shard + "notes.txt"));
  EXPECT_EQ(blob_files(copy).size(), 4U);
  EXPECT_EQ(read("kept"), Bytes(40'000, 'k'));
}

TEST_F(DiskStoreTest, SecondOpenOfAFolderIsRefused) {
  const auto second = open(path());

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_TRUE(second.error().message.contains(path())) << second.error().message;
  EXPECT_TRUE(second.error().message.contains("in use by process")) << second.error().message;
  store_.reset();
  EXPECT_TRUE(open(path())) << "the lock goes with the store";
}

TEST_F(DiskStoreTest, NewerFormatIsRefused) {
  store_.reset();
  std::ofstream(path() + "/FORMAT") << "tarn-store 2.0\n";

  EXPECT_EQ(outcome(open(path())), "unsupported");
  std::ofstream(path() + "/FORMAT") << "tarn-store 1.7\n";
  EXPECT_EQ(outcome(open(path())), "ok");
  std::ofstream(path() + "/FORMAT") << "something else";
  EXPECT_EQ(outcome(open(path())), "corrupt");
  std::filesystem::remove(path() + "/FORMAT");
  EXPECT_EQ(outcome(open(path())), "corrupt") << "an index without a FORMAT";
}

TEST_F(DiskStoreTest, InlineLimitOverABlockIsRefused) {
  const auto opened = open_disk_store({.folder = folder_.path() + "/other", .inline_limit_bytes = 65'537}, pool_,
                                      clock_, random_, metrics_, {});

  EXPECT_EQ(outcome(opened), "invalid_argument");
}

// ------------------------------------------------------------------------------------------------- keeping tidy

TEST_F(DiskStoreTest, BlobsGoWithTheirLastReference) {
  expect_ok(put("a", Bytes(40'000, 'a')));
  expect_ok(run(store().copy_object(in_lake("a"), in_lake("b"), {}, soon())));
  EXPECT_EQ(blob_files(path()).size(), 1U) << "a copy is a reference";

  expect_ok(remove("a"));
  expect_ok(put("other", Bytes(40'000, 'o')));
  expect_ok(remove("other"));
  wait_until([&] { return blob_files(path()).size() == 1; });

  EXPECT_EQ(read("b"), Bytes(40'000, 'a'));
  expect_ok(put("b", "small"));
  wait_until([&] { return blob_files(path()).empty(); });
}

TEST_F(DiskStoreTest, BlobsOfRefusedAndFailedPutsGo) {
  expect_ok(put("a", "1"));
  EXPECT_EQ(outcome(put("a", Bytes(40'000, 'a'), PutCondition::if_absent())), "precondition_failed");
  const Error broken{ErrorCode::kInvalidArgument, "broken body", ""};
  EXPECT_FALSE(run(store().put_object(in_lake("b"), std::make_unique<FailingSource>(700'000, broken), {}, soon())));

  wait_until([&] { return blob_files(path()).empty(); });
  EXPECT_EQ(counters_.removed_blobs.value(), 2U);
}

TEST_F(DiskStoreTest, BlobsOfUploadsGoWithThem) {
  const auto finished = run(store().create_upload(in_lake("finished"), {}, soon()));
  std::vector<CompletedPart> parts;
  for (const int number : {1, 2, 3}) {
    const auto part = run(store().upload_part(in_lake("finished"), *finished, number,
                                              std::make_unique<PatternSource>(kMinPartBytes, number), soon()));
    ASSERT_TRUE(part) << to_string(part.error());
    if (number != 2) parts.push_back({.number = number, .etag = part->etag});
  }
  const auto aborted = run(store().create_upload(in_lake("aborted"), {}, soon()));
  expect_ok(run(store().upload_part(in_lake("aborted"), *aborted, 1, std::make_unique<PatternSource>(50'000), soon())));
  EXPECT_EQ(blob_files(path()).size(), 4U);

  expect_ok(run(store().complete_upload(in_lake("finished"), *finished, parts, PutCondition::none(), soon())));
  expect_ok(run(store().abort_upload(in_lake("aborted"), *aborted, soon())));
  wait_until([&] { return blob_files(path()).size() == 2; });

  reopen();
  EXPECT_TRUE(read("finished") ==
              pattern_bytes(runtime_, kMinPartBytes, 1) + pattern_bytes(runtime_, kMinPartBytes, 3));
  expect_ok(remove("finished"));
  wait_until([&] { return blob_files(path()).empty(); });
}

TEST_F(DiskStoreTest, ReaderKeepsTheBlobsThatItHasYetToOpen) {
  const auto id = run(store().create_upload(in_lake("a"), {}, soon()));
  std::vector<CompletedPart> parts;
  for (const int number : {1, 2}) {
    const auto part = run(
        store().upload_part(in_lake("a"), *id, number, std::make_unique<PatternSource>(kMinPartBytes, number), soon()));
    ASSERT_TRUE(part) << to_string(part.error());
    parts.push_back({.number = number, .etag = part->etag});
  }
  expect_ok(run(store().complete_upload(in_lake("a"), *id, parts, PutCondition::none(), soon())));
  auto reader = run(store().get(in_lake("a"), ByteRange::all(), soon()));
  ASSERT_TRUE(reader) << to_string(reader.error());

  expect_ok(remove("a"));
  // Files are removed in order: once this one is gone, those of "a" would be.
  expect_ok(put("later", Bytes(40'000, 'l')));
  expect_ok(remove("later"));
  wait_until([&] { return counters_.removed_blobs.value() >= 1; });

  const auto bytes = run(async::read_all(*reader->body, 64 << 20));
  ASSERT_TRUE(bytes) << to_string(bytes.error());
  EXPECT_TRUE(*bytes == pattern_bytes(runtime_, kMinPartBytes, 1) + pattern_bytes(runtime_, kMinPartBytes, 2));
  EXPECT_EQ(blob_files(path()).size(), 2U);
  reader->body.reset();
  wait_until([&] { return blob_files(path()).empty(); });
}

TEST_F(DiskStoreTest, KeysMayHoldZeroBytes) {
  const std::vector<std::string> keys = {std::string("a", 1), std::string("a\0", 2), std::string("a\0b", 3), "a\x01"};
  std::vector<std::string> ids;
  for (const auto& key : keys) {
    expect_ok(put(key, "bytes of " + key));
    ids.push_back(*run(store().create_upload(in_lake(key), {}, soon())));
  }

  const auto page = run(store().list("lake", {}, soon()));
  const auto uploads = run(store().list_uploads("lake", "", "", "", 10, soon()));

  ASSERT_TRUE(page && uploads);
  ASSERT_EQ(page->objects.size(), keys.size());
  ASSERT_EQ(uploads->uploads.size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(page->objects[i].key, keys[i]);
    EXPECT_EQ(uploads->uploads[i].key, keys[i]);
    EXPECT_EQ(uploads->uploads[i].upload_id, ids[i]);
    EXPECT_EQ(read(keys[i]), "bytes of " + keys[i]);
  }
}

// ------------------------------------------------------------------------------------------------------- memory

std::size_t bytes_in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Bytes without end but `size`, which notes how much memory the process uses at most when a piece is asked for.
class MeasuringSource final : public ByteSource {
 public:
  MeasuringSource(std::uint64_t size, std::size_t& most_in_use) : size_(size), most_in_use_(most_in_use) {}
  Task<ByteView> next() override {
    most_in_use_ = std::max(most_in_use_, bytes_in_use());
    const ByteView piece =
        ByteView(piece_).substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(size_, 100'000)));
    size_ -= piece.size();
    co_return piece;
  }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }

 private:
  Bytes piece_ = Bytes(100'000, 'x');
  std::uint64_t size_;
  std::size_t& most_in_use_;
};

TEST_F(DiskStoreTest, LargeTransfersHoldLittleMemory) {
  const std::uint64_t size = 100 << 20;
  const std::size_t in_use = bytes_in_use();
  std::size_t most_in_use = in_use;

  const auto put =
      run(store().put_object(in_lake("large"), std::make_unique<MeasuringSource>(size, most_in_use), {}, soon()));

  ASSERT_TRUE(put) << to_string(put.error());
  EXPECT_LT(most_in_use - in_use, 2U << 20);
  auto reader = run(store().get(in_lake("large"), ByteRange::all(), soon()));
  ASSERT_TRUE(reader) << to_string(reader.error());
  const auto drained = run(drain(*reader->body));
  ASSERT_TRUE(drained) << to_string(drained.error());
  EXPECT_EQ(drained->first, size);
  EXPECT_EQ(drained->second, put->etag);
}

}  // namespace
}  // namespace tarn::store
