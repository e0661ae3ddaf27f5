#include <algorithm>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>

#include "async/task_group.h"
#include "s3/answers_xml_internal.h"
#include "s3/operations_internal.h"
#include "s3/request_body_internal.h"
#include "s3/requests_xml_internal.h"

namespace tarn::s3 {
namespace {

/// Removals of one request that run at once: enough to share the store's syncs, few enough to be fair.
constexpr std::size_t kMaxConcurrentRemovals = 32;

Task<void> remove_one(Call& call, DeleteObjectsRequest::Item item) {
  if (!call.may_touch(item.key)) co_return failure(S3Code::kAccessDenied);
  if (item.key.size() > store::kMaxKeyBytes) co_return failure(S3Code::kKeyTooLongError);
  if (!item.version_id.empty() && item.version_id != "null") co_return failure(S3Code::kNoSuchVersion);
  co_return co_await call.store.remove_object(store::ObjectKey(call.route.bucket, std::move(item.key)),
                                              {.if_match = std::move(item.etag)}, call.deadline);
}

/// What the workers of one request share, on one thread.
struct Batch {
  std::vector<DeleteObjectsRequest::Item> items;
  std::vector<DeleteOutcome> outcomes;  // beside items
  std::size_t next = 0;
};

Task<void> remove_next(Call& call, Batch& batch) {
  while (batch.next < batch.items.size()) {
    const std::size_t index = batch.next++;
    batch.outcomes[index].result = co_await remove_one(call, std::move(batch.items[index]));
  }
  co_return Result<void>();
}

}  // namespace

Task<http::Response> delete_objects(Call& call) {
  TARN_CO_TRY(const CheckedBody body, checked_body(std::move(call.request.body), call.request.headers,
                                                   call.authentication, BodyKind::kDocument));
  TARN_CO_TRY(const Bytes document, co_await async::read_all(*body.payload, kMaxRequestXmlBytes));
  TARN_CO_TRY(DeleteObjectsRequest request, parse_delete_objects(document));
  TARN_CO_TRY_VOID(co_await call.store.head_bucket(call.route.bucket, call.deadline));

  Batch batch;
  for (const auto& item : request.items) batch.outcomes.push_back({.key = item.key, .result = {}});
  batch.items = std::move(request.items);
  const auto executor = co_await asio::this_coro::executor;
  async::TaskGroup workers;
  for (std::size_t i = 0; i < std::min(batch.items.size(), kMaxConcurrentRemovals); ++i) {
    workers.spawn(executor, remove_next(call, batch));
  }
  // Each removal has the request's deadline, so this ends.
  TARN_CO_TRY_VOID(co_await workers.stop(Deadline::never()));
  co_return xml_response(delete_objects_document(batch.outcomes, request.is_quiet));
}

}  // namespace tarn::s3
