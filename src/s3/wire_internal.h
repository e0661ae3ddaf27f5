#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/byte_source.h"
#include "s3/client.h"
#include "s3/errors_internal.h"
#include "s3/sigv4.h"

namespace tarn::s3 {

/// What a client asks of a store, before it is signed.
struct Question {
  std::string_view method;
  std::string bucket;  ///< empty: the service itself
  std::string key;     ///< empty: the bucket itself
  std::vector<std::pair<std::string_view, std::string>> query;
  http::Headers headers;
};

/// A success, read to its end.
struct Answer {
  http::Headers headers;
  Bytes body;
};

/// Signs, sends, and sends again; answers that are no success become errors. What the answers mean is the client's.
class Wire {
 public:
  Wire(async::Runtime& runtime, ClientOptions options, const Clock& clock, Random& random);

  /// A read, repeated until the answer's head is there. Errors: those of error_from_answer; kUnavailable,
  /// kDeadlineExceeded.
  Task<http::ClientResponse> open(Question question, Deadline deadline);
  /// A read whose answer is small, repeated until all of it is there.
  Task<Answer> read(Question question, Deadline deadline);
  /// A write, sent once, its body signed with its digest. Errors: those of error_from_answer; kUnavailable and
  /// kDeadlineExceeded where it was certainly not sent; kOutcomeUnknown.
  Task<Answer> write(Question question, Bytes body, Deadline deadline);
  /// The same with an unsigned body, whose own errors are returned as they are.
  Task<Answer> write_stream(Question question, std::unique_ptr<async::ByteSource> body, Deadline deadline);

  std::string presign(const Question& question, std::chrono::seconds lifetime) const;
  Task<void> close();
  const ClientOptions& options() const { return options_; }

 private:
  /// Where a question goes, and how it names what it asks for there.
  struct Address {
    http::Client* client;
    std::string host;
    std::string target;
  };

  std::string target_of(const Question& question) const;
  http::Origin origin_of(const std::string& bucket) const;
  Result<Address> address_of(const Question& question);
  Task<http::ClientResponse> send(const Question& question, std::unique_ptr<async::ByteSource> body,
                                  std::string_view payload_hash, Effect effect, Deadline deadline, int& http_status);
  Task<void> wait_before_retry(int failed_attempts, int http_status, Error error, Deadline deadline);
  double random_fraction();

  async::Runtime& runtime_;
  const ClientOptions options_;
  const RequestSigner signer_;
  Random& random_;
  http::Client client_;  // of the endpoint itself
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<http::Client>> virtual_hosts_;  // by bucket; only ever grows
};

}  // namespace tarn::s3
