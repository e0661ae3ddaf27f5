#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/catalogd/remote_store.h"
#include "apps/command_line.h"
#include "apps/credentials.h"
#include "apps/setting.h"
#include "apps/tarn/output.h"
#include "async/deadline.h"
#include "async/runtime.h"
#include "async/thread_pool.h"
#include "catalog/catalog.h"
#include "store/bucket_store.h"

namespace tarn::apps {

/// How a verb finds its server and its store.
struct ConnectionOptions {
  Url server{"http://127.0.0.1:8181"};
  std::optional<std::string> token;
  RemoteStoreSettings store;
  std::optional<std::filesystem::path> data;  ///< a folder to open in place of `store`
  std::string bucket = "lake";
  std::chrono::milliseconds timeout{30'000};
};

/// --server, --timeout, TARN_TOKEN.
void add_catalog_settings(std::vector<Setting>& settings, ConnectionOptions& options);
/// --s3, --bucket, --timeout, and what add_remote_store_settings() adds.
void add_store_settings(std::vector<Setting>& settings, ConnectionOptions& options);
/// --data, for verbs that work on a folder whose server is down.
void add_data_setting(std::vector<Setting>& settings, ConnectionOptions& options);

/// How a verb prints.
struct OutputOptions {
  OutputFormat format = OutputFormat::kTable;
  bool is_json = false;

  OutputFormat chosen() const { return is_json ? OutputFormat::kJson : format; }
};
/// --format, --json.
void add_output_settings(std::vector<Setting>& settings, OutputOptions& options);

/// The connections of one verb, opened when asked for.
class Session {
 public:
  Session(const ConnectionOptions& options, Surroundings& surroundings);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// The catalog behind --server. Errors: kInvalidArgument for an address that is none.
  Result<catalog::Catalog*> catalog();
  /// The folder of --data, or the store behind --s3, signed for with the key of `role`, always the same one in a
  /// session. Errors: those of obtain_access_key and of LocalStore::open.
  Result<store::BucketStore*> store(CredentialsRole role);

  const std::string& bucket() const { return options_.bucket; }
  store::ObjectKey key(std::string name) const { return {options_.bucket, std::move(name)}; }
  /// For one request: --timeout from now.
  Deadline deadline() const { return Deadline::after(options_.timeout); }
  async::Runtime& runtime() { return runtime_; }
  /// For reading and writing files, and for decoding.
  async::ThreadPool& files() { return files_; }
  /// Prints rows, or one record, as the caller wishes. Errors: those of render().
  Result<void> print(const Table& table, const OutputOptions& output);
  Result<void> print_record(const Table& table, const OutputOptions& output);
  std::ostream& out() { return surroundings_.out; }
  std::ostream& err() { return surroundings_.err; }

  template <class T>
  Result<T> run(Task<T> task) {
    return async::run(runtime_, std::move(task));
  }

 private:
  struct Connections;
  const ConnectionOptions options_;
  Surroundings& surroundings_;
  async::Runtime runtime_{1};
  async::ThreadPool files_{"files", 1};
  std::unique_ptr<Connections> connections_;
};

/// Runs a verb's work in a session of its own; an error becomes "tarn: what went wrong" and its exit code.
ExitCode run_in_session(const ConnectionOptions& options, Surroundings& surroundings,
                        const std::function<Result<void>(Session&)>& work);

}  // namespace tarn::apps
