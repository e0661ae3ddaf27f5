#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/runtime.h"
#include "base/clock.h"
#include "base/random.h"
#include "http/client.h"
#include "s3/retry.h"
#include "s3/sigv4.h"
#include "store/bucket_store.h"

namespace tarn::s3 {

class Wire;

struct ClientOptions {
  http::Origin endpoint;  ///< "http://127.0.0.1:9000", "https://s3.eu-west-1.amazonaws.com"
  std::string region = "us-east-1";
  ClientCredentials credentials = {};
  /// The bucket goes into the host's name (https://BUCKET.s3…) in place of the path.
  bool is_virtual_hosted = false;
  http::ClientOptions http = {};
  RetryPolicy retry = {};
};

/// Any S3 endpoint as a BucketStore: Tarn's storaged, Ceph, RustFS, SeaweedFS, MinIO, AWS. Requests are signed and
/// pooled. Every answer is read to its end or its connection closed.
///
/// Reads are repeated as `retry` says within their deadline, though not once a body has begun. Writes are sent once.
/// One that fails was certainly not applied if it was never sent or answered by 4xx; after no answer or a 5xx it is
/// kOutcomeUnknown (but for a full disk, kNoSpace, and what the store does not do, kUnsupported).
///
/// Bodies up to kBufferedBytes are signed with their digest, longer ones sent as they come with an unsigned payload. A
/// put_object of unknown size beyond that becomes a multipart upload. PutOptions::checksums travel with buffered bodies
/// only.
///
/// A reader's body has to be read by the deadline of the call that made it.
///
/// What S3 does not say: head_bucket's time (unset); the time of what was just written (the answer's Date).
class Client final : public store::BucketStore {
 public:
  /// What one call holds of a body, and a piece of its source more; the size of a part that this client makes.
  static constexpr std::size_t kBufferedBytes = 8 << 20;
  /// Buckets of one client with a virtual host each; more are refused (kTooLarge).
  static constexpr std::size_t kMaxVirtualHosts = 64;

  /// `runtime`, `clock` and `random` outlive the client. Calls run on their caller's executor, one of the runtime's.
  Client(async::Runtime& runtime, ClientOptions options, const Clock& clock, Random& random);
  /// No call may be running, and no reader be left.
  ~Client() override;

  Task<std::string> put(store::ObjectKey key, Bytes body, store::PutCondition condition, Deadline deadline) override;
  Task<store::ObjectReader> get(store::ObjectKey key, store::ByteRange range, Deadline deadline) override;
  Task<store::ObjectSummary> head(store::ObjectKey key, Deadline deadline) override;
  Task<void> remove(store::ObjectKey key, Deadline deadline) override;
  Task<store::ListPage> list(std::string bucket, store::ListQuery query, Deadline deadline) override;

  Task<void> create_bucket(std::string name, Deadline deadline) override;
  Task<void> remove_bucket(std::string name, Deadline deadline) override;
  Task<store::BucketSummary> head_bucket(std::string name, Deadline deadline) override;
  Task<std::vector<store::BucketSummary>> list_buckets(Deadline deadline) override;

  Task<store::ObjectSummary> put_object(store::ObjectKey key, std::unique_ptr<async::ByteSource> body,
                                        store::PutOptions options, Deadline deadline) override;
  Task<store::DetailedReader> get_object(store::ObjectKey key, store::ByteRange range, Deadline deadline) override;
  Task<store::ObjectDetails> head_object(store::ObjectKey key, Deadline deadline) override;
  Task<void> remove_object(store::ObjectKey key, store::RemoveCondition condition, Deadline deadline) override;
  Task<store::ObjectSummary> copy_object(store::ObjectKey source, store::ObjectKey target, store::CopyOptions options,
                                         Deadline deadline) override;

  Task<std::string> create_upload(store::ObjectKey key, store::PutOptions options, Deadline deadline) override;
  Task<store::PartSummary> upload_part(store::ObjectKey key, std::string upload_id, int number,
                                       std::unique_ptr<async::ByteSource> body, Deadline deadline) override;
  Task<store::PartPage> list_parts(store::ObjectKey key, std::string upload_id, int after_number, std::size_t limit,
                                   Deadline deadline) override;
  Task<store::ObjectSummary> complete_upload(store::ObjectKey key, std::string upload_id,
                                             std::vector<store::CompletedPart> parts, store::PutCondition condition,
                                             Deadline deadline) override;
  Task<void> abort_upload(store::ObjectKey key, std::string upload_id, Deadline deadline) override;
  Task<store::UploadPage> list_uploads(std::string bucket, std::string prefix, std::string after_key,
                                       std::string after_upload_id, std::size_t limit, Deadline deadline) override;

  /// A URL that reads (GET) or writes (PUT) one object for `lifetime` (1 s to 7 days) without credentials.
  std::string presign(std::string_view method, const store::ObjectKey& key, std::chrono::seconds lifetime) const;
  /// Closes the idle connections.
  Task<void> close();

 private:
  Task<store::ObjectSummary> put_buffered(store::ObjectKey key, Bytes body, store::PutOptions options,
                                          Deadline deadline);
  Task<store::ObjectSummary> put_in_parts(store::ObjectKey key, Bytes begin, std::unique_ptr<async::ByteSource> rest,
                                          store::PutOptions options, Deadline deadline);
  Task<std::vector<store::CompletedPart>> upload_rest(store::ObjectKey key, std::string upload_id, Bytes begin,
                                                      std::unique_ptr<async::ByteSource> rest, Deadline deadline);
  Task<std::map<std::string, std::string>> get_tags(store::ObjectKey key, Deadline deadline);

  std::unique_ptr<Wire> wire_;
};

}  // namespace tarn::s3
