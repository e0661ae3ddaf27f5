#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "apps/tarn/session.h"
#include "apps/tarn/transfer.h"
#include "apps/tarn/verbs.h"

namespace tarn::apps {
namespace {

struct Options {
  ConnectionOptions connection;
  std::string key;
  std::string file;
};

/// The part of a key after its last '/'.
std::string name_of(const std::string& key) {
  return key.substr(key.rfind('/') + 1);
}

Result<void> get(Session& session, const Options& options) {
  TARN_TRY(store::BucketStore* const store, session.store(CredentialsRole::kData));
  const store::ObjectKey key = session.key(options.key);
  if (options.file == "-") {
    TARN_TRY_VOID(session.run(download_to(*store, key, session.out(), Deadline::never())));
    return {};
  }
  std::filesystem::path file = options.file.empty() ? "." : options.file;
  if (std::filesystem::is_directory(file)) {
    const std::string name = name_of(options.key);
    if (name.empty() || name == "." || name == "..") {
      return failure(ErrorCode::kInvalidArgument, "the key " + options.key + " names no file; say which FILE to write");
    }
    file /= name;
  }
  TARN_TRY(const store::ObjectSummary summary, session.run(store->head(key, session.deadline())));
  ProgressBar progress(stderr, name_of(options.key), summary.size);
  TARN_TRY(const std::uint64_t size,
           session.run(download_file(*store, session.files(), key, file, progress, Deadline::never())));
  session.out() << file.lexically_normal().string() << ": " << human_bytes(size) << '\n';
  return {};
}

}  // namespace

Verb get_verb() {
  auto options = std::make_shared<Options>();  // lives as long as the verb, whose settings point into it
  Verb verb;
  verb.name = "get";
  verb.summary = "Fetch an object into a file.";
  verb.examples = {{"tarn get flights/part-7.parquet", "writes ./part-7.parquet"},
                   {"tarn get flights/part-7.parquet /tmp/f.parquet", "writes that file"},
                   {"tarn get notes.txt -", "writes to standard output"}};
  verb.positionals.push_back({.name = "KEY", .help = "Key of the object", .target = &options->key});
  verb.positionals.push_back({.name = "FILE",
                              .help = "File or folder to write; '-': standard output; here if missing",
                              .target = &options->file,
                              .is_required = false});
  add_store_settings(verb.settings, options->connection);
  verb.run = [options](Surroundings& surroundings) {
    return run_in_session(options->connection, surroundings, [&](Session& session) { return get(session, *options); });
  };
  return verb;
}

}  // namespace tarn::apps
