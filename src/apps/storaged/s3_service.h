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

  S3Service(const S3Service&) = delete;
  S3Service& operator=(const S3Service&) = delete;
  /// stop(), without patience. Not on an I/O thread.
  ~S3Service();

  /// Errors: kUnavailable naming the address.
  Result<void> start();
  /// "http://127.0.0.1:9000", after start().
  std::string url() const;
  /// Stops accepting, and waits for what runs; at the deadline clients are cut off. Blocks; not on an I/O thread.
  void stop(Deadline deadline);

 private:
  async::Runtime& runtime_;
  bool is_started_ = false;
  std::string host_;
  s3::Server handler_;
  http::Server server_;
};

}  // namespace tarn::apps
