#include <chrono>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "apps/tarn/session.h"
#include "apps/tarn/verbs.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/uuid.h"
#include "catalog/registry.h"
#include "store/probe.h"

namespace tarn::apps {
namespace {

struct Options {
  ConnectionOptions connection;
  OutputOptions output;
  std::chrono::milliseconds older_than = std::chrono::days(7);
};

Task<void> check_conditional_remove(store::BucketStore& store, store::ProbeOptions options, Deadline deadline) {
  TARN_CO_TRY(const store::ProbeCheck check,
              co_await store::probe_conditional_remove(store, std::move(options), deadline));
  if (check.is_passed) co_return Result<void>();
  co_return failure(ErrorCode::kUnsupported,
                    "this store removes without looking at conditions (" + check.finding +
                        "): a dataset registered meanwhile could be lost, so nothing was done");
}

/// Loads the catalog as one more replica, and purges.
Task<catalog::PurgedTombstones> purge(catalog::Registry& registry, store::BucketStore& store) {
  TARN_CO_TRY_VOID(co_await registry.rehydrate(Deadline::never()));
  co_return co_await registry.purge_tombstones(store, Deadline::never());
}

Result<void> gc(Session& session, const Options& options) {
  const SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  TARN_TRY(store::BucketStore* const store, session.store(CredentialsRole::kAdmin));
  const std::string prefix = "_catalog/probe/" + UuidV7Generator(clock, random).next().to_string() + "/";
  TARN_TRY_VOID(session.run(
      check_conditional_remove(*store, {.bucket = session.bucket(), .prefix = prefix}, session.deadline())));
  catalog::RegistryOptions registry_options;
  registry_options.bucket = session.bucket();
  registry_options.tombstone_retention = std::chrono::ceil<std::chrono::hours>(options.older_than);
  catalog::Registry registry(*store, session.runtime(), session.files(), clock, random, metrics, registry_options);
  const auto purged = session.run(purge(registry, *store));
  TARN_TRY_VOID(session.run(registry.stop(Deadline::never())));
  if (!purged) return std::unexpected(purged.error());
  const Table table{.columns = {"purged", "kept"},
                    .rows = {{std::uint64_t{purged->purged}, std::uint64_t{purged->kept}}}};
  return session.print_record(table, options.output);
}

}  // namespace

Verb gc_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "gc";
  verb.summary = "Forget datasets for good that were dropped long ago; objects stay.";
  verb.examples = {{"tarn gc", "those dropped more than 7 days ago"},
                   {"tarn gc --older-than 30d", "keeps them longer"},
                   {"tarn gc --data /srv/lake", "over a folder that no server has open"}};
  verb.settings.push_back(setting("older_than", options->older_than, "TIME",
                                  "Only what was dropped longer ago, in whole hours (default: 7d)")
                              .flag_only());
  add_store_settings(verb.settings, options->connection);
  add_data_setting(verb.settings, options->connection);
  add_output_settings(verb.settings, options->output);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings, [&](Session& session) { return gc(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
