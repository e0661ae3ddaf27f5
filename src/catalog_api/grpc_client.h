#pragma once

#include <memory>
#include <string>

#include "catalog/catalog.h"

namespace tarn::catalog_api {

struct GrpcClientOptions {
  std::string target;  ///< "host:port", as gRPC's naming has it
  std::string token;   ///< sent as a bearer token; empty: none
};

/// The catalog of a server, over gRPC without TLS. Keeps the Catalog promise as Client does, with the same additions.
/// Thread-safe.
class GrpcClient final : public catalog::Catalog {
 public:
  /// Connects with the first call.
  explicit GrpcClient(GrpcClientOptions options);
  GrpcClient(const GrpcClient&) = delete;
  GrpcClient& operator=(const GrpcClient&) = delete;
  /// No call may be running.
  ~GrpcClient() override;

  Task<catalog::RegisterResult> register_dataset(catalog::RegisterRequest request, Deadline deadline) override;
  Task<catalog::ManifestPtr> get(std::string name, catalog::Freshness freshness, Deadline deadline) override;
  Task<catalog::DatasetPage> list(catalog::ListDatasets query, Deadline deadline) override;
  Task<void> drop(std::string name, Deadline deadline) override;
  Task<catalog::ManifestPtr> undrop(std::string name, Deadline deadline) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tarn::catalog_api
