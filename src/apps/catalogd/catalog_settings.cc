#include "apps/catalogd/catalog_settings.h"

#include "apps/catalogd/token_setting.h"

namespace tarn::apps {

void add_catalog_server_settings(std::vector<Setting>& settings, CatalogSettings& catalog) {
  settings.push_back(setting("listen", catalog.listen, "HOST:PORT", "Where HTTP is served; port 0: any free one"));
  settings.push_back(setting("grpc_listen", catalog.grpc_listen, "HOST:PORT", "Where gRPC is served"));
  settings.push_back(setting("bucket", catalog.bucket, "NAME", "Bucket that holds data and catalog; made if absent"));
  settings.push_back(setting("tokens", catalog.tokens, "NAME:ROLE:HASH",
                             "Bearer tokens that are let in, by their SHA-256; see `tarn token`"));
  settings.push_back(setting("refresh_interval", catalog.refresh_interval, "TIME",
                             "How soon commits of other catalogs over the same store are seen"));
  settings.push_back(setting("tombstone_retention", catalog.tombstone_retention, "TIME",
                             "How long dropped datasets can be undropped"));
}

Result<void> check_exposure(const CatalogSettings& settings) {
  if (!settings.tokens.empty()) return {};
  for (const Address& address : {settings.listen, settings.grpc_listen}) {
    if (catalog_api::is_loopback(address.host)) continue;
    return failure(ErrorCode::kInvalidArgument,
                   "without tokens the catalog is not served on " + address.to_string() +
                       ", where others could change it: add a token (`tarn token` makes one) or listen on 127.0.0.1");
  }
  return {};
}

}  // namespace tarn::apps
