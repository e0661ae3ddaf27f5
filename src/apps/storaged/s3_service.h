#pragma once

#include <string>

#include "apps/address.h"
#include "apps/credentials.h"
#include "apps/server_settings.h"
#include "async/runtime.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/server.h"
#include "s3/server.h"
#include "store/bucket_store.h"

namespace tarn::apps {

/// A store, served over S3 on one address.
class S3Service {
 public:
  /// All outlive the service.
  struct Dependencies {
    async::Runtime& runtime;
    store::BucketStore& store;
    const Clock& clock;
    Logger& log;
  };

  S3Service(Dependencies dependencies, const Address& listen, const StoreCredentials& credentials,
            const ServerSettings& settings);

  /// Errors: kUnavailable naming the address.
  Result<void> start() { return server_.start(); }
  /// "http://127.0.0.1:9000", after start().
  std::string url() const;
  Task<void> stop(Deadline deadline) { return server_.stop(deadline); }

 private:
  std::string host_;
  s3::Server handler_;
  http::Server server_;
};

}  // namespace tarn::apps
