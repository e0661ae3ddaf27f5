#include <string>

#include "base/random.h"
#include "http/server.h"
#include "s3/client.h"
#include "s3/server.h"
#include "store/contract_suite.h"
#include "store/memory_store.h"

namespace tarn::store {
namespace {

/// s3::Client -> HTTP over loopback -> s3::Server -> MemoryStore.
class S3Subject {
 public:
  static constexpr bool kKeepsTagsAndChecksums = true;

  explicit S3Subject(async::Runtime& runtime) : runtime_(runtime) {
    const auto started = http_server_.start();
    TARN_ASSERT(started.has_value());
    client_.emplace(runtime_,
                    s3::ClientOptions{.endpoint = {.is_tls = false, .host = "127.0.0.1", .port = http_server_.port()},
                                      .credentials = {"ADMIN", "secret", ""}},
                    clock_, random_);
  }
  ~S3Subject() {
    (void)async::run(runtime_, client_->close());
    client_.reset();
    const auto stopped = async::run(runtime_, http_server_.stop(async::soon()));
    TARN_ASSERT(stopped.has_value());
  }
  BucketStore& store() { return *client_; }

 private:
  async::Runtime& runtime_;
  SystemClock clock_;
  SystemRandom random_;
  NullLogger logger_;
  MemoryStore memory_{clock_};
  s3::Server server_{memory_, {.credentials = {{{"ADMIN", "secret"}, s3::Role::kAdmin}}}, clock_, logger_};
  http::Server http_server_{runtime_, {}, server_};
  std::optional<s3::Client> client_;
};

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(S3Client, BucketStoreContract, S3Subject);

}  // namespace tarn::store
