#include "apps/tarn/parquet_dataset.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "columnar/schema.h"

namespace tarn::apps {
namespace {

/// The end of a file that is fetched at first: most footers fit, and then one request is enough.
constexpr std::uint64_t kFirstTailBytes = 64 * 1024;

/// A footer, and the object it was read from.
struct ReadFooter {
  store::ObjectSummary object;
  columnar::Footer footer;
};

struct Tail {
  store::ObjectSummary object;
  Bytes bytes;
};

Task<Tail> read_tail(store::ObjectStore& store, store::ObjectKey key, std::uint64_t size_bytes, Deadline deadline) {
  auto reader = co_await store.get(key, store::ByteRange::suffix(size_bytes), deadline);
  if (!reader && reader.error().reason == store::kInvalidRange) {
    co_return failure(ErrorCode::kCorrupt, "the object is empty");
  }
  if (!reader) co_return std::unexpected(std::move(reader).error());
  TARN_CO_TRY(Bytes bytes, co_await async::read_all(*reader->body, static_cast<std::size_t>(size_bytes)));
  co_return Tail{std::move(reader->summary), std::move(bytes)};
}

Task<ReadFooter> read_object_footer(store::ObjectStore& store, store::ObjectKey key, Deadline deadline) {
  TARN_CO_TRY(Tail tail, co_await read_tail(store, key, kFirstTailBytes, deadline));
  TARN_CO_TRY(const std::uint64_t needed, columnar::footer_bytes_needed(tail.bytes));
  if (needed > tail.bytes.size()) {
    TARN_CO_TRY(tail, co_await read_tail(store, key, needed, deadline));
  }
  TARN_CO_TRY(columnar::Footer footer, columnar::read_footer(tail.bytes));
  tail.object.key = key.key;
  co_return ReadFooter{std::move(tail.object), std::move(footer)};
}

Task<std::vector<std::string>> list_parquet(store::ObjectStore& store, std::string bucket, std::string prefix,
                                            std::chrono::milliseconds request_timeout) {
  std::vector<std::string> keys;
  store::ListQuery query;
  query.prefix = std::move(prefix);
  do {
    TARN_CO_TRY(const store::ListPage page, co_await store.list(bucket, query, Deadline::after(request_timeout)));
    for (const store::ObjectSummary& object : page.objects) {
      if (object.key.ends_with(".parquet")) keys.push_back(object.key);
    }
    if (keys.size() > kMaxParquetFiles) {
      co_return failure(ErrorCode::kTooLarge,
                        fmt::format("more than {} files below {}", kMaxParquetFiles, query.prefix));
    }
    query.continuation = page.continuation;
  } while (!query.continuation.empty());
  if (keys.empty()) co_return failure(ErrorCode::kInvalidArgument, "there is no .parquet object below " + query.prefix);
  co_return keys;
}

std::string describe(const columnar::ColumnSchema& column) {
  return fmt::format("{} {}{}", column.name, column.type, column.is_nullable ? "" : " not null");
}

/// Where two lists of columns part.
std::string first_difference(const std::vector<columnar::ColumnSchema>& expected,
                             const std::vector<columnar::ColumnSchema>& found) {
  const auto [there, here] = std::ranges::mismatch(expected, found);
  if (here == found.end()) return "it lacks " + describe(*there);
  if (there == expected.end()) return "it has " + describe(*here) + " too";
  return fmt::format("{} where {} is expected", describe(*here), describe(*there));
}

}  // namespace

Task<ParquetDataset> describe_parquet(store::ObjectStore& store, std::string bucket, std::vector<std::string> keys,
                                      std::chrono::milliseconds request_timeout) {
  std::vector<std::string> files;
  for (const std::string& key : keys) {
    if (!key.ends_with('/')) {
      files.push_back(key);
      continue;
    }
    TARN_CO_TRY(auto below, co_await list_parquet(store, bucket, key, request_timeout));
    std::ranges::move(below, std::back_inserter(files));
  }
  if (files.empty()) co_return failure(ErrorCode::kInvalidArgument, "no Parquet file is named");

  ParquetDataset dataset;
  std::vector<columnar::ColumnSchema> columns;
  for (const std::string& file : files) {
    auto read = co_await read_object_footer(store, store::ObjectKey(bucket, file), Deadline::after(request_timeout));
    if (!read) co_return std::unexpected(std::move(read).error().while_doing(file));
    if (dataset.objects.empty()) columns = read->footer.columns;
    if (read->footer.columns != columns) {
      co_return failure(ErrorCode::kInvalidArgument,
                        fmt::format("{} has other columns than {}: {}", file, files.front(),
                                    first_difference(columns, read->footer.columns)));
    }
    dataset.row_count += read->footer.row_count;
    dataset.objects.push_back({.key = file, .size = read->object.size, .etag = read->object.etag});
  }
  dataset.schema_fingerprint = columnar::schema_fingerprint(columns);
  for (columnar::ColumnSchema& column : columns) {
    dataset.columns.push_back(
        {.name = std::move(column.name), .type = std::move(column.type), .is_nullable = column.is_nullable});
  }
  co_return dataset;
}

}  // namespace tarn::apps
