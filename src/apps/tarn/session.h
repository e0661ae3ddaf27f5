#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/command_line.h"
#include "apps/credentials.h"
#include "apps/output.h"
#include "apps/setting.h"
#include "async/deadline.h"
#include "async/runtime.h"
#include "async/thread_pool.h"
#include "catalog/catalog.h"
#include "store/bucket_store.h"

namespace tarn::apps {

/// How a verb finds its server and its store.
struct ConnectionOptions {
  std::string server = "http://127.0.0.1:8181";
  std::optional<std::string> token;
  std::string s3 = "http://127.0.0.1:9000";
  std::string bucket = "lake";
  std::string region = "us-east-1";
  std::optional<std::string> session_token;
  GivenCredentials credentials;
  std::chrono::milliseconds timeout{30'000};
};

/// --server, --timeout, TARN_TOKEN.
void add_catalog_settings(std::vector<Setting>& settings, ConnectionOptions& options);
/// --s3, --bucket, --region, --credentials, --timeout and the keys of the environment.
void add_store_settings(std::vector<Setting>& settings, ConnectionOptions& options);

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
  /// The store behind --s3, signed for with the key of `role`. Errors: those of obtain_access_key too.
  Result<store::BucketStore*> store(CredentialsRole role);

  const std::string& bucket() const { return options_.bucket; }
  store::ObjectKey key(std::string name) const { return {options_.bucket, std::move(name)}; }
  /// For one request: --timeout from now.
  Deadline deadline() const { return Deadline::after(options_.timeout); }
  /// For reading and writing files.
  async::ThreadPool& files() { return files_; }
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
