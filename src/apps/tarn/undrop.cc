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
  std::string name;
};

Result<void> undrop(Session& session, const Options& options) {
  TARN_TRY(catalog::Catalog* const catalog, session.catalog());
  TARN_TRY(const catalog::ManifestPtr dataset, session.run(catalog->undrop(options.name, session.deadline())));
  Table table = dataset_table();
  add_dataset(table, *dataset);
  return session.print_record(table, options.output);
}

}  // namespace

Verb undrop_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "undrop";
  verb.summary = "Bring a dropped dataset back as it was.";
  verb.examples = {{"tarn undrop flights", "works until gc has forgotten it"}};
  verb.positionals.push_back({.name = "NAME", .help = "Name of the dataset", .target = &options->name});
  add_catalog_settings(verb.settings, options->connection);
  add_output_settings(verb.settings, options->output);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings,
                          [&](Session& session) { return undrop(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
