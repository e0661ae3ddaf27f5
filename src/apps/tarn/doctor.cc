#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apps/tarn/session.h"
#include "apps/tarn/verbs.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "store/probe.h"

namespace tarn::apps {
namespace {

struct Options {
  ConnectionOptions connection;
  OutputOptions output;
  std::uint64_t writers = 16;
};

constexpr std::uint64_t kMostWriters = 256;

Task<std::vector<store::ProbeCheck>> examine(store::BucketStore& store, store::ProbeOptions options,
                                             Deadline deadline) {
  TARN_CO_TRY(auto checks, co_await store::probe_conditions(store, options, deadline));
  TARN_CO_TRY(auto reads, co_await store::probe_reads(store, options, deadline));
  std::ranges::move(reads, std::back_inserter(checks));
  TARN_CO_TRY(checks.emplace_back(), co_await store::probe_conditional_remove(store, options, deadline));
  co_return checks;
}

Result<void> doctor(Session& session, const Options& options) {
  if (options.writers < 2 || options.writers > kMostWriters) {
    return failure(ErrorCode::kInvalidArgument, fmt::format("--writers: expected 2 to {}", kMostWriters));
  }
  const SystemClock clock;
  SystemRandom random;
  const std::string prefix = "_catalog/probe/" + UuidV7Generator(clock, random).next().to_string() + "/";
  TARN_TRY(store::BucketStore* const store, session.store(CredentialsRole::kAdmin));
  TARN_TRY(const auto checks,
           session.run(examine(*store, {.bucket = session.bucket(), .prefix = prefix, .writers = options.writers},
                               session.deadline())));
  Table table{.columns = {"check", "result", "finding"}, .rows = {}};
  std::size_t failed = 0;
  for (const store::ProbeCheck& check : checks) {
    table.rows.push_back({check.name, std::string(check.is_passed ? "passed" : "FAILED"), check.finding});
    if (!check.is_passed) ++failed;
  }
  TARN_TRY_VOID(session.print(table, options.output));
  if (failed == 0) return {};
  return failure(ErrorCode::kInternal,
                 fmt::format("{} of {} checks failed: several catalogs over this store could lose "
                             "each other's commits",
                             failed, checks.size()));
}

}  // namespace

Verb doctor_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "doctor";
  verb.summary = "Check that a store keeps the promises a catalog needs.";
  verb.examples = {{"tarn doctor", "checks the local store; exits with 1 when a check fails"},
                   {"tarn doctor --s3 https://s3.eu-central-1.amazonaws.com --region eu-central-1 --bucket my-lake",
                    "checks a bucket of AWS"}};
  verb.settings.push_back(setting("writers", options->writers, "N", "Writers that race (default: 16)").flag_only());
  add_store_settings(verb.settings, options->connection);
  add_output_settings(verb.settings, options->output);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings,
                          [&](Session& session) { return doctor(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
