#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "apps/address.h"
#include "apps/setting.h"
#include "base/result.h"
#include "catalog_api/access.h"

namespace tarn::apps {

/// What a program that serves the catalog can be told of it.
struct CatalogSettings {
  Address listen{"127.0.0.1", 8181};
  Address grpc_listen{"127.0.0.1", 8182};
  std::string bucket = "lake";
  std::vector<catalog_api::TokenHash> tokens;
  std::chrono::milliseconds refresh_interval{5000};
  std::chrono::milliseconds tombstone_retention = std::chrono::days(7);
};

/// --listen, --grpc-listen, --bucket, --tokens, --refresh-interval, --tombstone-retention.
void add_catalog_server_settings(std::vector<Setting>& settings, CatalogSettings& catalog);

/// Whoever can connect to a catalog without tokens may do everything, so such a catalog listens on loopback only.
/// Errors: kInvalidArgument naming the address and the remedy.
Result<void> check_exposure(const CatalogSettings& settings);

}  // namespace tarn::apps
