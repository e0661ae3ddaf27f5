#include <filesystem>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "apps/tarn/session.h"
#include "apps/tarn/transfer.h"
#include "apps/tarn/verbs.h"

namespace tarn::apps {
namespace {

struct Options {
  ConnectionOptions connection;
  OutputOptions output;
  std::string file;
  std::string key;
};

Result<void> put(Session& session, const Options& options) {
  const std::filesystem::path file = options.file;
  // A key that ends in '/' is a folder to put the file into, as with cp.
  std::string key = options.key;
  if (key.empty() || key.ends_with('/')) key += file.filename().string();
  std::error_code ignored;  // upload_file says what is wrong with the file
  const std::uint64_t size = std::filesystem::file_size(file, ignored);
  ProgressBar progress(stderr, file.filename().string(), ignored ? std::nullopt : std::optional(size));
  TARN_TRY(store::BucketStore* const store, session.store(CredentialsRole::kData));
  TARN_TRY(const store::ObjectSummary stored,
           session.run(upload_file(*store, session.files(), session.key(key), file, progress)));
  const Table table{.columns = {"bucket", "key", "size", "etag"},
                    .rows = {{session.bucket(), stored.key, ByteCount{stored.size}, stored.etag}}};
  return session.print_record(table, options.output);
}

}  // namespace

Verb put_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "put";
  verb.summary = "Store a file as an object.";
  verb.examples = {{"tarn put flights.parquet", "stores it under the key flights.parquet"},
                   {"tarn put part-7.parquet flights/", "stores it as flights/part-7.parquet"}};
  verb.positionals.push_back({.name = "FILE", .help = "File to store", .target = &options->file});
  verb.positionals.push_back({.name = "KEY",
                              .help = "Key to store it under; the file's name if missing, or after a key ending in '/'",
                              .target = &options->key,
                              .is_required = false});
  add_store_settings(verb.settings, options->connection);
  add_output_settings(verb.settings, options->output);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings, [&](Session& session) { return put(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
