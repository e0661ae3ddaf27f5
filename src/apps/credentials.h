#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/random.h"
#include "base/result.h"

namespace tarn::apps {

/// What signs requests to an object store. Empty: none.
struct AccessKey {
  std::string access_key_id;
  std::string secret_access_key;

  bool is_empty() const { return access_key_id.empty(); }
  bool operator==(const AccessKey&) const = default;
};

/// The two of a Tarn store: *admin* may do everything, *data* everything but `_catalog/`.
struct StoreCredentials {
  AccessKey admin;
  AccessKey data;

  bool operator==(const StoreCredentials&) const = default;
};

/// The file in a store's folder that holds generated credentials.
inline constexpr const char* kCredentialsFileName = "credentials.toml";

/// Reads `[admin]` and `[data]`, each with `access_key_id` and `secret_access_key`; the key of a missing table is
/// empty. Errors: kNotFound: no such file; kInvalidArgument naming file, line and what was expected.
Result<StoreCredentials> read_credentials(const std::filesystem::path& file);

/// Writes those that are not empty, mode 0600, whole or not at all, durable on return. Errors: kAlreadyExists: there is
/// a file already, which is left as it is; kUnavailable naming the file and the cause.
Result<void> write_credentials(const std::filesystem::path& file, const StoreCredentials& credentials);

/// A new key: an id of 20 characters that begins with "TARN", a secret of 40.
AccessKey generate_access_key(Random& random);

/// What a program was told: by --credentials, its environment or its configuration.
struct GivenCredentials {
  std::optional<std::filesystem::path> file = {};
  std::optional<std::string> access_key_id = {};
  std::optional<std::string> secret_access_key = {};
  std::optional<std::string> data_access_key_id = {};
  std::optional<std::string> data_secret_access_key = {};
};

struct ObtainedCredentials {
  StoreCredentials credentials;
  /// The file that at least one of them came from.
  std::optional<std::filesystem::path> file;
};

/// A store's own credentials: of each role the file's that was named, else the given key, else that of
/// `folder`/credentials.toml, which is generated when there is none. Errors: kInvalidArgument for an id without its
/// secret or the reverse, or a role that a file lacks; those of read_credentials (a file that was named must be there)
/// and of write_credentials.
Result<ObtainedCredentials> obtain_store_credentials(const GivenCredentials& given, const std::filesystem::path& folder,
                                                     Random& random);

/// Which key a client signs with.
enum class CredentialsRole : std::uint8_t { kAdmin, kData };

/// A client's key: from the file that was named, else the given one, else from `fallback` if that file exists. The
/// other role's key where a source has only that one. Errors: kUnauthenticated when there is none, saying how to give
/// one; those of read_credentials.
Result<AccessKey> obtain_access_key(const GivenCredentials& given, CredentialsRole role,
                                    const std::filesystem::path& fallback);

}  // namespace tarn::apps
