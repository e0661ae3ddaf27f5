#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "catalog_api/errors.h"
#include "catalog_api/paging.h"

// The generated messages; defined in tarn/catalog/v1/catalog.pb.h.
namespace tarn::catalog::v1 {
class Dataset;
class ListRequest;
class ListResponse;
class RegisterRequest;
}  // namespace tarn::catalog::v1

namespace tarn::catalog_api {

/// Between the catalog's types and the messages of proto/tarn/catalog/v1/catalog.proto. Reading errors:
/// kInvalidArgument naming the field. What the API does not tell (recent_commits, idempotency) stays empty.
void to_proto(const catalog::Manifest& manifest, catalog::v1::Dataset& message);
Result<catalog::ManifestPtr> from_proto(const catalog::v1::Dataset& message);

void to_proto(const catalog::RegisterRequest& request, catalog::v1::RegisterRequest& message);
Result<catalog::RegisterRequest> from_proto(const catalog::v1::RegisterRequest& message);

void to_proto(const catalog::ListDatasets& query, catalog::v1::ListRequest& message);
Result<ListQuery> from_proto(const catalog::v1::ListRequest& message);

void to_proto(const catalog::DatasetPage& page, DatasetView view, catalog::v1::ListResponse& message);
Result<catalog::DatasetPage> from_proto(const catalog::v1::ListResponse& message);

/// The google.rpc.Status of `grpc-status-details-bin`: the status again, and an ErrorInfo whose reason is `code`.
Bytes render_status_details(GrpcCode status, std::string_view message, std::string_view code);
/// The reason that a server of ours gave; nothing when `details` has none.
std::optional<std::string> code_of_status_details(ByteView details);

/// As much of an error's message as trailers can hold beside its copy in the details: gRPC's clients refuse more than
/// 8 KiB of them. All of it up to about 2,300 characters of ASCII.
std::string_view fit_into_trailers(std::string_view message);

}  // namespace tarn::catalog_api
