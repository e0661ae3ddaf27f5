#pragma once

// For tests only: what every BucketStore promises, as one suite. An implementation passes it by a *subject*:
//
//   struct MemoryStoreSubject {
//     explicit MemoryStoreSubject(async::Runtime& runtime);  // a store with no bucket in it
//     BucketStore& store();
//     /// Whether tags and client checksums come back with an object.
//     static constexpr bool kKeepsTagsAndChecksums = true;
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(MemoryStore, BucketStoreContract, MemoryStoreSubject);

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "async/task_group.h"
#include "async/test_support.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/test_support.h"
#include "store/bucket_store.h"

namespace tarn::store {

/// `size` bytes that depend on `seed`, never held as a whole.
class PatternSource final : public ByteSource {
 public:
  explicit PatternSource(std::uint64_t size, std::uint32_t seed = 1) : size_(size), random_(seed) {}

  Task<ByteView> next() override {
    const std::uint64_t length = std::min<std::uint64_t>(kPieceBytes, size_ - given_);
    piece_.resize(static_cast<std::size_t>(length));
    for (char& byte : piece_) byte = static_cast<char>(random_() >> 24);
    given_ += length;
    co_return ByteView(piece_);
  }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  static constexpr std::uint64_t kPieceBytes = 50'000;  // no divisor of any block size
  std::uint64_t size_;
  std::uint64_t given_ = 0;
  std::minstd_rand random_;
  Bytes piece_;
};

/// Gives `size` bytes in pieces, then `error` in place of the end.
class FailingSource final : public ByteSource {
 public:
  FailingSource(std::uint64_t size, Error error) : bytes_(size), error_(std::move(error)) {}

  Task<ByteView> next() override {
    TARN_CO_TRY(const ByteView piece, co_await bytes_.next());
    if (piece.empty()) co_return std::unexpected(error_);
    co_return piece;
  }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }

 private:
  PatternSource bytes_;
  Error error_;
};

/// The bytes of PatternSource at once.
inline Bytes pattern_bytes(async::TestRuntime& runtime, std::uint64_t size, std::uint32_t seed = 1) {
  PatternSource source(size, seed);
  return *runtime.run(async::read_all(source, static_cast<std::size_t>(size)));
}

/// Reads a source to its end without holding it: its length and MD5.
inline Task<std::pair<std::uint64_t, std::string>> drain(ByteSource& source) {
  Digest md5(DigestAlgorithm::kMd5);
  std::uint64_t size = 0;
  while (true) {
    TARN_CO_TRY(const ByteView piece, co_await source.next());
    if (piece.empty()) break;
    size += piece.size();
    md5.update(piece);
  }
  co_return std::pair(size, hex_encode(md5.finish()));
}

template <class Subject>
class BucketStoreContract : public testing::Test {
 protected:
  static constexpr std::uint64_t kMebibyte = 1 << 20;

  BucketStoreContract() { expect_ok(run(store().create_bucket("lake", soon()))); }

  BucketStore& store() { return subject_.store(); }
  static Deadline soon() { return async::soon(); }
  static Deadline passed() { return Deadline::after(std::chrono::seconds(-1)); }
  static ObjectKey in_lake(std::string key) { return {"lake", std::move(key)}; }

  template <class T>
  Result<T> run(Task<T> task) {
    return runtime_.run(std::move(task));
  }

  Result<std::string> put(const std::string& key, Bytes body, PutCondition condition = PutCondition::none()) {
    return run(store().put(in_lake(key), std::move(body), std::move(condition), soon()));
  }
  Result<ObjectSummary> put_pattern(const std::string& key, std::uint64_t size, std::uint32_t seed = 1) {
    return run(store().put_object(in_lake(key), std::make_unique<PatternSource>(size, seed), {}, soon()));
  }
  Result<Bytes> read(const std::string& key, ByteRange range = ByteRange::all()) {
    return run(read_range(store(), in_lake(key), range));
  }
  static Task<Bytes> read_range(BucketStore& store, ObjectKey key, ByteRange range) {
    TARN_CO_TRY(ObjectReader reader, co_await store.get(std::move(key), range, soon()));
    TARN_CO_TRY(Bytes bytes, co_await async::read_all(*reader.body, 64 * kMebibyte));
    if (bytes.size() != reader.range.length) co_return failure(ErrorCode::kInternal, "not as long as announced");
    co_return bytes;
  }
  Result<ListPage> list(ListQuery query) { return run(store().list("lake", std::move(query), soon())); }
  /// Every entry of a listing, page after page of `limit`: keys as they are, common prefixes in angle brackets.
  std::vector<std::string> list_all(ListQuery query, std::size_t limit = 1000) {
    std::vector<std::string> entries;
    query.limit = limit;
    while (true) {
      const auto page = list(query);
      if (!page) {
        entries.push_back(to_string(page.error()));
        return entries;
      }
      EXPECT_LE(page->objects.size() + page->common_prefixes.size(), limit);
      EXPECT_EQ(page->is_truncated, !page->continuation.empty());
      append_merged(*page, entries);
      if (!page->is_truncated) return entries;
      if (page->objects.empty() && page->common_prefixes.empty()) {
        ADD_FAILURE() << "a truncated page is empty";
        return entries;
      }
      query.continuation = page->continuation;
    }
  }
  static void append_merged(const ListPage& page, std::vector<std::string>& entries) {
    std::vector<std::pair<std::string, bool>> merged;
    for (const auto& object : page.objects) merged.emplace_back(object.key, false);
    for (const auto& prefix : page.common_prefixes) merged.emplace_back(prefix, true);
    std::ranges::sort(merged);
    for (const auto& [name, is_prefix] : merged) entries.push_back(is_prefix ? "<" + name + ">" : name);
  }

  Result<std::string> create_upload(const std::string& key, PutOptions options = {}) {
    return run(store().create_upload(in_lake(key), std::move(options), soon()));
  }
  Result<PartSummary> upload_part(const std::string& key, const std::string& id, int number, std::uint64_t size,
                                  std::uint32_t seed = 1) {
    return run(store().upload_part(in_lake(key), id, number, std::make_unique<PatternSource>(size, seed), soon()));
  }
  Result<ObjectSummary> complete(const std::string& key, const std::string& id, std::vector<CompletedPart> parts,
                                 PutCondition condition = PutCondition::none()) {
    return run(store().complete_upload(in_lake(key), id, std::move(parts), std::move(condition), soon()));
  }

  /// Runs `tasks` at once, spread over the I/O threads, to their ends.
  void run_together(std::vector<Task<void>> tasks) {
    async::TaskGroup group;
    for (auto& task : tasks) ASSERT_TRUE(group.spawn(runtime_.executor(), std::move(task)));
    expect_ok(run(group.stop(soon())));
  }

  async::TestRuntime runtime_{4};
  Subject subject_{*runtime_};
};

TYPED_TEST_SUITE_P(BucketStoreContract);

// ---------------------------------------------------------------------------------------------------- objects

TYPED_TEST_P(BucketStoreContract, ReadsBackWhatWasPut) {
  const auto etag = this->put("a/b", "hello");

  ASSERT_TRUE(etag) << to_string(etag.error());
  EXPECT_EQ(*etag, hex_encode(md5("hello")));
  EXPECT_EQ(this->read("a/b"), "hello");
  const auto summary = this->run(this->store().head(this->in_lake("a/b"), this->soon()));
  ASSERT_TRUE(summary) << to_string(summary.error());
  EXPECT_EQ(summary->key, "a/b");
  EXPECT_EQ(summary->size, 5U);
  EXPECT_EQ(summary->etag, *etag);
  const auto bytes = this->run(get_bytes(this->store(), this->in_lake("a/b"), 5, this->soon()));
  ASSERT_TRUE(bytes) << to_string(bytes.error());
  EXPECT_EQ(bytes->bytes, "hello");
  EXPECT_EQ(bytes->etag, *etag);
}

TYPED_TEST_P(BucketStoreContract, ReplacingKeepsTheLast) {
  expect_ok(this->put("a", "first"));
  expect_ok(this->put("a", "second, and longer"));

  EXPECT_EQ(this->read("a"), "second, and longer");
  EXPECT_EQ(this->list_all({}), std::vector<std::string>{"a"});
}

TYPED_TEST_P(BucketStoreContract, EmptyObjectIsAnObject) {
  expect_ok(this->put("empty", ""));

  EXPECT_EQ(this->read("empty"), "");
  EXPECT_EQ(this->list_all({}), std::vector<std::string>{"empty"});
}

TYPED_TEST_P(BucketStoreContract, SizesAroundEveryBlockBoundaryRoundTrip) {
  const std::vector<std::uint64_t> sizes = {1,       32'767,  32'768,  32'769,  65'535,  65'536,   65'537,
                                            131'072, 262'143, 262'144, 262'145, 524'288, 1'048'577};
  for (const std::uint64_t size : sizes) {
    const auto summary = this->put_pattern("sized", size);
    const Bytes expected = pattern_bytes(this->runtime_, size);

    ASSERT_TRUE(summary) << to_string(summary.error());
    EXPECT_EQ(summary->size, size);
    EXPECT_EQ(summary->etag, hex_encode(md5(expected)));
    EXPECT_TRUE(this->read("sized") == expected) << size << " bytes differ";
  }
}

TYPED_TEST_P(BucketStoreContract, LargeBodyStreamsInAndOut) {
  const std::uint64_t size = 48 * this->kMebibyte + 12'345;
  const auto summary = this->put_pattern("large", size);
  auto reader = this->run(this->store().get_object(this->in_lake("large"), ByteRange::all(), this->soon()));

  ASSERT_TRUE(summary) << to_string(summary.error());
  ASSERT_TRUE(reader) << to_string(reader.error());
  EXPECT_EQ(reader->body->size(), size);
  const auto drained = this->run(drain(*reader->body));
  ASSERT_TRUE(drained) << to_string(drained.error());
  EXPECT_EQ(drained->first, size);
  EXPECT_EQ(drained->second, summary->etag);
}

TYPED_TEST_P(BucketStoreContract, MissingObjectIsNotFound) {
  const auto key = this->in_lake("missing");

  EXPECT_EQ(outcome(this->run(this->store().get(key, ByteRange::all(), this->soon()))), "not_found/no_such_key");
  EXPECT_EQ(outcome(this->run(this->store().head(key, this->soon()))), "not_found/no_such_key");
  EXPECT_EQ(outcome(this->run(this->store().get_object(key, ByteRange::all(), this->soon()))), "not_found/no_such_key");
  EXPECT_EQ(outcome(this->run(this->store().head_object(key, this->soon()))), "not_found/no_such_key");
}

TYPED_TEST_P(BucketStoreContract, RemovedObjectIsGoneAndRemovingAgainSucceeds) {
  expect_ok(this->put("a", "1"));
  expect_ok(this->put_pattern("b", 100'000));

  expect_ok(this->run(this->store().remove(this->in_lake("a"), this->soon())));
  expect_ok(this->run(this->store().remove(this->in_lake("b"), this->soon())));

  expect_ok(this->run(this->store().remove(this->in_lake("a"), this->soon())));
  EXPECT_EQ(outcome(this->read("a")), "not_found/no_such_key");
  EXPECT_EQ(outcome(this->read("b")), "not_found/no_such_key");
  EXPECT_EQ(this->list_all({}), std::vector<std::string>{});
}

TYPED_TEST_P(BucketStoreContract, KeysOutsideTheRulesAreInvalid) {
  for (const std::string& key : {std::string(), std::string(kMaxKeyBytes + 1, 'k'), std::string("\xff\xfe")}) {
    EXPECT_EQ(outcome(this->put(key, "x")), "invalid_argument") << key.size();
    EXPECT_EQ(outcome(this->read(key)), "invalid_argument") << key.size();
    EXPECT_EQ(outcome(this->run(this->store().head(this->in_lake(key), this->soon()))), "invalid_argument");
    EXPECT_EQ(outcome(this->run(this->store().remove(this->in_lake(key), this->soon()))), "invalid_argument");
    EXPECT_EQ(outcome(this->create_upload(key)), "invalid_argument");
  }
}

TYPED_TEST_P(BucketStoreContract, EveryOddKeyIsAKeyOfItsOwn) {
  std::vector<std::string> keys = {"a",
                                   "a/b",
                                   "a/",
                                   "a//b",
                                   "//",
                                   "/",
                                   "..",
                                   "../..",
                                   ".",
                                   "./a",
                                   "a/../b",
                                   "a b",
                                   "a+b",
                                   "a%2Fb",
                                   "a%",
                                   "donn\xc3\xa9"
                                   "es",
                                   "\xe6\x97\xa5\xe6\x9c\xac",
                                   "\xf0\x9f\x90\xb3",
                                   "\x01",
                                   "a\x01"
                                   "b",
                                   "a&b=c?d#e",
                                   "a<b>\"c'",
                                   "A",
                                   "~",
                                   "a\nb",
                                   std::string(kMaxKeyBytes, 'k'),
                                   std::string(kMaxKeyBytes - 1, '/') + "x"};
  for (const auto& key : keys) expect_ok(this->put(key, "bytes of " + key));
  std::ranges::sort(keys);

  for (const auto& key : keys) EXPECT_EQ(this->read(key), "bytes of " + key) << key;
  EXPECT_EQ(this->list_all({}, 5), keys);
}

TYPED_TEST_P(BucketStoreContract, BodyThatFailsLeavesNothing) {
  const Error broken{ErrorCode::kInvalidArgument, "the body's digest is another", "bad_digest"};
  expect_ok(this->put("kept", "before"));
  for (const std::uint64_t size : {std::uint64_t{10}, std::uint64_t{40'000}, std::uint64_t{1'000'000}}) {
    for (const char* key : {"never", "kept"}) {
      const auto put = this->run(this->store().put_object(
          this->in_lake(key), std::make_unique<FailingSource>(size, broken), {}, this->soon()));

      ASSERT_FALSE(put);
      EXPECT_EQ(put.error().code, broken.code);
      EXPECT_EQ(put.error().reason, broken.reason);
    }
  }

  EXPECT_EQ(outcome(this->read("never")), "not_found/no_such_key");
  EXPECT_EQ(this->read("kept"), "before");
}

TYPED_TEST_P(BucketStoreContract, PassedDeadlineIsCertainlyNotApplied) {
  expect_ok(this->put("kept", "1"));
  auto put = this->run(this->store().put(this->in_lake("a"), "1", PutCondition::none(), this->passed()));
  auto put_object =
      this->run(this->store().put_object(this->in_lake("a"), async::source_of(Bytes("1")), {}, this->passed()));
  auto remove = this->run(this->store().remove(this->in_lake("kept"), this->passed()));
  auto get = this->run(this->store().get(this->in_lake("kept"), ByteRange::all(), this->passed()));
  auto list = this->run(this->store().list("lake", {}, this->passed()));

  EXPECT_EQ(outcome(put), "deadline_exceeded");
  EXPECT_EQ(outcome(put_object), "deadline_exceeded");
  EXPECT_EQ(outcome(remove), "deadline_exceeded");
  EXPECT_EQ(outcome(get), "deadline_exceeded");
  EXPECT_EQ(outcome(list), "deadline_exceeded");
  EXPECT_EQ(this->list_all({}), std::vector<std::string>{"kept"});
}

TYPED_TEST_P(BucketStoreContract, ReaderSeesOneVersionWhateverIsWrittenMeanwhile) {
  for (const std::uint64_t size : {std::uint64_t{100}, std::uint64_t{3'000'000}}) {
    expect_ok(this->put_pattern("a", size, 1));
    expect_ok(this->put_pattern("b", size, 2));
    const auto all = ByteRange::all();
    auto replaced = this->run(this->store().get(this->in_lake("a"), all, this->soon()));
    auto removed = this->run(this->store().get(this->in_lake("b"), all, this->soon()));

    expect_ok(this->put_pattern("a", size, 3));
    expect_ok(this->run(this->store().remove(this->in_lake("b"), this->soon())));

    ASSERT_TRUE(replaced && removed);
    const auto limit = static_cast<std::size_t>(size);
    EXPECT_TRUE(this->run(async::read_all(*replaced->body, limit)) == pattern_bytes(this->runtime_, size, 1));
    EXPECT_TRUE(this->run(async::read_all(*removed->body, limit)) == pattern_bytes(this->runtime_, size, 2));
  }
}

TYPED_TEST_P(BucketStoreContract, BytesOverTheLimitOfGetBytesAreTooLarge) {
  expect_ok(this->put("a", "12345"));

  EXPECT_EQ(outcome(this->run(get_bytes(this->store(), this->in_lake("a"), 4, this->soon()))), "too_large");
}

// ----------------------------------------------------------------------------------------------------- ranges

TYPED_TEST_P(BucketStoreContract, RangesAreCutToTheObject) {
  expect_ok(this->put("a", "0123456789"));

  EXPECT_EQ(this->read("a", ByteRange::between(0, 0)), "0");
  EXPECT_EQ(this->read("a", ByteRange::between(2, 4)), "234");
  EXPECT_EQ(this->read("a", ByteRange::between(8, 100)), "89");
  EXPECT_EQ(this->read("a", ByteRange::from(7)), "789");
  EXPECT_EQ(this->read("a", ByteRange::suffix(3)), "789");
  EXPECT_EQ(this->read("a", ByteRange::suffix(100)), "0123456789");
  const auto reader = this->run(this->store().get_object(this->in_lake("a"), ByteRange::suffix(3), this->soon()));
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->range.offset, 7U);
  EXPECT_EQ(reader->range.length, 3U);
  EXPECT_EQ(reader->details.summary.size, 10U);
}

TYPED_TEST_P(BucketStoreContract, RangeOutsideTheObjectIsInvalid) {
  expect_ok(this->put("a", "0123456789"));
  expect_ok(this->put("empty", ""));

  EXPECT_EQ(outcome(this->read("a", ByteRange::from(10))), "invalid_argument/invalid_range");
  EXPECT_EQ(outcome(this->read("a", ByteRange::between(10, 20))), "invalid_argument/invalid_range");
  EXPECT_EQ(outcome(this->read("a", ByteRange::suffix(0))), "invalid_argument/invalid_range");
  EXPECT_EQ(outcome(this->read("empty", ByteRange::from(0))), "invalid_argument/invalid_range");
}

TYPED_TEST_P(BucketStoreContract, RangesOfALargeObjectCrossItsBlocks) {
  const std::uint64_t size = 700'000;
  expect_ok(this->put_pattern("a", size));
  const Bytes whole = pattern_bytes(this->runtime_, size);

  const std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges = {{0, 0},
                                                                       {65'535, 65'536},
                                                                       {65'536, 131'071},
                                                                       {1, 699'998},
                                                                       {262'143, 262'144},
                                                                       {600'000, 699'999},
                                                                       {699'999, 699'999},
                                                                       {131'072, 131'072}};
  for (const auto& [first, last] : ranges) {
    const auto bytes = this->read("a", ByteRange::between(first, last));
    ASSERT_TRUE(bytes) << to_string(bytes.error());
    EXPECT_TRUE(*bytes == whole.substr(first, last - first + 1)) << first << "-" << last;
  }
  EXPECT_TRUE(this->read("a", ByteRange::suffix(70'000)) == whole.substr(630'000));
}

// ------------------------------------------------------------------------------------------------- conditions

TYPED_TEST_P(BucketStoreContract, IfAbsentIsAppliedOnce) {
  const auto first = this->put("a", "1", PutCondition::if_absent());
  const auto second = this->put("a", "2", PutCondition::if_absent());

  EXPECT_EQ(outcome(first), "ok");
  EXPECT_EQ(outcome(second), "precondition_failed");
  EXPECT_EQ(this->read("a"), "1");
  expect_ok(this->run(this->store().remove(this->in_lake("a"), this->soon())));
  EXPECT_EQ(outcome(this->put("a", "3", PutCondition::if_absent())), "ok");
}

TYPED_TEST_P(BucketStoreContract, IfMatchIsAppliedToThatETagOnly) {
  const auto first = this->put("a", "1");
  const auto second = this->put("a", "2", PutCondition::if_match(*first));
  const auto stale = this->put("a", "3", PutCondition::if_match(*first));
  const auto any = this->put("a", "4", PutCondition::if_match("*"));

  EXPECT_EQ(outcome(second), "ok");
  EXPECT_EQ(outcome(stale), "precondition_failed");
  EXPECT_EQ(outcome(any), "ok");
  EXPECT_EQ(this->read("a"), "4");
}

TYPED_TEST_P(BucketStoreContract, IfMatchOnAMissingKeyIsNotFound) {
  EXPECT_EQ(outcome(this->put("a", "1", PutCondition::if_match("0123"))), "not_found/no_such_key");
  EXPECT_EQ(outcome(this->put("a", "1", PutCondition::if_match("*"))), "not_found/no_such_key");
  EXPECT_EQ(outcome(this->read("a")), "not_found/no_such_key");
}

TYPED_TEST_P(BucketStoreContract, RefusedLargePutLeavesWhatIsThere) {
  expect_ok(this->put("a", "small"));
  PutOptions options;
  options.condition = PutCondition::if_absent();

  const auto refused = this->run(this->store().put_object(this->in_lake("a"), std::make_unique<PatternSource>(300'000),
                                                          std::move(options), this->soon()));

  EXPECT_EQ(outcome(refused), "precondition_failed");
  EXPECT_EQ(this->read("a"), "small");
}

TYPED_TEST_P(BucketStoreContract, RemovalCanBeConditional) {
  const auto etag = this->put("a", "1");
  const auto key = this->in_lake("a");
  const auto remove_if = [&](const std::string& wanted) {
    return outcome(this->run(this->store().remove_object(key, {.if_match = wanted}, this->soon())));
  };

  EXPECT_EQ(remove_if("0123"), "precondition_failed");
  EXPECT_EQ(this->read("a"), "1");
  EXPECT_EQ(remove_if(*etag), "ok");
  EXPECT_EQ(outcome(this->read("a")), "not_found/no_such_key");
  EXPECT_EQ(remove_if(*etag), "not_found/no_such_key");
  EXPECT_EQ(remove_if("*"), "not_found/no_such_key");
  expect_ok(this->put("a", "2"));
  EXPECT_EQ(remove_if("*"), "ok");
}

/// Puts `body` if nothing is there; counts the applied and the properly refused.
inline Task<void> try_to_create(BucketStore& store, ObjectKey key, Bytes body, std::atomic<int>& applied,
                                std::atomic<int>& refused) {
  const auto put = co_await store.put(std::move(key), std::move(body), PutCondition::if_absent(), async::soon());
  if (put) {
    ++applied;
  } else if (put.error().code == ErrorCode::kPreconditionFailed) {
    ++refused;
  }
  co_return Result<void>();
}

TYPED_TEST_P(BucketStoreContract, ExactlyOneOfRacingCreatorsWins) {
  constexpr int kRounds = 8;
  constexpr int kWriters = 32;
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<int> applied{0};
    std::atomic<int> refused{0};
    const std::string key = "race/" + std::to_string(round);
    std::vector<Task<void>> writers;
    for (int i = 0; i < kWriters; ++i) {
      // Every other body is larger than what stores keep inline.
      Bytes body = "writer " + std::to_string(i);
      if (i % 2 == 1) body.append(40'000, '.');
      writers.push_back(try_to_create(this->store(), this->in_lake(key), std::move(body), applied, refused));
    }
    this->run_together(std::move(writers));

    EXPECT_EQ(applied, 1);
    EXPECT_EQ(refused, kWriters - 1);
    const auto bytes = this->read(key);
    ASSERT_TRUE(bytes) << to_string(bytes.error());
    EXPECT_TRUE(bytes->starts_with("writer "));
  }
}

/// Adds one to the number that `key` holds, `times` times, each time by compare and swap.
inline Task<void> increment(BucketStore& store, ObjectKey key, int times, std::atomic<int>& done) {
  while (times > 0) {
    TARN_CO_TRY(const StoredBytes current, co_await get_bytes(store, key, 64, async::soon()));
    Bytes next = std::to_string(std::stoi(current.bytes) + 1);
    const auto put = co_await store.put(key, std::move(next), PutCondition::if_match(current.etag), async::soon());
    if (put) {
      --times;
      ++done;
    } else if (put.error().code != ErrorCode::kPreconditionFailed) {
      co_return std::unexpected(put.error());
    }
  }
  co_return Result<void>();
}

TYPED_TEST_P(BucketStoreContract, NoUpdateOfRacingComparersAndSwappersIsLost) {
  expect_ok(this->put("counter", "0"));
  std::atomic<int> done{0};
  std::vector<Task<void>> writers;
  for (int i = 0; i < 8; ++i) writers.push_back(increment(this->store(), this->in_lake("counter"), 8, done));

  this->run_together(std::move(writers));

  EXPECT_EQ(done, 64);
  EXPECT_EQ(this->read("counter"), "64");
}

// ------------------------------------------------------------------------------------- headers, tags, checksums

TYPED_TEST_P(BucketStoreContract, HeadersComeBackAsTheyWere) {
  const ObjectHeaders headers{.content_type = "application/vnd.apache.parquet",
                              .content_encoding = "gzip",
                              .content_language = "fr",
                              .content_disposition = "attachment; filename=\"a.parquet\"",
                              .cache_control = "no-cache",
                              .expires = "Thu, 01 Dec 2033 16:00:00 GMT",
                              .user_metadata = {{"mtime", "1700000000.5"}, {"owner", "ops"}}};
  for (const std::uint64_t size : {std::uint64_t{10}, std::uint64_t{100'000}}) {
    PutOptions options;
    options.headers = headers;
    expect_ok(this->run(this->store().put_object(this->in_lake("a"), std::make_unique<PatternSource>(size),
                                                 std::move(options), this->soon())));

    const auto details = this->run(this->store().head_object(this->in_lake("a"), this->soon()));
    const auto reader = this->run(this->store().get_object(this->in_lake("a"), ByteRange::all(), this->soon()));

    ASSERT_TRUE(details && reader);
    EXPECT_TRUE(details->headers == headers);
    EXPECT_TRUE(reader->details.headers == headers);
    EXPECT_EQ(details->part_count, std::nullopt);
  }
}

TYPED_TEST_P(BucketStoreContract, ReplacingDropsTheFormerHeaders) {
  PutOptions options;
  options.headers.content_type = "text/plain";
  expect_ok(this->run(
      this->store().put_object(this->in_lake("a"), async::source_of(Bytes("1")), std::move(options), this->soon())));

  expect_ok(this->run(this->store().put_object(this->in_lake("a"), async::source_of(Bytes("2")), {}, this->soon())));

  const auto details = this->run(this->store().head_object(this->in_lake("a"), this->soon()));
  ASSERT_TRUE(details);
  EXPECT_TRUE(details->headers.user_metadata.empty());
  EXPECT_NE(details->headers.content_type, "text/plain");
}

TYPED_TEST_P(BucketStoreContract, TagsAndChecksumsComeBackAsTheyWere) {
  if (!TypeParam::kKeepsTagsAndChecksums) GTEST_SKIP() << "not carried by this store";
  PutOptions options;
  options.tags = {{"team", "ops"}, {"empty", ""}};
  options.checksums = [] { return std::vector<ObjectChecksum>{{.algorithm = "CRC32", .base64 = "DUoRhQ=="}}; };

  expect_ok(this->run(this->store().put_object(this->in_lake("a"), async::source_of(Bytes("hello world")),
                                               std::move(options), this->soon())));

  const auto details = this->run(this->store().head_object(this->in_lake("a"), this->soon()));
  ASSERT_TRUE(details);
  EXPECT_EQ(details->tags, (std::map<std::string, std::string>{{"team", "ops"}, {"empty", ""}}));
  EXPECT_EQ(details->checksums, (std::vector<ObjectChecksum>{{.algorithm = "CRC32", .base64 = "DUoRhQ=="}}));
}

// ----------------------------------------------------------------------------------------------------- listing

TYPED_TEST_P(BucketStoreContract, ListingSaysWhatHeadSays) {
  expect_ok(this->put("small", "12345"));
  expect_ok(this->put_pattern("large", 100'000));

  const auto page = this->list({});

  ASSERT_TRUE(page);
  ASSERT_EQ(page->objects.size(), 2U);
  for (const ObjectSummary& listed : page->objects) {
    const auto head = this->run(this->store().head(this->in_lake(listed.key), this->soon()));
    ASSERT_TRUE(head);
    EXPECT_EQ(listed.size, head->size);
    EXPECT_EQ(listed.etag, head->etag);
    // A wire may carry either time without its fraction of a second.
    EXPECT_EQ(std::chrono::floor<std::chrono::seconds>(listed.last_modified),
              std::chrono::floor<std::chrono::seconds>(head->last_modified));
  }
}

TYPED_TEST_P(BucketStoreContract, EmptyBucketListsAsNothing) {
  const auto page = this->list({});

  ASSERT_TRUE(page);
  EXPECT_TRUE(page->objects.empty());
  EXPECT_TRUE(page->common_prefixes.empty());
  EXPECT_FALSE(page->is_truncated);
}

TYPED_TEST_P(BucketStoreContract, DelimiterRollsKeysUp) {
  for (const char* key : {"a", "a/1", "a/2", "a/b/3", "b/1", "c", "c/", "d//1"}) expect_ok(this->put(key, "x"));

  EXPECT_EQ(this->list_all({.delimiter = "/"}), (std::vector<std::string>{"a", "<a/>", "<b/>", "c", "<c/>", "<d/>"}));
  EXPECT_EQ(this->list_all({.prefix = "a/", .delimiter = "/"}), (std::vector<std::string>{"a/1", "a/2", "<a/b/>"}));
  EXPECT_EQ(this->list_all({.prefix = "a", .delimiter = "/"}), (std::vector<std::string>{"a", "<a/>"}));
  EXPECT_EQ(this->list_all({.prefix = "c/", .delimiter = "/"}), (std::vector<std::string>{"c/"}));
  EXPECT_EQ(this->list_all({.prefix = "d/", .delimiter = "/"}), (std::vector<std::string>{"<d//>"}));
  EXPECT_EQ(this->list_all({.prefix = "a/"}), (std::vector<std::string>{"a/1", "a/2", "a/b/3"}));
  EXPECT_EQ(this->list_all({.prefix = "x"}), std::vector<std::string>{});
  EXPECT_EQ(this->list_all({.delimiter = "/b"}),
            (std::vector<std::string>{"a", "a/1", "a/2", "<a/b>", "b/1", "c", "c/", "d//1"}));
}

TYPED_TEST_P(BucketStoreContract, StartAfterSkipsEntriesUpToIt) {
  for (const char* key : {"a", "b/1", "b/2", "c", "d/1"}) expect_ok(this->put(key, "x"));

  EXPECT_EQ(this->list_all({.start_after = "a"}), (std::vector<std::string>{"b/1", "b/2", "c", "d/1"}));
  EXPECT_EQ(this->list_all({.start_after = "b/1"}), (std::vector<std::string>{"b/2", "c", "d/1"}));
  EXPECT_EQ(this->list_all({.start_after = "b"}), (std::vector<std::string>{"b/1", "b/2", "c", "d/1"}));
  EXPECT_EQ(this->list_all({.start_after = "z"}), std::vector<std::string>{});
  EXPECT_EQ(this->list_all({.prefix = "b/", .start_after = "a"}), (std::vector<std::string>{"b/1", "b/2"}));
  EXPECT_EQ(this->list_all({.prefix = "b/", .start_after = "c"}), std::vector<std::string>{});
  EXPECT_EQ(this->list_all({.delimiter = "/", .start_after = "a"}), (std::vector<std::string>{"<b/>", "c", "<d/>"}));
  EXPECT_EQ(this->list_all({.delimiter = "/", .start_after = "b/"}), (std::vector<std::string>{"c", "<d/>"}));
  EXPECT_EQ(this->list_all({.delimiter = "/", .start_after = "b/1"}), (std::vector<std::string>{"c", "<d/>"}));
}

TYPED_TEST_P(BucketStoreContract, PagesJoinToTheWholeForAnyQuery) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&random](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  const auto random_text = [&](std::size_t longest) {
    std::string text;
    for (std::size_t length = below(longest + 1); text.size() < length;) text.push_back("ab/%~"[below(5)]);
    return text;
  };
  std::vector<std::string> keys;
  for (int i = 0; i < 150; ++i) {
    std::string key = "k" + random_text(7);
    if (std::ranges::find(keys, key) != keys.end()) continue;
    expect_ok(this->put(key, "x"));
    keys.push_back(std::move(key));
  }
  std::ranges::sort(keys);

  for (int i = 0; i < 60; ++i) {
    ListQuery query{.prefix = below(3) == 0 ? "" : "k" + random_text(2)};
    if (below(3) != 0) query.delimiter = below(4) == 0 ? "a/" : "/";
    if (below(2) == 0) query.start_after = "k" + random_text(5);
    std::vector<std::string> expected;
    for (const auto& key : keys) {
      if (!key.starts_with(query.prefix)) continue;
      const auto at = query.delimiter.empty() ? std::string::npos : key.find(query.delimiter, query.prefix.size());
      const bool is_prefix = at != std::string::npos;
      const std::string entry = is_prefix ? key.substr(0, at + query.delimiter.size()) : key;
      if (entry <= query.start_after) continue;
      const std::string shown = is_prefix ? "<" + entry + ">" : entry;
      if (expected.empty() || expected.back() != shown) expected.push_back(shown);
    }

    EXPECT_EQ(this->list_all(query, 1 + below(20)), expected)
        << "prefix '" << query.prefix << "' delimiter '" << query.delimiter << "' after '" << query.start_after << "'";
  }
}

TYPED_TEST_P(BucketStoreContract, ListingHasNoCap) {
  constexpr int kKeys = 2'500;
  std::vector<std::string> keys;
  std::vector<Task<void>> writers;
  std::atomic<int> applied{0};
  std::atomic<int> refused{0};
  for (int i = 0; i < kKeys; ++i) {
    keys.push_back("k/" + std::to_string(100'000 + i));
    writers.push_back(try_to_create(this->store(), this->in_lake(keys.back()), "x", applied, refused));
    if (writers.size() == 100) this->run_together(std::exchange(writers, {}));
  }

  EXPECT_EQ(applied, kKeys);
  EXPECT_EQ(this->list_all({}), keys);
  EXPECT_EQ(this->list_all({.delimiter = "/"}, 1), std::vector<std::string>{"<k/>"});
}

TYPED_TEST_P(BucketStoreContract, BadListingArgumentsAreInvalid) {
  EXPECT_EQ(outcome(this->list({.limit = 0})), "invalid_argument");
  EXPECT_EQ(outcome(this->list({.limit = 1001})), "invalid_argument");
  EXPECT_EQ(outcome(this->list({.continuation = "no token of ours"})), "invalid_argument");
}

// ----------------------------------------------------------------------------------------------------- buckets

TYPED_TEST_P(BucketStoreContract, BucketsAreMadeListedAndRemoved) {
  expect_ok(this->run(this->store().create_bucket("attic", this->soon())));
  expect_ok(this->run(this->store().create_bucket("lake-2.x", this->soon())));

  const auto buckets = this->run(this->store().list_buckets(this->soon()));
  ASSERT_TRUE(buckets);
  std::vector<std::string> names;
  for (const auto& bucket : *buckets) names.push_back(bucket.name);
  EXPECT_EQ(names, (std::vector<std::string>{"attic", "lake", "lake-2.x"}));
  const auto head = this->run(this->store().head_bucket("attic", this->soon()));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->name, "attic");
  expect_ok(this->run(this->store().remove_bucket("attic", this->soon())));
  EXPECT_EQ(outcome(this->run(this->store().head_bucket("attic", this->soon()))), "not_found/no_such_bucket");
}

TYPED_TEST_P(BucketStoreContract, BucketErrorsSayWhatIsWrong) {
  EXPECT_EQ(outcome(this->run(this->store().create_bucket("lake", this->soon()))), "already_exists");
  for (const char* name : {"ab", "Lake", "a_b", "-ab", "ab-", "a..b", "192.168.1.1", ""}) {
    EXPECT_EQ(outcome(this->run(this->store().create_bucket(name, this->soon()))), "invalid_argument") << name;
  }
  EXPECT_EQ(outcome(this->run(this->store().create_bucket(std::string(64, 'a'), this->soon()))), "invalid_argument");
  EXPECT_EQ(outcome(this->run(this->store().remove_bucket("nowhere", this->soon()))), "not_found/no_such_bucket");
}

TYPED_TEST_P(BucketStoreContract, BucketWithObjectsStays) {
  expect_ok(this->put("a", "1"));

  EXPECT_EQ(outcome(this->run(this->store().remove_bucket("lake", this->soon()))), "conflict/bucket_not_empty");
  EXPECT_EQ(this->read("a"), "1");
  expect_ok(this->run(this->store().remove(this->in_lake("a"), this->soon())));
  expect_ok(this->run(this->store().remove_bucket("lake", this->soon())));
}

TYPED_TEST_P(BucketStoreContract, UnfinishedUploadsGoWithTheirBucket) {
  const auto id = this->create_upload("a");
  ASSERT_TRUE(id) << to_string(id.error());
  expect_ok(this->upload_part("a", *id, 1, 100'000));

  expect_ok(this->run(this->store().remove_bucket("lake", this->soon())));
  expect_ok(this->run(this->store().create_bucket("lake", this->soon())));

  const auto uploads = this->run(this->store().list_uploads("lake", "", "", "", 10, this->soon()));
  ASSERT_TRUE(uploads);
  EXPECT_TRUE(uploads->uploads.empty());
  EXPECT_EQ(outcome(this->upload_part("a", *id, 2, 10)), "not_found/no_such_upload");
}

TYPED_TEST_P(BucketStoreContract, BucketsDoNotMix) {
  for (const char* bucket : {"lak", "lake2"}) {
    expect_ok(this->run(this->store().create_bucket(bucket, this->soon())));
    expect_ok(this->run(this->store().put({bucket, "a"}, bucket, PutCondition::none(), this->soon())));
  }
  expect_ok(this->put("a", "lake"));

  expect_ok(this->run(this->store().remove({"lak", "a"}, this->soon())));

  EXPECT_EQ(this->read("a"), "lake");
  EXPECT_EQ(this->list_all({}), std::vector<std::string>{"a"});
  expect_ok(this->run(this->store().remove_bucket("lak", this->soon())));
}

TYPED_TEST_P(BucketStoreContract, EveryCallSaysThatTheBucketIsMissing) {
  const ObjectKey key("nowhere", "a");
  const auto all = ByteRange::all();
  BucketStore& store = this->store();
  const std::string missing = "not_found/no_such_bucket";

  EXPECT_EQ(outcome(this->run(store.put(key, "1", PutCondition::none(), this->soon()))), missing);
  EXPECT_EQ(outcome(this->run(store.put(key, "1", PutCondition::if_match("*"), this->soon()))), missing);
  EXPECT_EQ(outcome(this->run(store.put_object(key, std::make_unique<PatternSource>(99'999), {}, this->soon()))),
            missing);
  EXPECT_EQ(outcome(this->run(store.get(key, all, this->soon()))), missing);
  EXPECT_EQ(outcome(this->run(store.remove(key, this->soon()))), missing);
  EXPECT_EQ(outcome(this->run(store.list("nowhere", {}, this->soon()))), missing);
  EXPECT_EQ(outcome(this->run(store.create_upload(key, {}, this->soon()))), missing);
  EXPECT_EQ(outcome(this->run(store.list_uploads("nowhere", "", "", "", 10, this->soon()))), missing);
  expect_ok(this->put("a", "1"));
  EXPECT_EQ(outcome(this->run(store.copy_object(this->in_lake("a"), key, {}, this->soon()))), missing);
}

// -------------------------------------------------------------------------------------------------------- copy

TYPED_TEST_P(BucketStoreContract, CopyOutlivesItsSource) {
  for (const std::uint64_t size : {std::uint64_t{10}, std::uint64_t{200'000}}) {
    PutOptions options;
    options.headers.content_type = "text/csv";
    options.headers.user_metadata = {{"k", "v"}};
    const auto source = this->run(this->store().put_object(
        this->in_lake("source"), std::make_unique<PatternSource>(size), std::move(options), this->soon()));
    ASSERT_TRUE(source);

    const auto copy =
        this->run(this->store().copy_object(this->in_lake("source"), this->in_lake("copy"), {}, this->soon()));
    const auto second =
        this->run(this->store().copy_object(this->in_lake("copy"), this->in_lake("copy 2"), {}, this->soon()));
    expect_ok(this->run(this->store().remove(this->in_lake("source"), this->soon())));
    expect_ok(this->put("copy 2", "replaced"));

    ASSERT_TRUE(copy && second) << to_string(copy.error());
    EXPECT_EQ(copy->etag, source->etag);
    EXPECT_EQ(copy->size, size);
    EXPECT_TRUE(this->read("copy") == pattern_bytes(this->runtime_, size));
    const auto details = this->run(this->store().head_object(this->in_lake("copy"), this->soon()));
    ASSERT_TRUE(details);
    EXPECT_EQ(details->headers.content_type, "text/csv");
    EXPECT_EQ(details->headers.user_metadata, (std::map<std::string, std::string>{{"k", "v"}}));
  }
}

TYPED_TEST_P(BucketStoreContract, CopyOntoItselfReplacesTheHeaders) {
  for (const std::uint64_t size : {std::uint64_t{10}, std::uint64_t{200'000}}) {
    expect_ok(this->put_pattern("a", size));
    CopyOptions options;
    options.headers = ObjectHeaders{.content_type = "text/html"};

    expect_ok(
        this->run(this->store().copy_object(this->in_lake("a"), this->in_lake("a"), std::move(options), this->soon())));

    EXPECT_TRUE(this->read("a") == pattern_bytes(this->runtime_, size));
    const auto details = this->run(this->store().head_object(this->in_lake("a"), this->soon()));
    ASSERT_TRUE(details);
    EXPECT_EQ(details->headers.content_type, "text/html");
  }
}

TYPED_TEST_P(BucketStoreContract, CopyObeysItsConditions) {
  const auto etag = this->put("source", "1");
  expect_ok(this->put("taken", "2"));
  const auto copy = [&](const char* source, const char* target, CopyOptions options) {
    return outcome(this->run(
        this->store().copy_object(this->in_lake(source), this->in_lake(target), std::move(options), this->soon())));
  };

  EXPECT_EQ(copy("source", "a", {.source_if_match = "0123"}), "precondition_failed");
  EXPECT_EQ(copy("source", "taken", {.condition = PutCondition::if_absent()}), "precondition_failed");
  EXPECT_EQ(copy("missing", "a", {}), "not_found/no_such_key");
  EXPECT_EQ(outcome(this->read("a")), "not_found/no_such_key");
  EXPECT_EQ(this->read("taken"), "2");
  EXPECT_EQ(copy("source", "a", {.condition = PutCondition::if_absent(), .source_if_match = *etag}), "ok");
  EXPECT_EQ(this->read("a"), "1");
}

// --------------------------------------------------------------------------------------------------- multipart

TYPED_TEST_P(BucketStoreContract, MultipartUploadBecomesOneObject) {
  PutOptions options;
  options.headers.content_type = "application/x-large";
  const auto id = this->create_upload("large", std::move(options));
  ASSERT_TRUE(id) << to_string(id.error());
  const std::uint64_t size = 5 * this->kMebibyte + 1;
  const auto first = this->upload_part("large", *id, 1, size, 1);
  const auto third = this->upload_part("large", *id, 3, size, 3);
  const auto last = this->upload_part("large", *id, 7, 1000, 7);
  ASSERT_TRUE(first && third && last);
  EXPECT_EQ(outcome(this->read("large")), "not_found/no_such_key");
  EXPECT_EQ(this->list_all({}), std::vector<std::string>{});

  const auto object = this->complete("large", *id, {{1, first->etag}, {3, third->etag}, {7, last->etag}});

  ASSERT_TRUE(object) << to_string(object.error());
  const Bytes whole = pattern_bytes(this->runtime_, size, 1) + pattern_bytes(this->runtime_, size, 3) +
                      pattern_bytes(this->runtime_, 1000, 7);
  const Bytes digests = *hex_decode(first->etag) + *hex_decode(third->etag) + *hex_decode(last->etag);
  EXPECT_EQ(object->etag, hex_encode(md5(digests)) + "-3");
  EXPECT_EQ(object->size, whole.size());
  EXPECT_TRUE(this->read("large") == whole);
  EXPECT_TRUE(this->read("large", ByteRange::between(size - 2, 2 * size + 2)) == whole.substr(size - 2, size + 5));
  EXPECT_TRUE(this->read("large", ByteRange::suffix(1001)) == whole.substr(whole.size() - 1001));
  const auto details = this->run(this->store().head_object(this->in_lake("large"), this->soon()));
  ASSERT_TRUE(details);
  EXPECT_EQ(details->headers.content_type, "application/x-large");
  if (TypeParam::kKeepsTagsAndChecksums) EXPECT_EQ(details->part_count, 3);
  const auto uploads = this->run(this->store().list_uploads("lake", "", "", "", 10, this->soon()));
  ASSERT_TRUE(uploads);
  EXPECT_TRUE(uploads->uploads.empty());
  EXPECT_EQ(outcome(this->complete("large", *id, {{1, first->etag}})), "not_found/no_such_upload");
}

TYPED_TEST_P(BucketStoreContract, MultipartOfOneSmallPartIsAnObject) {
  const auto id = this->create_upload("small");
  const auto part = this->upload_part("small", *id, 1, 1000);
  ASSERT_TRUE(part) << to_string(part.error());

  const auto object = this->complete("small", *id, {{1, part->etag}});

  ASSERT_TRUE(object) << to_string(object.error());
  EXPECT_TRUE(object->etag.ends_with("-1"));
  EXPECT_TRUE(this->read("small") == pattern_bytes(this->runtime_, 1000));
  EXPECT_TRUE(this->read("small", ByteRange::between(10, 19)) == pattern_bytes(this->runtime_, 1000).substr(10, 10));
}

TYPED_TEST_P(BucketStoreContract, CopyOfAMultipartObjectOutlivesIt) {
  const auto id = this->create_upload("a");
  const auto first = this->upload_part("a", *id, 1, 5 * this->kMebibyte, 1);
  const auto last = this->upload_part("a", *id, 2, 70'000, 2);
  ASSERT_TRUE(first && last);
  const auto object = this->complete("a", *id, {{1, first->etag}, {2, last->etag}});
  ASSERT_TRUE(object) << to_string(object.error());

  const auto copy = this->run(this->store().copy_object(this->in_lake("a"), this->in_lake("b"), {}, this->soon()));
  expect_ok(this->run(this->store().remove(this->in_lake("a"), this->soon())));

  ASSERT_TRUE(copy) << to_string(copy.error());
  EXPECT_TRUE(this->read("b") ==
              pattern_bytes(this->runtime_, 5 * this->kMebibyte, 1) + pattern_bytes(this->runtime_, 70'000, 2));
  expect_ok(this->run(this->store().remove(this->in_lake("b"), this->soon())));
  EXPECT_EQ(outcome(this->read("b")), "not_found/no_such_key");
}

TYPED_TEST_P(BucketStoreContract, PartSentAgainReplacesTheFormer) {
  const auto id = this->create_upload("a");
  const auto former = this->upload_part("a", *id, 1, 50'000, 1);
  const auto latter = this->upload_part("a", *id, 1, 60'000, 2);
  ASSERT_TRUE(former && latter);

  EXPECT_EQ(outcome(this->complete("a", *id, {{1, former->etag}})), "invalid_argument/invalid_part");
  EXPECT_EQ(outcome(this->complete("a", *id, {{1, latter->etag}})), "ok");
  EXPECT_TRUE(this->read("a") == pattern_bytes(this->runtime_, 60'000, 2));
}

TYPED_TEST_P(BucketStoreContract, BadCompletionsSayWhyAndKeepTheUpload) {
  const auto id = this->create_upload("a");
  const auto one = this->upload_part("a", *id, 1, 1000, 1);
  const auto two = this->upload_part("a", *id, 2, 2000, 2);
  ASSERT_TRUE(one && two);
  const CompletedPart first{1, one->etag};
  const CompletedPart second{2, two->etag};

  EXPECT_EQ(outcome(this->complete("a", *id, {second, first})), "invalid_argument/invalid_part_order");
  EXPECT_EQ(outcome(this->complete("a", *id, {second, second})), "invalid_argument/invalid_part_order");
  EXPECT_EQ(outcome(this->complete("a", *id, {first, second})), "invalid_argument/part_too_small");
  EXPECT_EQ(outcome(this->complete("a", *id, {first, {3, two->etag}})), "invalid_argument/invalid_part");
  EXPECT_EQ(outcome(this->complete("a", *id, {{3, two->etag}})), "invalid_argument/invalid_part");
  EXPECT_EQ(outcome(this->complete("a", *id, {{1, two->etag}})), "invalid_argument/invalid_part");
  EXPECT_EQ(outcome(this->complete("a", *id, {})), "invalid_argument/invalid_part");
  EXPECT_EQ(outcome(this->complete("b", *id, {first})), "not_found/no_such_upload");
  EXPECT_EQ(outcome(this->complete("a", "nope", {first})), "not_found/no_such_upload");
  EXPECT_EQ(outcome(this->read("a")), "not_found/no_such_key");
  EXPECT_EQ(outcome(this->complete("a", *id, {second})), "ok") << "unlisted parts are dropped";
  EXPECT_TRUE(this->read("a") == pattern_bytes(this->runtime_, 2000, 2));
}

TYPED_TEST_P(BucketStoreContract, CompletionIsConditional) {
  const auto id = this->create_upload("a");
  const auto part = this->upload_part("a", *id, 1, 1000);
  ASSERT_TRUE(part);
  const auto taken = this->put("a", "first");

  EXPECT_EQ(outcome(this->complete("a", *id, {{1, part->etag}}, PutCondition::if_absent())), "precondition_failed");
  EXPECT_EQ(this->read("a"), "first");
  EXPECT_EQ(outcome(this->complete("a", *id, {{1, part->etag}}, PutCondition::if_match(*taken))), "ok");
  EXPECT_EQ(this->read("a")->size(), 1000U);
}

TYPED_TEST_P(BucketStoreContract, AbortedUploadIsGone) {
  const auto id = this->create_upload("a");
  const auto part = this->upload_part("a", *id, 1, 100'000);
  ASSERT_TRUE(part);

  expect_ok(this->run(this->store().abort_upload(this->in_lake("a"), *id, this->soon())));

  EXPECT_EQ(outcome(this->run(this->store().abort_upload(this->in_lake("a"), *id, this->soon()))),
            "not_found/no_such_upload");
  EXPECT_EQ(outcome(this->upload_part("a", *id, 2, 10)), "not_found/no_such_upload");
  EXPECT_EQ(outcome(this->run(this->store().list_parts(this->in_lake("a"), *id, 0, 10, this->soon()))),
            "not_found/no_such_upload");
  EXPECT_EQ(outcome(this->complete("a", *id, {{1, part->etag}})), "not_found/no_such_upload");
}

TYPED_TEST_P(BucketStoreContract, PartsAreListedInPages) {
  const auto id = this->create_upload("a");
  for (const int number : {1, 2, 5, 10'000}) {
    expect_ok(this->upload_part("a", *id, number, static_cast<std::uint64_t>(number)));
  }
  const auto list_parts = [&](int after, std::size_t limit) {
    return this->run(this->store().list_parts(this->in_lake("a"), *id, after, limit, this->soon()));
  };

  const auto first = list_parts(0, 3);
  const auto second = list_parts(5, 3);

  ASSERT_TRUE(first && second);
  ASSERT_EQ(first->parts.size(), 3U);
  EXPECT_TRUE(first->is_truncated);
  EXPECT_EQ(first->parts[2].number, 5);
  EXPECT_EQ(first->parts[2].size, 5U);
  EXPECT_EQ(first->parts[2].etag, hex_encode(md5(pattern_bytes(this->runtime_, 5))));
  ASSERT_EQ(second->parts.size(), 1U);
  EXPECT_FALSE(second->is_truncated);
  EXPECT_EQ(second->parts[0].number, 10'000);
  EXPECT_EQ(outcome(list_parts(0, 0)), "invalid_argument");
  EXPECT_EQ(outcome(list_parts(0, 1001)), "invalid_argument");
}

TYPED_TEST_P(BucketStoreContract, PartNumbersOutsideTheRulesAreInvalid) {
  const auto id = this->create_upload("a");

  for (const int number : {-1, 0, 10'001}) {
    EXPECT_EQ(outcome(this->upload_part("a", *id, number, 10)), "invalid_argument") << number;
  }
}

TYPED_TEST_P(BucketStoreContract, PartThatFailsLeavesNothing) {
  const auto id = this->create_upload("a");
  const Error broken{ErrorCode::kInvalidArgument, "the body's digest is another", "bad_digest"};
  for (const std::uint64_t size : {std::uint64_t{10}, std::uint64_t{1'000'000}}) {
    const auto part = this->run(this->store().upload_part(this->in_lake("a"), *id, 1,
                                                          std::make_unique<FailingSource>(size, broken), this->soon()));
    EXPECT_EQ(outcome(part), "invalid_argument/bad_digest");
  }

  const auto parts = this->run(this->store().list_parts(this->in_lake("a"), *id, 0, 10, this->soon()));
  ASSERT_TRUE(parts);
  EXPECT_TRUE(parts->parts.empty());
}

TYPED_TEST_P(BucketStoreContract, UploadsAreListedByKeyThenId) {
  std::vector<std::pair<std::string, std::string>> expected;
  for (const char* key : {"b/2", "a", "b/1", "b/1", "c"}) {
    const auto id = this->create_upload(key);
    ASSERT_TRUE(id);
    expected.emplace_back(key, *id);
  }
  std::ranges::sort(expected);
  const auto list_uploads = [&](std::string prefix, std::string after_key, std::string after_id, std::size_t limit) {
    std::vector<std::pair<std::string, std::string>> listed;
    const auto page = this->run(this->store().list_uploads("lake", std::move(prefix), std::move(after_key),
                                                           std::move(after_id), limit, this->soon()));
    if (!page) return listed;
    for (const auto& upload : page->uploads) listed.emplace_back(upload.key, upload.upload_id);
    if (page->is_truncated) listed.emplace_back("more", "");
    return listed;
  };
  using Uploads = std::vector<std::pair<std::string, std::string>>;

  EXPECT_EQ(list_uploads("", "", "", 10), expected);
  EXPECT_EQ(list_uploads("b/", "", "", 2), (Uploads{expected[1], expected[2], {"more", ""}}));
  EXPECT_EQ(list_uploads("b/", expected[1].first, expected[1].second, 10), (Uploads{expected[2], expected[3]}));
  EXPECT_EQ(list_uploads("b/", "b/1", "", 10), (Uploads{expected[3]}));
  EXPECT_EQ(list_uploads("", "b/2", "", 10), (Uploads{expected[4]}));
}

REGISTER_TYPED_TEST_SUITE_P(
    BucketStoreContract, ReadsBackWhatWasPut, ReplacingKeepsTheLast, EmptyObjectIsAnObject,
    SizesAroundEveryBlockBoundaryRoundTrip, LargeBodyStreamsInAndOut, MissingObjectIsNotFound,
    RemovedObjectIsGoneAndRemovingAgainSucceeds, KeysOutsideTheRulesAreInvalid, EveryOddKeyIsAKeyOfItsOwn,
    BodyThatFailsLeavesNothing, PassedDeadlineIsCertainlyNotApplied, ReaderSeesOneVersionWhateverIsWrittenMeanwhile,
    BytesOverTheLimitOfGetBytesAreTooLarge, RangesAreCutToTheObject, RangeOutsideTheObjectIsInvalid,
    RangesOfALargeObjectCrossItsBlocks, IfAbsentIsAppliedOnce, IfMatchIsAppliedToThatETagOnly,
    IfMatchOnAMissingKeyIsNotFound, RefusedLargePutLeavesWhatIsThere, RemovalCanBeConditional,
    ExactlyOneOfRacingCreatorsWins, NoUpdateOfRacingComparersAndSwappersIsLost, HeadersComeBackAsTheyWere,
    ReplacingDropsTheFormerHeaders, TagsAndChecksumsComeBackAsTheyWere, ListingSaysWhatHeadSays,
    EmptyBucketListsAsNothing, DelimiterRollsKeysUp, StartAfterSkipsEntriesUpToIt, PagesJoinToTheWholeForAnyQuery,
    ListingHasNoCap, BadListingArgumentsAreInvalid, BucketsAreMadeListedAndRemoved, BucketErrorsSayWhatIsWrong,
    BucketWithObjectsStays, UnfinishedUploadsGoWithTheirBucket, BucketsDoNotMix, EveryCallSaysThatTheBucketIsMissing,
    CopyOutlivesItsSource, CopyOntoItselfReplacesTheHeaders, CopyObeysItsConditions, MultipartUploadBecomesOneObject,
    MultipartOfOneSmallPartIsAnObject, CopyOfAMultipartObjectOutlivesIt, PartSentAgainReplacesTheFormer,
    BadCompletionsSayWhyAndKeepTheUpload, CompletionIsConditional, AbortedUploadIsGone, PartsAreListedInPages,
    PartNumbersOutsideTheRulesAreInvalid, PartThatFailsLeavesNothing, UploadsAreListedByKeyThenId);

}  // namespace tarn::store
