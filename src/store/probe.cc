#include "store/probe.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "async/task_group.h"

namespace tarn::store {
namespace {

constexpr std::size_t kMaxScratchBytes = 4096;

using Outcome = Result<std::string>;

Task<void> write_into(ObjectStore& store, ObjectKey key, Bytes body, PutCondition condition, Deadline deadline,
                      std::optional<Outcome>& outcome) {
  outcome.emplace(co_await store.put(std::move(key), std::move(body), std::move(condition), deadline));
  co_return Result<void>();
}

/// Different for each writer of each race: an ETag is of content, so writing the same bytes again would keep it true.
std::string body_of_writer(std::string_view race, std::size_t writer) {
  return fmt::format("{}, writer {}", race, writer);
}

struct Race {
  std::size_t winners = 0;
  std::string winning_body;
  std::string winning_etag;
};

/// Lets `writers` put different bytes under one condition at once. Errors: when the outcome of one cannot be told.
Task<Race> race(std::string name, ObjectStore& store, ObjectKey key, std::size_t writers, PutCondition condition,
                Deadline deadline) {
  std::vector<std::optional<Outcome>> outcomes(writers);
  const auto executor = co_await asio::this_coro::executor;
  {
    async::TaskGroup group;
    for (std::size_t i = 0; i < writers; ++i) {
      group.spawn(executor, write_into(store, key, body_of_writer(name, i), condition, deadline, outcomes[i]));
    }
    // Each write has the deadline; waiting for them needs none.
    TARN_CO_TRY_VOID(co_await group.stop(Deadline::never()));
  }
  Race result;
  for (std::size_t i = 0; i < writers; ++i) {
    const Outcome& outcome = *outcomes[i];
    if (outcome) {
      ++result.winners;
      result.winning_body = body_of_writer(name, i);
      result.winning_etag = *outcome;
    } else if (outcome.error().code != ErrorCode::kPreconditionFailed && outcome.error().code != ErrorCode::kConflict) {
      co_return std::unexpected(outcome.error());
    }
  }
  co_return result;
}

/// A race must have one winner, whose bytes are there afterwards.
Task<ProbeCheck> check_race(std::string name, ObjectStore& store, ObjectKey key, std::size_t writers,
                            PutCondition condition, Deadline deadline) {
  TARN_CO_TRY(const Race result, co_await race(name, store, key, writers, std::move(condition), deadline));
  if (result.winners != 1) {
    co_return ProbeCheck{std::move(name), false,
                         fmt::format("{} writers raced and {} were told that they won", writers, result.winners)};
  }
  TARN_CO_TRY(const StoredBytes stored, co_await get_bytes(store, key, kMaxScratchBytes, deadline));
  if (stored.bytes != result.winning_body || stored.etag != result.winning_etag) {
    co_return ProbeCheck{std::move(name), false, "the winner was told so, and another's bytes are there"};
  }
  co_return ProbeCheck{std::move(name), true, fmt::format("{} writers raced, 1 won", writers)};
}

/// A put whose condition cannot hold must be refused with `expected`.
Task<ProbeCheck> check_refused(std::string name, ObjectStore& store, ObjectKey key, PutCondition condition,
                               ErrorCode expected, Deadline deadline) {
  const Outcome outcome = co_await store.put(std::move(key), "must not be written", std::move(condition), deadline);
  if (outcome) co_return ProbeCheck{std::move(name), false, "the write was applied all the same"};
  const ErrorCode code = outcome.error().code;
  const bool is_refusal =
      code == ErrorCode::kPreconditionFailed || code == ErrorCode::kConflict || code == ErrorCode::kNotFound;
  if (!is_refusal) co_return std::unexpected(outcome.error());
  co_return ProbeCheck{std::move(name), code == expected,
                       code == expected ? "refused" : "refused as " + to_string(outcome.error())};
}

std::string range_key(const ProbeOptions& options) {
  return options.prefix + "range";
}

Task<void> remove_all(ObjectStore& store, std::string bucket, std::vector<std::string> keys, Deadline deadline) {
  for (const std::string& key : keys) {
    TARN_CO_TRY_VOID(co_await store.remove(ObjectKey(bucket, key), deadline));
  }
  co_return Result<void>();
}

/// Every key below the prefix, in pages of two.
Task<std::vector<std::string>> list_all(ObjectStore& store, std::string bucket, std::string prefix, Deadline deadline) {
  std::vector<std::string> keys;
  ListQuery query;
  query.prefix = std::move(prefix);
  query.limit = 2;
  do {
    TARN_CO_TRY(const ListPage page, co_await store.list(bucket, query, deadline));
    for (const ObjectSummary& object : page.objects) keys.push_back(object.key);
    query.continuation = page.continuation;
  } while (!query.continuation.empty());
  co_return keys;
}

Task<ProbeCheck> check_listing(ObjectStore& store, ProbeOptions options, Deadline deadline) {
  constexpr std::size_t kKeys = 5;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kKeys; ++i) keys.push_back(fmt::format("{}list/{}", options.prefix, i));
  for (const std::string& key : keys) {
    TARN_CO_TRY_VOID(co_await store.put(ObjectKey(options.bucket, key), "x", PutCondition::none(), deadline));
  }
  TARN_CO_TRY(const auto listed, co_await list_all(store, options.bucket, options.prefix + "list/", deadline));
  TARN_CO_TRY_VOID(co_await remove_all(store, options.bucket, keys, deadline));
  TARN_CO_TRY(const auto left, co_await list_all(store, options.bucket, options.prefix + "list/", deadline));
  constexpr auto kName = "list after put";
  if (listed != keys) {
    co_return ProbeCheck{kName, false, fmt::format("{} keys put, {} listed, or out of order", kKeys, listed.size())};
  }
  if (!left.empty()) {
    co_return ProbeCheck{kName, false, fmt::format("{} keys removed, {} still listed", kKeys, left.size())};
  }
  co_return ProbeCheck{kName, true, fmt::format("{} keys in 3 pages, none after removal", kKeys)};
}

Task<std::string> read_range(ObjectStore& store, ObjectKey key, ByteRange range, Deadline deadline) {
  TARN_CO_TRY(const ObjectReader reader, co_await store.get(std::move(key), range, deadline));
  TARN_CO_TRY(Bytes bytes, co_await async::read_all(*reader.body, kMaxScratchBytes));
  co_return bytes;
}

Task<ProbeCheck> check_ranges(ObjectStore& store, ProbeOptions options, Deadline deadline) {
  constexpr auto kName = "range reads";
  const ObjectKey key(options.bucket, range_key(options));
  TARN_CO_TRY_VOID(co_await store.put(key, "0123456789", PutCondition::none(), deadline));
  const std::vector<std::pair<ByteRange, std::string>> cases = {
      {ByteRange::between(2, 4), "234"}, {ByteRange::between(8, 99), "89"}, {ByteRange::from(7), "789"},
      {ByteRange::suffix(3), "789"},     {ByteRange::all(), "0123456789"},
  };
  for (const auto& [range, expected] : cases) {
    TARN_CO_TRY(const std::string bytes, co_await read_range(store, key, range, deadline));
    if (bytes != expected) {
      co_return ProbeCheck{kName, false, fmt::format("expected \"{}\" and got \"{}\"", expected, bytes)};
    }
  }
  const auto outside = co_await read_range(store, key, ByteRange::from(10), deadline);
  if (outside || outside.error().code != ErrorCode::kInvalidArgument) {
    co_return ProbeCheck{kName, false, "a range behind the end was not refused"};
  }
  co_return ProbeCheck{kName, true, "first, middle, last and open ranges are exact"};
}

Task<std::vector<ProbeCheck>> run_condition_checks(ObjectStore& store, ProbeOptions options, Deadline deadline) {
  const ObjectKey key(options.bucket, options.prefix + "condition");
  const ObjectKey absent(options.bucket, options.prefix + "absent");
  std::vector<ProbeCheck> checks;
  TARN_CO_TRY(checks.emplace_back(), co_await check_race("conditional create", store, key, options.writers,
                                                         PutCondition::if_absent(), deadline));
  TARN_CO_TRY(checks.emplace_back(),
              co_await check_refused("create of what exists", store, key, PutCondition::if_absent(),
                                     ErrorCode::kPreconditionFailed, deadline));
  TARN_CO_TRY(const ObjectSummary before, co_await store.head(key, deadline));
  TARN_CO_TRY(checks.emplace_back(), co_await check_race("conditional replace", store, key, options.writers,
                                                         PutCondition::if_match(before.etag), deadline));
  TARN_CO_TRY(checks.emplace_back(),
              co_await check_refused("replace of a former version", store, key, PutCondition::if_match(before.etag),
                                     ErrorCode::kPreconditionFailed, deadline));
  TARN_CO_TRY(checks.emplace_back(),
              co_await check_refused("replace of what is missing", store, absent, PutCondition::if_match(before.etag),
                                     ErrorCode::kNotFound, deadline));
  co_return checks;
}

Task<ProbeCheck> run_remove_check(BucketStore& store, ProbeOptions options, Deadline deadline) {
  constexpr auto kName = "conditional remove";
  const ObjectKey key(options.bucket, options.prefix + "remove");
  TARN_CO_TRY(const std::string former, co_await store.put(key, "former", PutCondition::none(), deadline));
  TARN_CO_TRY(const std::string current, co_await store.put(key, "current", PutCondition::none(), deadline));
  const auto stale = co_await store.remove_object(key, RemoveCondition{former}, deadline);
  const auto still_there = co_await store.head(key, deadline);
  if (stale || !still_there) co_return ProbeCheck{kName, false, "a stale condition did not keep the object"};
  const auto matching = co_await store.remove_object(key, RemoveCondition{current}, deadline);
  if (!matching) co_return ProbeCheck{kName, false, "not supported: " + matching.error().message};
  co_return ProbeCheck{kName, true, "a stale condition was refused"};
}

}  // namespace

Task<std::vector<ProbeCheck>> probe_conditions(ObjectStore& store, ProbeOptions options, Deadline deadline) {
  auto checks = co_await run_condition_checks(store, options, deadline);
  // A check that failed may have left either key. That a scratch key stays is no reason to refuse the store.
  [[maybe_unused]] const auto cleaned =
      co_await remove_all(store, options.bucket, {options.prefix + "condition", options.prefix + "absent"}, deadline);
  co_return checks;
}

Task<std::vector<ProbeCheck>> probe_reads(ObjectStore& store, ProbeOptions options, Deadline deadline) {
  std::vector<ProbeCheck> checks;
  TARN_CO_TRY(checks.emplace_back(), co_await check_listing(store, options, deadline));
  TARN_CO_TRY(checks.emplace_back(), co_await check_ranges(store, options, deadline));
  [[maybe_unused]] const auto cleaned = co_await remove_all(store, options.bucket, {range_key(options)}, deadline);
  co_return checks;
}

Task<ProbeCheck> probe_conditional_remove(BucketStore& store, ProbeOptions options, Deadline deadline) {
  auto check = co_await run_remove_check(store, options, deadline);
  [[maybe_unused]] const auto cleaned =
      co_await remove_all(store, options.bucket, {options.prefix + "remove"}, deadline);
  co_return check;
}

}  // namespace tarn::store
