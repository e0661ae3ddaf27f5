#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "apps/tarn/session.h"
#include "apps/tarn/verbs.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"

namespace tarn::apps {
namespace {

struct Options {
  ConnectionOptions connection;
  std::string key;
};

constexpr std::string_view kManifestPrefix = "_catalog/manifests/";
constexpr std::string_view kQuarantinePrefix = "_catalog/quarantine/";

/// Copies, then removes what was copied and nothing newer.
Task<void> move_aside(store::BucketStore& store, store::ObjectKey from, store::ObjectKey to, Deadline deadline) {
  TARN_CO_TRY(const store::ObjectSummary found, co_await store.head(from, deadline));
  store::CopyOptions copy;
  copy.source_if_match = found.etag;
  TARN_CO_TRY_VOID(co_await store.copy_object(from, std::move(to), std::move(copy), deadline));
  co_return co_await store.remove_object(std::move(from), store::RemoveCondition{found.etag}, deadline);
}

Result<void> quarantine(Session& session, const Options& options) {
  if (!options.key.starts_with(kManifestPrefix)) {
    return failure(ErrorCode::kInvalidArgument, "expected the key of a manifest, " + std::string(kManifestPrefix) +
                                                    "NAME.parquet, found " + options.key);
  }
  const SystemClock clock;
  SystemRandom random;
  const std::string name = options.key.substr(kManifestPrefix.size());
  const std::string aside =
      std::string(kQuarantinePrefix) + name + "." + UuidV7Generator(clock, random).next().to_string();
  TARN_TRY(store::BucketStore* const store, session.store(CredentialsRole::kAdmin));
  TARN_TRY_VOID(session.run(move_aside(*store, session.key(options.key), session.key(aside), session.deadline())));
  session.out() << "moved " << options.key << " to " << aside << "\n";
  return {};
}

}  // namespace

Verb quarantine_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "quarantine";
  verb.summary = "Move a manifest aside that cannot be read, so that the rest of the catalog can be served.";
  verb.examples = {{"tarn quarantine _catalog/manifests/flights.parquet --data /srv/lake",
                    "in a folder that no server has open; the dataset is gone until it is registered again"},
                   {"tarn quarantine _catalog/manifests/flights.parquet --s3 http://127.0.0.1:9000", "in a store"}};
  verb.positionals.push_back(
      {.name = "KEY", .help = "Key of the manifest, as the error names it", .target = &options->key});
  add_store_settings(verb.settings, options->connection);
  add_data_setting(verb.settings, options->connection);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings,
                          [&](Session& session) { return quarantine(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
