#include <memory>
#include <string>
#include <vector>

#include "apps/tarn/session.h"
#include "apps/tarn/verbs.h"

namespace tarn::apps {
namespace {

struct Options {
  ConnectionOptions connection;
  std::vector<std::string> keys;
};

Result<void> rm(Session& session, const Options& options) {
  TARN_TRY(store::BucketStore* const store, session.store(CredentialsRole::kData));
  for (const std::string& name : options.keys) {
    // S3 says "removed" of what never was; a person wants to know of the slip.
    TARN_TRY_VOID(session.run(store->head(session.key(name), session.deadline())));
    TARN_TRY_VOID(session.run(store->remove(session.key(name), session.deadline())));
    session.out() << "removed " << name << '\n';
  }
  return {};
}

}  // namespace

Verb rm_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "rm";
  verb.summary = "Remove objects.";
  verb.examples = {{"tarn rm flights/part-7.parquet", "removes one object; datasets that list it are not changed"}};
  verb.positionals.push_back({.name = "KEY", .help = "Keys of the objects", .target = &options->keys});
  add_store_settings(verb.settings, options->connection);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings, [&](Session& session) { return rm(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
