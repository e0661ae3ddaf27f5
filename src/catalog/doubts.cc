#include <utility>

#include "catalog/doubts_internal.h"

namespace tarn::catalog {

void Doubts::add(const std::string& name, std::string base_etag) {
  const std::lock_guard lock(mutex_);
  doubts_.insert_or_assign(name, Doubt{std::move(base_etag), ++last_number_});
  size_.store(doubts_.size(), std::memory_order_release);
}

std::optional<Doubts::Doubt> Doubts::find(const std::string& name) const {
  if (size() == 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = doubts_.find(name);
  return found == doubts_.end() ? std::nullopt : std::optional(found->second);
}

void Doubts::resolve(const std::string& name, const Doubt& doubt, std::string_view found_etag) {
  if (found_etag == doubt.base_etag) return;
  const std::lock_guard lock(mutex_);
  const auto found = doubts_.find(name);
  if (found == doubts_.end() || found->second.number != doubt.number) return;
  doubts_.erase(found);
  size_.store(doubts_.size(), std::memory_order_release);
}

std::vector<std::string> Doubts::names(std::string_view prefix, std::string_view after) const {
  std::vector<std::string> names;
  if (size() == 0) return names;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, doubt] : doubts_) {
    if (name.starts_with(prefix) && std::string_view(name) > after) names.push_back(name);
  }
  return names;
}

}  // namespace tarn::catalog
