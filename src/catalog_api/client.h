#pragma once

#include <string>

#include "catalog/catalog.h"
#include "http/client.h"

namespace tarn::catalog_api {

struct ClientOptions {
  std::string token;  ///< sent as a bearer token; empty: none
};

/// The catalog of a server, over HTTP/JSON. Keeps the Catalog promise as the server does: errors come back with their
/// code and reason (errors.h says which do not). Beyond it: kUnauthenticated and kPermissionDenied, and kTooLarge for
/// an answer over 512 MiB. A write that was sent and never answered is kOutcomeUnknown; nothing is sent twice.
///
/// The server is told a tenth less than the time left, 100 ms at most, so that its answer arrives in time; deadlines
/// beyond its bound of 10 minutes are cut to it. Manifests have no recent_commits and idempotency: the API does not
/// tell them. Of a list's limit_bytes the server knows only its own; a page over the caller's is cut here. Thread-safe.
class Client final : public catalog::Catalog {
 public:
  /// `http` leads to the server and outlives the client.
  Client(http::Client& http, ClientOptions options);

  Task<catalog::RegisterResult> register_dataset(catalog::RegisterRequest request, Deadline deadline) override;
  Task<catalog::ManifestPtr> get(std::string name, catalog::Freshness freshness, Deadline deadline) override;
  Task<catalog::DatasetPage> list(catalog::ListDatasets query, Deadline deadline) override;
  Task<void> drop(std::string name, Deadline deadline) override;
  Task<catalog::ManifestPtr> undrop(std::string name, Deadline deadline) override;

 private:
  /// Sends and reads a whole answer; one that is no success is an error. `is_write`: it may have been applied when no
  /// answer came.
  Task<Bytes> exchange(http::Request request, bool is_write, Deadline deadline);

  http::Client& http_;
  const ClientOptions options_;
};

}  // namespace tarn::catalog_api
