#include "apps/catalogd/remote_store.h"

#include <utility>

#include "apps/server_settings.h"
#include "http/client.h"

namespace tarn::apps {

void add_remote_store_settings(std::vector<Setting>& settings, RemoteStoreSettings& store) {
  settings.push_back(setting("region", store.region, "NAME", "Region that requests are signed for"));
  settings.push_back(setting("virtual_hosted", store.is_virtual_hosted, "",
                             "Put the bucket into the host's name (https://BUCKET.s3...) and not into the path"));
  settings.push_back(
      setting("session_token", store.session_token, "TOKEN", "Session token of temporary keys").secret());
  add_credentials_settings(settings, store.credentials);
}

Result<std::unique_ptr<s3::Client>> open_remote_store(const RemoteStoreSettings& settings, CredentialsRole role,
                                                      const std::filesystem::path& credentials_fallback,
                                                      async::Runtime& runtime, const Clock& clock, Random& random) {
  TARN_TRY(const AccessKey key, obtain_access_key(settings.credentials, role, credentials_fallback));
  s3::ClientOptions options;
  TARN_TRY(options.endpoint, http::Origin::parse(settings.url.text));
  options.region = settings.region;
  options.credentials = {.access_key_id = key.access_key_id,
                         .secret_access_key = key.secret_access_key,
                         .session_token = settings.session_token.value_or("")};
  options.is_virtual_hosted = settings.is_virtual_hosted;
  return std::make_unique<s3::Client>(runtime, std::move(options), clock, random);
}

}  // namespace tarn::apps
