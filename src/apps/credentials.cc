#include "apps/credentials.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/config.h"
#include "base/encoding.h"

namespace tarn::apps {
namespace {

/// Closes a file descriptor.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

std::unexpected<Error> cannot_write(const std::filesystem::path& file) {
  return failure(ErrorCode::kUnavailable, "cannot write " + file.string() + ": " + std::strerror(errno));
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string random_text(Random& random, std::string_view alphabet, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    std::array<unsigned char, 64> bytes{};
    random.fill(bytes);
    for (const unsigned char byte : bytes) {
      // Bytes beyond the last whole multiple would make the first letters likelier.
      if (byte < 256 / alphabet.size() * alphabet.size() && text.size() < size)
        text += alphabet[byte % alphabet.size()];
    }
  }
  return text;
}

std::string to_toml(const StoreCredentials& credentials) {
  const auto table = [](std::string_view name, const AccessKey& key) {
    return key.is_empty() ? std::string()
                          : "\n[" + std::string(name) + "]\naccess_key_id = " + json_quote(key.access_key_id) +
                                "\nsecret_access_key = " + json_quote(key.secret_access_key) + "\n";
  };
  return "# Who holds this file can read and write everything in the store.\n"
         "# admin: all of it; what catalogd uses. data: all but the catalog's own; for users and engines.\n" +
         table("admin", credentials.admin) + table("data", credentials.data);
}

/// Both halves or neither.
Result<AccessKey> key_of(const std::optional<std::string>& id, const std::optional<std::string>& secret,
                         const std::string& prefix) {
  if (id.has_value() == secret.has_value()) return AccessKey{id.value_or(""), secret.value_or("")};
  const std::string id_name = "TARN_" + prefix + "ACCESS_KEY_ID";
  const std::string secret_name = "TARN_" + prefix + "SECRET_ACCESS_KEY";
  return failure(ErrorCode::kInvalidArgument, (id ? id_name : secret_name) + " is set without " +
                                                  (id ? secret_name : id_name) + ": set both or neither");
}

/// The keys that were given one by one.
Result<StoreCredentials> given_keys(const GivenCredentials& given) {
  TARN_TRY(AccessKey admin, key_of(given.access_key_id, given.secret_access_key, ""));
  TARN_TRY(AccessKey data, key_of(given.data_access_key_id, given.data_secret_access_key, "DATA_"));
  return StoreCredentials{std::move(admin), std::move(data)};
}

/// Takes from `other` what `credentials` lacks; true when that was anything.
bool fill(StoreCredentials& credentials, const StoreCredentials& other) {
  const StoreCredentials before = credentials;
  if (credentials.admin.is_empty()) credentials.admin = other.admin;
  if (credentials.data.is_empty()) credentials.data = other.data;
  return credentials != before;
}

}  // namespace

Result<StoreCredentials> read_credentials(const std::filesystem::path& file) {
  StoreCredentials credentials;
  std::vector<Setting> settings;
  settings.push_back(setting("admin.access_key_id", credentials.admin.access_key_id, "", ""));
  settings.push_back(setting("admin.secret_access_key", credentials.admin.secret_access_key, "", "").secret());
  settings.push_back(setting("data.access_key_id", credentials.data.access_key_id, "", ""));
  settings.push_back(setting("data.secret_access_key", credentials.data.secret_access_key, "", "").secret());
  TARN_TRY_VOID(apply_toml_file(settings, file.string()));
  for (const AccessKey* key : {&credentials.admin, &credentials.data}) {
    if (key->access_key_id.empty() == key->secret_access_key.empty()) continue;
    return failure(ErrorCode::kInvalidArgument,
                   file.string() + ": expected access_key_id and secret_access_key together in each table");
  }
  if (credentials.admin.is_empty() && credentials.data.is_empty()) {
    return failure(ErrorCode::kInvalidArgument, file.string() + ": expected a table [admin], [data] or both");
  }
  return credentials;
}

Result<void> write_credentials(const std::filesystem::path& file, const StoreCredentials& credentials) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  // Written aside and then linked: link() never replaces, so of two first starts one wins and none sees half a file.
  const std::filesystem::path aside = file.string() + "." + std::to_string(::getpid()) + ".new";
  ::unlink(aside.c_str());
  const OpenFile out(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!out.is_open()) return cannot_write(file);
  const bool is_written = write_all(out.get(), to_toml(credentials)) && ::fsync(out.get()) == 0;
  const bool is_linked = is_written && ::link(aside.c_str(), file.c_str()) == 0;
  const int cause = errno;
  ::unlink(aside.c_str());
  if (!is_linked) {
    if (is_written && cause == EEXIST) return failure(ErrorCode::kAlreadyExists, file.string() + " exists already");
    errno = cause;
    return cannot_write(file);
  }
  const OpenFile directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() || ::fsync(directory.get()) != 0) return cannot_write(file);
  return {};
}

AccessKey generate_access_key(Random& random) {
  return {
      .access_key_id = "TARN" + random_text(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
      .secret_access_key = random_text(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40)};
}

Result<ObtainedCredentials> obtain_store_credentials(const GivenCredentials& given, const std::filesystem::path& folder,
                                                     Random& random) {
  ObtainedCredentials obtained;
  StoreCredentials& credentials = obtained.credentials;
  if (given.file) {
    TARN_TRY(credentials, read_credentials(*given.file));
    obtained.file = *given.file;
  }
  TARN_TRY(const StoreCredentials keys, given_keys(given));
  fill(credentials, keys);
  if (!credentials.admin.is_empty() && !credentials.data.is_empty()) return obtained;
  if (given.file) {
    return failure(ErrorCode::kInvalidArgument, given.file->string() + ": expected a table [" +
                                                    (credentials.admin.is_empty() ? "admin" : "data") + "] too");
  }

  const std::filesystem::path file = folder / kCredentialsFileName;
  auto found = read_credentials(file);
  if (!found && found.error().code == ErrorCode::kNotFound) {
    StoreCredentials generated;
    if (credentials.admin.is_empty()) generated.admin = generate_access_key(random);
    if (credentials.data.is_empty()) generated.data = generate_access_key(random);
    // Another process may have been faster; then its file is the truth.
    const auto written = write_credentials(file, generated);
    if (!written && written.error().code != ErrorCode::kAlreadyExists) return std::unexpected(written.error());
    found = read_credentials(file);
  }
  TARN_TRY(const StoreCredentials from_file, std::move(found));
  fill(credentials, from_file);
  if (credentials.admin.is_empty() || credentials.data.is_empty()) {
    return failure(ErrorCode::kInvalidArgument, file.string() + ": expected a table [" +
                                                    (credentials.admin.is_empty() ? "admin" : "data") +
                                                    "], or that key in the environment");
  }
  obtained.file = file;
  return obtained;
}

Result<AccessKey> obtain_access_key(const GivenCredentials& given, CredentialsRole role,
                                    const std::filesystem::path& fallback) {
  StoreCredentials credentials;
  TARN_TRY(const StoreCredentials keys, given_keys(given));
  if (given.file) {
    TARN_TRY(credentials, read_credentials(*given.file));
  } else if (keys != StoreCredentials{}) {
    credentials = keys;
  } else {
    auto found = read_credentials(fallback);
    if (!found && found.error().code == ErrorCode::kNotFound) {
      return failure(ErrorCode::kUnauthenticated,
                     "no credentials for the store: set TARN_ACCESS_KEY_ID and TARN_SECRET_ACCESS_KEY, or pass "
                     "--credentials DIR/credentials.toml");
    }
    TARN_TRY(credentials, std::move(found));
  }
  const bool wants_admin = role == CredentialsRole::kAdmin;
  AccessKey& wanted = wants_admin ? credentials.admin : credentials.data;
  AccessKey& other = wants_admin ? credentials.data : credentials.admin;
  return std::move(wanted.is_empty() ? other : wanted);
}

}  // namespace tarn::apps
