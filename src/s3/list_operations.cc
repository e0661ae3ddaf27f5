#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "s3/answers_xml_internal.h"
#include "s3/operations_internal.h"

namespace tarn::s3 {
namespace {

using store::ListPage;
using store::ListQuery;

/// After every key under kCatalogPrefix and before all others that follow: no UTF-8 has this byte.
std::string after_catalog() {
  return std::string(kCatalogPrefix) + '\xff';
}

/// Whether anything but the catalog's keys begins with `prefix`, which the catalog's keys begin with too.
Task<bool> has_visible_key(Call& call, std::string prefix) {
  ListQuery first;
  first.prefix = prefix;
  first.limit = 1;
  TARN_CO_TRY(const ListPage page, co_await call.store.list(call.route.bucket, first, call.deadline));
  if (page.objects.empty() || call.may_touch(page.objects.front().key)) co_return !page.objects.empty();
  ListQuery rest;
  rest.prefix = std::move(prefix);
  rest.start_after = after_catalog();
  rest.limit = 1;
  TARN_CO_TRY(const ListPage beyond, co_await call.store.list(call.route.bucket, rest, call.deadline));
  co_return !beyond.objects.empty();
}

/// Takes out of a page what the caller may not see: the catalog's keys, and common prefixes that stand for nothing
/// else.
Task<ListPage> without_catalog(Call& call, ListPage page) {
  std::erase_if(page.objects, [&](const store::ObjectSummary& object) { return !call.may_touch(object.key); });
  std::vector<std::string> visible;
  for (std::string& prefix : page.common_prefixes) {
    if (prefix.starts_with(kCatalogPrefix)) continue;
    if (kCatalogPrefix.starts_with(prefix)) {
      TARN_CO_TRY(const bool is_visible, co_await has_visible_key(call, prefix));
      if (!is_visible) continue;
    }
    visible.push_back(std::move(prefix));
  }
  page.common_prefixes = std::move(visible);
  co_return page;
}

/// One page of what the caller may see. `query.start_after` says where it begins; `continuation` of the answer is
/// unset: last_name() of a truncated page leads to the next.
Task<ListPage> list_visible(Call& call, ListQuery query) {
  if (!call.may_touch(query.prefix)) co_return failure(S3Code::kAccessDenied);
  ListPage visible;
  while (true) {
    TARN_CO_TRY(ListPage page, co_await call.store.list(call.route.bucket, query, call.deadline));
    if (call.role == Role::kAdmin) co_return page;
    const std::string last(last_name(page));
    visible.is_truncated = page.is_truncated;
    TARN_CO_TRY(page, co_await without_catalog(call, std::move(page)));
    std::ranges::move(page.objects, std::back_inserter(visible.objects));
    std::ranges::move(page.common_prefixes, std::back_inserter(visible.common_prefixes));
    const std::size_t count = page.objects.size() + page.common_prefixes.size();
    // What is hidden lies together, so that one more round or two fill the page.
    if (!visible.is_truncated || count == query.limit) co_return visible;
    query.limit -= count;
    query.start_after = call.may_touch(last) ? last : after_catalog();
  }
}

struct Listing {
  ListingEcho echo;
  ListPage page;
};

/// The part that all versions share. `start_after` is decoded already.
Task<Listing> list(Call& call, std::string start_after) {
  Listing listing;
  ListingEcho& echo = listing.echo;
  TARN_CO_TRY(echo.max_keys, read_count(call, "max-keys", store::kMaxPageEntries));
  TARN_CO_TRY(echo.is_url_encoded, read_is_url_encoded(call));
  echo.bucket = call.route.bucket;
  echo.prefix = call.text("prefix");
  echo.delimiter = call.text("delimiter");
  if (echo.max_keys == 0) {
    TARN_CO_TRY_VOID(co_await call.store.head_bucket(call.route.bucket, call.deadline));
    co_return listing;
  }
  ListQuery query;
  query.prefix = echo.prefix;
  query.delimiter = echo.delimiter;
  query.start_after = std::move(start_after);
  query.limit = echo.max_keys;
  TARN_CO_TRY(listing.page, co_await list_visible(call, std::move(query)));
  co_return listing;
}

}  // namespace

Task<http::Response> list_objects_v2(Call& call) {
  const std::string given_token = call.text("continuation-token");
  std::string start_after = call.text("start-after");
  std::string position = start_after;
  if (!given_token.empty()) {
    const auto decoded = hex_decode(given_token);
    if (!decoded) co_return failure(S3Code::kInvalidArgument, "The continuation token provided is incorrect");
    position = *decoded;
  }
  TARN_CO_TRY(Listing listing, co_await list(call, std::move(position)));
  if (listing.page.is_truncated) listing.page.continuation = hex_encode(last_name(listing.page));
  listing.echo.start_after = std::move(start_after);
  if (call.parameter("continuation-token")) listing.echo.continuation_token = given_token;
  listing.echo.has_owner = call.parameter("fetch-owner") == "true";
  co_return xml_response(list_objects_v2_document(listing.echo, listing.page));
}

Task<http::Response> list_objects_by_marker(Call& call) {
  const bool is_versions = call.route.operation == Operation::kListObjectVersions;
  std::string marker = call.text(is_versions ? "key-marker" : "marker");
  TARN_CO_TRY(Listing listing, co_await list(call, marker));
  listing.echo.start_after = std::move(marker);
  co_return xml_response(is_versions ? list_object_versions_document(listing.echo, listing.page)
                                     : list_objects_v1_document(listing.echo, listing.page));
}

}  // namespace tarn::s3
