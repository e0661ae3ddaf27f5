#include <cstdint>
#include <memory>
#include <string>

#include "apps/tarn/dataset_table.h"
#include "apps/tarn/session.h"
#include "apps/tarn/verbs.h"

namespace tarn::apps {
namespace {

struct Options {
  ConnectionOptions connection;
  OutputOptions output;
  std::string prefix;
  bool is_dropped = false;
};

Result<void> datasets(Session& session, const Options& options) {
  TARN_TRY(catalog::Catalog* const catalog, session.catalog());
  catalog::ListDatasets query;
  query.prefix = options.prefix;
  query.limit = 1000;
  query.state = options.is_dropped ? catalog::DatasetState::kDropped : catalog::DatasetState::kLive;
  Table table = dataset_table();
  catalog::DatasetPage page;
  do {
    TARN_TRY(page, session.run(catalog->list(query, session.deadline())));
    for (const auto& dataset : page.datasets) add_dataset(table, *dataset);
    if (!page.datasets.empty()) query.after = page.datasets.back()->name;
  } while (page.is_truncated);
  return session.print(table, options.output);
}

}  // namespace

Verb datasets_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "datasets";
  verb.summary = "List the registered datasets.";
  verb.examples = {{"tarn datasets", "all of them, by name"},
                   {"tarn datasets nyc. --json", "those whose name begins with nyc., for programs"},
                   {"tarn datasets --dropped", "those that undrop can bring back"}};
  verb.positionals.push_back(
      {.name = "PREFIX", .help = "Only names that begin with it", .target = &options->prefix, .is_required = false});
  verb.settings.push_back(setting("dropped", options->is_dropped, "", "The dropped ones instead").flag_only());
  add_catalog_settings(verb.settings, options->connection);
  add_output_settings(verb.settings, options->output);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings,
                          [&](Session& session) { return datasets(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
