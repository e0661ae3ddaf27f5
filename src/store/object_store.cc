#include "store/object_store.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"

namespace tarn::store {
namespace {

std::unexpected<Error> out_of_range(std::uint64_t object_size) {
  return failure(ErrorCode::kInvalidArgument,
                 "no byte of the object is in the range; it has " + std::to_string(object_size) + " bytes",
                 kInvalidRange);
}

}  // namespace

Result<void> validate_key(std::string_view key) {
  if (key.empty()) return failure(ErrorCode::kInvalidArgument, "the key is empty");
  if (key.size() > kMaxKeyBytes) {
    return failure(ErrorCode::kInvalidArgument, "the key has " + std::to_string(key.size()) + " bytes, the limit is " +
                                                    std::to_string(kMaxKeyBytes));
  }
  if (!is_valid_utf8(key)) return failure(ErrorCode::kInvalidArgument, "the key is not UTF-8");
  return {};
}

Result<ResolvedRange> resolve(const ByteRange& range, std::uint64_t object_size) {
  if (range.is_all()) return ResolvedRange{.offset = 0, .length = object_size};
  if (range.suffix_length) {
    const std::uint64_t length = std::min(*range.suffix_length, object_size);
    if (length == 0) return out_of_range(object_size);
    return ResolvedRange{.offset = object_size - length, .length = length};
  }
  const std::uint64_t first = *range.first;
  if (first >= object_size || (range.last && *range.last < first)) return out_of_range(object_size);
  const std::uint64_t last = std::min(range.last.value_or(object_size - 1), object_size - 1);
  return ResolvedRange{.offset = first, .length = last - first + 1};
}

Task<StoredBytes> get_bytes(ObjectStore& store, ObjectKey key, std::size_t limit_bytes, Deadline deadline) {
  const std::string path = key.path();
  TARN_CO_TRY(ObjectReader reader, co_await store.get(std::move(key), ByteRange::all(), deadline));
  auto bytes = co_await async::read_all(*reader.body, limit_bytes);
  if (!bytes) co_return std::move(bytes).error().while_doing("get " + path);
  co_return StoredBytes{.etag = std::move(reader.summary.etag), .bytes = *std::move(bytes)};
}

}  // namespace tarn::store
