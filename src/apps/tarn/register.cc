#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/tarn/parquet_dataset.h"
#include "apps/tarn/session.h"
#include "apps/tarn/verbs.h"

namespace tarn::apps {
namespace {

struct Options {
  ConnectionOptions connection;
  OutputOptions output;
  std::string name;
  std::vector<std::string> keys;
  std::vector<std::string> from_parquet;
  std::optional<std::string> fingerprint;
  std::optional<std::uint64_t> row_count;
};

Task<std::vector<catalog::DataObject>> look_up(store::ObjectStore& store, std::string bucket,
                                               std::vector<std::string> keys, std::chrono::milliseconds timeout) {
  std::vector<catalog::DataObject> objects;
  for (const std::string& key : keys) {
    TARN_CO_TRY(const store::ObjectSummary found,
                co_await store.head(store::ObjectKey(bucket, key), Deadline::after(timeout)));
    objects.push_back({.key = key, .size = found.size, .etag = found.etag});
  }
  co_return objects;
}

/// What the caller says of the dataset, or what its files say.
Result<catalog::RegisterRequest> make_request(Session& session, const Options& options) {
  const bool is_read_from_files = !options.from_parquet.empty();
  if (is_read_from_files == options.fingerprint.has_value()) {
    return failure(ErrorCode::kInvalidArgument,
                   "say what the dataset is: either --fingerprint F with its keys, or --from-parquet KEY...");
  }
  if (is_read_from_files && (options.row_count || !options.keys.empty())) {
    return failure(ErrorCode::kInvalidArgument,
                   "--from-parquet reads keys and row count itself: leave KEY and "
                   "--row-count out");
  }
  catalog::RegisterRequest request;
  request.name = options.name;
  if (is_read_from_files) {
    TARN_TRY(store::BucketStore* const store, session.store(CredentialsRole::kData));
    TARN_TRY(ParquetDataset dataset,
             session.run(describe_parquet(*store, session.bucket(), options.from_parquet, options.connection.timeout)));
    request.schema_fingerprint = std::move(dataset.schema_fingerprint);
    request.objects = std::move(dataset.objects);
    request.row_count = dataset.row_count;
    request.columns = std::move(dataset.columns);
    return request;
  }
  request.schema_fingerprint = *options.fingerprint;
  request.row_count = options.row_count;
  if (!options.keys.empty()) {
    TARN_TRY(store::BucketStore* const store, session.store(CredentialsRole::kData));
    TARN_TRY(request.objects, session.run(look_up(*store, session.bucket(), options.keys, options.connection.timeout)));
  }
  return request;
}

Result<void> register_dataset(Session& session, const Options& options) {
  TARN_TRY(catalog::RegisterRequest request, make_request(session, options));
  TARN_TRY(catalog::Catalog* const catalog, session.catalog());
  TARN_TRY(const catalog::RegisterResult registered,
           session.run(catalog->register_dataset(std::move(request), session.deadline())));
  const catalog::Manifest& dataset = *registered.manifest;
  const Table table{
      .columns = {"name", "result", "dataset_id", "schema_fingerprint", "object_count", "row_count", "revision"},
      .rows = {{dataset.name, std::string(registered.is_existing ? "existing" : "created"),
                dataset.dataset_id.to_string(), dataset.schema_fingerprint, std::uint64_t{dataset.objects.size()},
                dataset.row_count ? Cell(*dataset.row_count) : Cell(), dataset.revision}}};
  return session.print_record(table, options.output);
}

}  // namespace

Verb register_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "register";
  verb.summary = "Register objects as a dataset, or replace the objects of one.";
  verb.examples = {
      {"tarn register flights --from-parquet flights/part-0.parquet flights/part-1.parquet",
       "reads columns and row counts from the files' footers"},
      {"tarn register flights --from-parquet flights/", "the same with every .parquet object in that folder"},
      {"tarn register logs --fingerprint v1 logs/a.csv logs/b.csv", "any objects, under a fingerprint of your own"}};
  verb.positionals.push_back({.name = "NAME",
                              .help = "Name of the dataset: letters, digits, _ and -, levels "
                                      "separated by dots",
                              .target = &options->name});
  verb.positionals.push_back(
      {.name = "KEY", .help = "With --fingerprint: its objects", .target = &options->keys, .is_required = false});
  verb.settings.push_back(setting("from_parquet", options->from_parquet, "KEY",
                                  "Parquet objects; a key that ends in '/' stands for all below it")
                              .flag_only());
  verb.settings.push_back(
      setting("fingerprint", options->fingerprint, "TEXT", "What tells this schema from others").flag_only());
  verb.settings.push_back(
      setting("row_count", options->row_count, "N", "With --fingerprint: how many rows there are").flag_only());
  add_catalog_settings(verb.settings, options->connection);
  add_store_settings(verb.settings, options->connection);
  add_output_settings(verb.settings, options->output);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings,
                          [&](Session& session) { return register_dataset(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
