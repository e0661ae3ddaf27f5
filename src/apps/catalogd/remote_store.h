#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/address.h"
#include "apps/credentials.h"
#include "apps/setting.h"
#include "async/runtime.h"
#include "base/clock.h"
#include "base/random.h"
#include "s3/client.h"

namespace tarn::apps {

/// How an S3 endpoint is reached.
struct RemoteStoreSettings {
  Url url{"http://127.0.0.1:9000"};
  std::string region = "us-east-1";
  bool is_virtual_hosted = false;
  std::optional<std::string> session_token;
  GivenCredentials credentials;
};

/// --region, --virtual-hosted, --credentials and the keys of the environment; the flag for the URL has each program's
/// own name.
void add_remote_store_settings(std::vector<Setting>& settings, RemoteStoreSettings& store);

/// A client of it that signs with the key of `role`; connects when it is used. `runtime`, `clock` and `random` outlive
/// it. Errors: those of obtain_access_key.
Result<std::unique_ptr<s3::Client>> open_remote_store(const RemoteStoreSettings& settings, CredentialsRole role,
                                                      const std::filesystem::path& credentials_fallback,
                                                      async::Runtime& runtime, const Clock& clock, Random& random);

}  // namespace tarn::apps
