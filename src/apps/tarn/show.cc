#include <memory>
#include <string>

#include "apps/tarn/dataset_table.h"
#include "apps/tarn/session.h"
#include "apps/tarn/verbs.h"
#include "catalog_api/json.h"

namespace tarn::apps {
namespace {

struct Options {
  ConnectionOptions connection;
  OutputOptions output;
  std::string name;
};

std::string for_people(const catalog::Manifest& dataset) {
  Table facts{
      .columns = {"name", "dataset_id", "schema_fingerprint", "row_count", "revision", "created_at", "updated_at"},
      .rows = {{dataset.name, dataset.dataset_id.to_string(), dataset.schema_fingerprint,
                dataset.row_count ? Cell(*dataset.row_count) : Cell(), dataset.revision, dataset.created_at,
                dataset.updated_at}}};
  std::string text = render_record_for_people(facts);
  if (dataset.columns) {
    Table columns{.columns = {"column", "type", "nullable"}, .rows = {}};
    for (const catalog::Column& column : *dataset.columns) {
      columns.rows.push_back({column.name, column.type, column.is_nullable});
    }
    text += "\n" + render_for_people(columns);
  }
  Table objects{.columns = {"object", "size", "etag"}, .rows = {}};
  for (const catalog::DataObject& object : dataset.objects) {
    objects.rows.push_back({object.key, ByteCount{object.size}, object.etag ? Cell(*object.etag) : Cell()});
  }
  return text + "\n" + render_for_people(objects);
}

Result<void> show(Session& session, const Options& options) {
  TARN_TRY(catalog::Catalog* const catalog, session.catalog());
  TARN_TRY(const catalog::ManifestPtr dataset,
           session.run(catalog->get(options.name, catalog::Freshness::kCurrent, session.deadline())));
  switch (options.output.chosen()) {
    case OutputFormat::kTable:
      session.out() << for_people(*dataset);
      return {};
    case OutputFormat::kJson:
      session.out() << catalog_api::render_dataset(*dataset) << '\n';
      return {};
    case OutputFormat::kCsv:
    case OutputFormat::kArrow:
      break;
  }
  Table table = dataset_table();
  add_dataset(table, *dataset);
  return session.print_record(table, options.output);
}

}  // namespace

Verb show_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "show";
  verb.summary = "Show one dataset.";
  verb.examples = {{"tarn show flights", "its id, fingerprint, columns and objects"},
                   {"tarn show flights --json", "the dataset as the HTTP API gives it"}};
  verb.positionals.push_back({.name = "NAME", .help = "Name of the dataset", .target = &options->name});
  add_catalog_settings(verb.settings, options->connection);
  add_output_settings(verb.settings, options->output);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings, [&](Session& session) { return show(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
