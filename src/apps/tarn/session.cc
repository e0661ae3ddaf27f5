#include "apps/tarn/session.h"

#include "apps/storaged/local_store.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "catalog_api/client.h"

namespace tarn::apps {
namespace {

/// Where `tarn up` keeps its credentials when it is told nothing: a verb run beside it needs no settings either.
constexpr const char* kDefaultFolder = "./tarn-data";

}  // namespace

struct Session::Connections {
  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  std::unique_ptr<catalog_api::Client> catalog;
  std::unique_ptr<s3::Client> remote;
  std::unique_ptr<LocalStore> local;
};

Session::Session(const ConnectionOptions& options, Surroundings& surroundings)
    : options_(options), surroundings_(surroundings), connections_(std::make_unique<Connections>()) {}

Session::~Session() = default;

}  // namespace tarn::apps
