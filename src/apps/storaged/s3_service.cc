#include "apps/storaged/s3_service.h"

#include <chrono>
#include <utility>

namespace tarn::apps {
namespace {

s3::ServerOptions s3_options(const StoreCredentials& credentials, bool has_access_log) {
  const auto credential = [](const AccessKey& key, s3::Role role) {
    return s3::Credential{.key = {.id = key.access_key_id, .secret = key.secret_access_key}, .role = role};
  };
  s3::ServerOptions options;
  options.credentials = {credential(credentials.admin, s3::Role::kAdmin),
                         credential(credentials.data, s3::Role::kData)};
  options.has_access_log = has_access_log;
  return options;
}

http::ServerOptions http_options(const Address& listen, std::size_t max_connections) {
  http::ServerOptions options;
  options.host = listen.host;
  options.port = listen.port;
  options.max_connections = max_connections;
  return options;
}

}  // namespace

S3Service::S3Service(Dependencies dependencies, const Address& listen, const StoreCredentials& credentials,
                     const ServerSettings& settings)
    : runtime_(dependencies.runtime),
      host_(listen.host),
      handler_(dependencies.store, s3_options(credentials, settings.access_log), dependencies.clock, dependencies.log),
      server_(dependencies.runtime, http_options(listen, settings.max_connections), handler_) {}

S3Service::~S3Service() {
  stop(Deadline::after(std::chrono::seconds(0)));
}

Result<void> S3Service::start() {
  TARN_TRY_VOID(server_.start());
  is_started_ = true;
  return {};
}

void S3Service::stop(Deadline deadline) {
  if (!std::exchange(is_started_, false)) return;
  while (!async::run(runtime_, server_.stop(deadline))) deadline = Deadline::never();
}

std::string S3Service::url() const {
  return "http://" + Address{host_, server_.port()}.to_string();
}

}  // namespace tarn::apps
