#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/uuid.h"
#include "catalog/catalog.h"

namespace tarn::catalog_api {

/// For tests only: a catalog in memory that keeps the register contract, fails when told to, and tells what it was
/// asked. Thread-safe.
class FakeCatalog final : public catalog::Catalog {
 public:
  /// Every call answers this until it is reset.
  void fail_with(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(error);
  }
  void put(catalog::Manifest manifest) {
    const std::lock_guard lock(mutex_);
    auto name = manifest.name;
    datasets_[name] = std::make_shared<const catalog::Manifest>(std::move(manifest));
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    datasets_.clear();
  }
  catalog::Freshness last_freshness() const {
    const std::lock_guard lock(mutex_);
    return last_freshness_;
  }
  std::chrono::nanoseconds last_time_left() const {
    const std::lock_guard lock(mutex_);
    return last_time_left_;
  }
  catalog::RegisterRequest last_request() const {
    const std::lock_guard lock(mutex_);
    return last_request_;
  }
  catalog::ListDatasets last_list() const {
    const std::lock_guard lock(mutex_);
    return last_list_;
  }

  Task<catalog::RegisterResult> register_dataset(catalog::RegisterRequest request, Deadline deadline) override {
    const std::lock_guard lock(mutex_);
    last_request_ = request;
    TARN_CO_TRY_VOID(begin(deadline));
    if (request.name.empty()) co_return failure(ErrorCode::kInvalidArgument, "name is empty", catalog::kEmptyName);
    const auto prior = datasets_[request.name];
    const bool is_existing = prior && prior->is_live();
    if (is_existing && prior->schema_fingerprint != request.schema_fingerprint) {
      co_return failure(ErrorCode::kConflict, prior->schema_fingerprint + " is not " + request.schema_fingerprint,
                        catalog::kFingerprintConflict);
    }
    catalog::Manifest manifest = next_version(prior);
    manifest.name = request.name;
    manifest.schema_fingerprint = std::move(request.schema_fingerprint);
    manifest.objects = std::move(request.objects);
    manifest.row_count = request.row_count;
    manifest.columns = std::move(request.columns);
    manifest.properties = std::move(request.properties);
    manifest.state = catalog::DatasetState::kLive;
    co_return catalog::RegisterResult{keep(std::move(manifest)), is_existing};
  }

  Task<catalog::ManifestPtr> get(std::string name, catalog::Freshness freshness, Deadline deadline) override {
    const std::lock_guard lock(mutex_);
    last_freshness_ = freshness;
    TARN_CO_TRY_VOID(begin(deadline));
    co_return find(name, catalog::DatasetState::kLive);
  }

  Task<catalog::DatasetPage> list(catalog::ListDatasets query, Deadline deadline) override {
    const std::lock_guard lock(mutex_);
    last_list_ = query;
    TARN_CO_TRY_VOID(begin(deadline));
    catalog::DatasetPage page;
    for (auto entry = datasets_.upper_bound(query.after); entry != datasets_.end(); ++entry) {
      if (!entry->first.starts_with(query.prefix) || !entry->second || entry->second->state != query.state) continue;
      page.is_truncated = page.datasets.size() == query.limit;
      if (page.is_truncated) break;
      page.datasets.push_back(entry->second);
    }
    co_return page;
  }

  Task<void> drop(std::string name, Deadline deadline) override {
    const std::lock_guard lock(mutex_);
    TARN_CO_TRY_VOID(begin(deadline));
    TARN_CO_TRY(const auto prior, find(name, catalog::DatasetState::kLive));
    catalog::Manifest manifest = next_version(prior);
    manifest.state = catalog::DatasetState::kDropped;
    keep(std::move(manifest));
    co_return Result<void>();
  }

  Task<catalog::ManifestPtr> undrop(std::string name, Deadline deadline) override {
    const std::lock_guard lock(mutex_);
    TARN_CO_TRY_VOID(begin(deadline));
    TARN_CO_TRY(const auto prior, find(name, catalog::DatasetState::kDropped));
    catalog::Manifest manifest = next_version(prior);
    manifest.state = catalog::DatasetState::kLive;
    co_return keep(std::move(manifest));
  }

 private:
  Result<void> begin(Deadline deadline) {
    last_time_left_ = deadline.remaining();
    if (failure_) return std::unexpected(*failure_);
    return {};
  }
  Result<catalog::ManifestPtr> find(const std::string& name, catalog::DatasetState state) {
    const auto found = datasets_.find(name);
    if (found != datasets_.end() && found->second && found->second->state == state) return found->second;
    return failure(ErrorCode::kNotFound, "dataset " + name);
  }
  catalog::Manifest next_version(const catalog::ManifestPtr& prior) {
    catalog::Manifest manifest = prior ? *prior : catalog::Manifest{};
    ++commits_;
    manifest.commit_id.bytes.back() = static_cast<std::uint8_t>(commits_);
    manifest.updated_at = Timestamp(std::chrono::seconds(1'700'000'000 + commits_));
    if (!prior) manifest.created_at = manifest.updated_at;
    ++manifest.revision;
    return manifest;
  }
  catalog::ManifestPtr keep(catalog::Manifest manifest) {
    auto kept = std::make_shared<const catalog::Manifest>(std::move(manifest));
    datasets_[kept->name] = kept;
    return kept;
  }

  mutable std::mutex mutex_;
  std::map<std::string, catalog::ManifestPtr> datasets_;
  std::optional<Error> failure_;
  std::int64_t commits_ = 0;
  catalog::Freshness last_freshness_{};
  std::chrono::nanoseconds last_time_left_{};
  catalog::RegisterRequest last_request_;
  catalog::ListDatasets last_list_;
};

}  // namespace tarn::catalog_api
