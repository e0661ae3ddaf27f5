#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "http/server.h"
#include "s3/sigv4.h"
#include "store/bucket_store.h"

namespace tarn::s3 {

/// Keys under it are the catalog's: hidden from and refused to every credential but admin, in every bucket.
inline constexpr std::string_view kCatalogPrefix = "_catalog/";

enum class Role : std::uint8_t {
  kAdmin,  ///< everything
  kData,   ///< everything but kCatalogPrefix
};

struct Credential {
  AccessKey key;
  Role role = Role::kData;
};

struct ServerOptions {
  std::vector<Credential> credentials;
  /// What GetBucketLocation answers. Signatures of every region are accepted.
  std::string region = "us-east-1";
  /// For a request, bodies over 1 MiB aside: those are bounded by the HTTP server's idle timeouts.
  std::chrono::seconds request_timeout{30};
  bool has_access_log = true;  ///< false: only what failed by our fault is logged
};

/// The S3 protocol over a BucketStore: Signature Version 4, path style, S3's XML errors. See route.h for its
/// operations. Stateless but for its key cache; thread-safe.
class Server final : public http::Handler {
 public:
  /// `store`, `clock` and `logger` outlive the server.
  Server(store::BucketStore& store, ServerOptions options, const Clock& clock, Logger& logger);

  Task<http::Response> handle(http::Request& request) override;
  http::Response refuse(int status, std::string_view code, std::string_view message,
                        std::string_view request_id) override;

 private:
  /// What is known of a request by the time it is answered, for the log line.
  struct Trace;
  Task<http::Response> serve(http::Request& request, Trace& trace);
  Role role_of(std::string_view access_key_id) const;
  void log(LogLevel level, const http::Request& request, const Trace& trace, int status, double milliseconds);

  store::BucketStore& store_;
  const ServerOptions options_;
  Logger& logger_;
  const SignatureVerifier verifier_;
};

}  // namespace tarn::s3
