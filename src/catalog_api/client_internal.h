#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "async/deadline.h"
#include "base/result.h"
#include "catalog/catalog.h"

// What the clients of both wires share.

namespace tarn::catalog_api {

/// The longest answer a client reads: a dataset of the longest manifest has less.
inline constexpr std::size_t kMaxResponseBytes = std::size_t{512} << 20;

/// What the server is told: less than is left by a tenth, 100 ms at most, so that its answer is here in time; between
/// 1 ms and kMaxTimeout.
std::chrono::milliseconds timeout_for_server(Deadline deadline);

/// Text that is not UTF-8 cannot be sent as it is, and what the server would make of it is something else. Errors:
/// kInvalidArgument naming the field.
Result<void> expect_utf8(const catalog::RegisterRequest& request);
Result<void> expect_utf8(std::string_view field, std::string_view text);

/// Errors: kNotFound for a name that no path can have, since no dataset has it: an empty one, one that is not UTF-8.
Result<void> expect_addressable(std::string_view name);

/// Drops datasets from the page's end until its manifests have about `limit_bytes`, or one is left.
void cut_to_bytes(catalog::DatasetPage& page, std::size_t limit_bytes);

}  // namespace tarn::catalog_api
