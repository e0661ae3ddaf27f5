#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/object_store.h"

namespace tarn::store {

/// The rules of a listing, apart from where keys come from. A listing's *entries* are keys and common prefixes, in byte
/// order; a page holds those after a position, and the position after a page is its last entry.

/// Errors: kInvalidArgument for a limit outside 1 to 1,000.
Result<void> validate_page_limit(std::size_t limit);

/// The entry that `query`'s page begins after; empty for the first page. Errors: those of ObjectStore::list.
Result<std::string> start_position(const ListQuery& query);

/// The token of a page that ended with this entry.
std::string continuation_after(std::string_view entry);

/// The common prefix that stands for `key`: up to and with the first delimiter after the prefix. Nothing when the key
/// is listed itself.
std::optional<std::string_view> common_prefix_of(std::string_view key, const ListQuery& query);

/// The least string greater than every string that begins with `prefix`; empty when there is none.
std::string after_all_with_prefix(std::string_view prefix);

/// Where the first key of the page is looked for: the least string that can be one, given that entries after
/// `position` are wanted. Nothing when no key can be in the page.
std::optional<std::string> first_candidate(const ListQuery& query, std::string_view position);

}  // namespace tarn::store
