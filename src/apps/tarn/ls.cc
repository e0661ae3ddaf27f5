#include <memory>
#include <string>
#include <utility>

#include "apps/tarn/session.h"
#include "apps/tarn/verbs.h"

namespace tarn::apps {
namespace {

struct Options {
  ConnectionOptions connection;
  OutputOptions output;
  std::string prefix;
  bool is_recursive = false;
};

Table table_of(const store::ListPage& page) {
  Table table{.columns = {"key", "size", "last_modified", "etag"}, .rows = {}};
  // Prefixes and objects are each sorted; merged they are in the order of their keys.
  auto prefix = page.common_prefixes.begin();
  const auto add_prefixes_before = [&](const std::string* key) {
    for (; prefix != page.common_prefixes.end() && (key == nullptr || *prefix < *key); ++prefix) {
      table.rows.push_back({*prefix, std::monostate(), std::monostate(), std::monostate()});
    }
  };
  for (const store::ObjectSummary& object : page.objects) {
    add_prefixes_before(&object.key);
    table.rows.push_back({object.key, ByteCount{object.size}, object.last_modified, object.etag});
  }
  add_prefixes_before(nullptr);
  return table;
}

Result<void> ls(Session& session, const Options& options) {
  TARN_TRY(store::BucketStore* const store, session.store(CredentialsRole::kData));
  store::ListQuery query;
  query.prefix = options.prefix;
  if (!options.is_recursive) query.delimiter = "/";
  Table all{.columns = table_of({}).columns, .rows = {}};
  do {
    TARN_TRY(const store::ListPage page, session.run(store->list(session.bucket(), query, session.deadline())));
    for (auto& row : table_of(page).rows) all.rows.push_back(std::move(row));
    query.continuation = page.continuation;
  } while (!query.continuation.empty());
  return session.print(all, options.output);
}

}  // namespace

Verb ls_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "ls";
  verb.summary = "List objects.";
  verb.examples = {{"tarn ls", "what is at the top of the bucket"},
                   {"tarn ls flights/", "what is in that folder"},
                   {"tarn ls --recursive --json", "every object, for programs"}};
  verb.positionals.push_back(
      {.name = "PREFIX", .help = "Only keys that begin with it", .target = &options->prefix, .is_required = false});
  verb.settings.push_back(
      setting("recursive", options->is_recursive, "", "Every key, not only up to the next '/'").flag_only());
  add_store_settings(verb.settings, options->connection);
  add_output_settings(verb.settings, options->output);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings, [&](Session& session) { return ls(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
