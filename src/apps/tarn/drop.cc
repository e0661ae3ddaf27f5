#include <memory>
#include <string>

#include "apps/tarn/session.h"
#include "apps/tarn/verbs.h"

namespace tarn::apps {
namespace {

struct Options {
  ConnectionOptions connection;
  std::string name;
};

Result<void> drop(Session& session, const Options& options) {
  TARN_TRY(catalog::Catalog* const catalog, session.catalog());
  TARN_TRY_VOID(session.run(catalog->drop(options.name, session.deadline())));
  session.out() << "dropped " << options.name << "; `tarn undrop " << options.name << "` brings it back\n";
  return {};
}

}  // namespace

Verb drop_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "drop";
  verb.summary = "Drop a dataset; its objects stay, and undrop brings it back.";
  verb.examples = {{"tarn drop flights", "nobody sees it any more; gc forgets it for good after the retention"}};
  verb.positionals.push_back({.name = "NAME", .help = "Name of the dataset", .target = &options->name});
  add_catalog_settings(verb.settings, options->connection);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings, [&](Session& session) { return drop(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
