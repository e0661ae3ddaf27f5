#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalog/catalog.h"
#include "catalog_api/json.h"

namespace tarn::catalog_api {

/// Bounds of the list, on both wires.
inline constexpr std::size_t kDefaultPageSize = 100;
inline constexpr std::size_t kMaxPageSize = catalog::kMaxListLimit;
inline constexpr std::size_t kMaxPrefixBytes = 1024;
/// What fills a page of names is their count: nothing else of the manifests is sent.
inline constexpr std::size_t kUnboundedPageBytes = std::numeric_limits<std::size_t>::max();

struct ListQuery {
  catalog::ListDatasets datasets;
  DatasetView view = DatasetView::kFull;
};

/// The token of the page after the one that ends with `name`. Opaque to clients, stable under any change between two
/// pages, safe in a URL as it is.
std::string page_token_after(std::string_view name);
/// The reverse. Errors: kInvalidArgument when it is not a token of ours.
Result<std::string> name_of_page_token(std::string_view token);

/// The list's query parameters, "prefix=ny&page_size=10", still percent-encoded. Errors: kInvalidArgument naming the
/// parameter: unknown, given twice, over its bound.
Result<ListQuery> parse_list_query(std::string_view query);
/// The query that asks for that page.
std::string render_list_query(const catalog::ListDatasets& datasets);

}  // namespace tarn::catalog_api
