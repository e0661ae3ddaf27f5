#pragma once

#include "catalog/catalog.h"
#include "catalog/registry.h"

// What the catalog's writes decide, as pure functions from the prior manifest: no store, no clock. Registry::transact
// runs them.

namespace tarn::catalog {

/// Whether a request may be tried at all. Errors: kInvalidArgument with kEmptyName, kInvalidName, kEmptyFingerprint,
/// kReservedKey, or without a reason for other malformed fields; kTooLarge over one of the limits of RegisterRequest.
Result<void> validate(const RegisterRequest& request);

/// ADR-020, row by row. `prior` may be null or a tombstone. Errors: kConflict/kFingerprintConflict; kInvalidArgument
/// for an Iceberg table, whose objects only its own commits replace.
Result<Decision> decide_register(const RegisterRequest& request, const ManifestPtr& prior, Timestamp now);

/// A live manifest to a tombstone. Errors: kNotFound.
Result<Decision> decide_drop(std::string_view name, const ManifestPtr& prior);

/// A tombstone to a live manifest, otherwise as it was. Errors: kNotFound.
Result<Decision> decide_undrop(std::string_view name, const ManifestPtr& prior);

/// kNotFound for a dataset that is not there, or dropped.
std::unexpected<Error> dataset_not_found(std::string_view name);

}  // namespace tarn::catalog
