#include "catalog_api/paging.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "http/message.h"

namespace tarn::catalog_api {
namespace {

// Leads every token: another kind of cursor would get another letter, and tokens of this kind would still be known.
constexpr char kAfterName = 'n';

std::unexpected<Error> invalid(std::string_view parameter, std::string_view expected) {
  return failure(ErrorCode::kInvalidArgument, std::string(parameter) + ": expected " + std::string(expected));
}

Result<std::size_t> parse_page_size(std::string_view text) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size < 1 || size > kMaxPageSize) {
    return invalid("page_size", "an integer from 1 to 1000");
  }
  return size;
}

Result<void> apply(ListQuery& query, std::string_view name, const std::string& value) {
  if (!is_valid_utf8(value)) return invalid(name, "UTF-8");
  if (name == "prefix") {
    if (value.size() > kMaxPrefixBytes) return invalid(name, "1024 bytes at most");
    query.datasets.prefix = value;
  } else if (name == "page_size") {
    TARN_TRY(query.datasets.limit, parse_page_size(value));
  } else if (name == "page_token") {
    // Empty is the first page, as over gRPC.
    if (!value.empty()) {
      TARN_TRY(query.datasets.after, name_of_page_token(value));
    }
  } else if (name == "view") {
    if (value != "full" && value != "names") return invalid(name, "full or names");
    query.view = value == "names" ? DatasetView::kNames : DatasetView::kFull;
  } else if (name == "state") {
    if (value != "live" && value != "dropped") return invalid(name, "live or dropped");
    query.datasets.state = value == "dropped" ? catalog::DatasetState::kDropped : catalog::DatasetState::kLive;
  } else {
    return failure(ErrorCode::kInvalidArgument,
                   std::string(name) + ": unknown; expected prefix, page_size, page_token, view or state");
  }
  return {};
}

}  // namespace

std::string page_token_after(std::string_view name) {
  return kAfterName + hex_encode(name);
}

Result<std::string> name_of_page_token(std::string_view token) {
  if (token.empty() || token.front() != kAfterName) return invalid("page_token", "the next_page_token of a page");
  auto name = hex_decode(token.substr(1));
  if (!name || name->size() > kMaxPrefixBytes) return invalid("page_token", "the next_page_token of a page");
  return *std::move(name);
}

Result<ListQuery> parse_list_query(std::string_view query) {
  ListQuery parsed;
  parsed.datasets.limit = kDefaultPageSize;
  TARN_TRY(const auto parameters, http::parse_query(query));
  for (auto parameter = parameters.begin(); parameter != parameters.end(); ++parameter) {
    const auto& [name, value] = *parameter;
    const auto has_same_name = [&name](const auto& other) { return other.first == name; };
    if (std::any_of(parameters.begin(), parameter, has_same_name)) return invalid(name, "it once");
    TARN_TRY_VOID(apply(parsed, name, value));
  }
  if (parsed.view == DatasetView::kNames) parsed.datasets.limit_bytes = kUnboundedPageBytes;
  return parsed;
}

std::string render_list_query(const catalog::ListDatasets& datasets) {
  std::string query = "page_size=" + std::to_string(datasets.limit);
  if (!datasets.prefix.empty()) query += "&prefix=" + percent_encode(datasets.prefix);
  if (!datasets.after.empty()) query += "&page_token=" + page_token_after(datasets.after);
  if (datasets.state == catalog::DatasetState::kDropped) query += "&state=dropped";
  return query;
}

}  // namespace tarn::catalog_api
