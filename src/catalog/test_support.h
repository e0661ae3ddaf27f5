#pragma once

#include <chrono>
#include <string>

#include "catalog/manifest.h"

// What several tests of the catalog use.

namespace tarn::catalog {

/// A valid manifest with as little as possible in it.
inline Manifest small_manifest(const std::string& name) {
  Manifest manifest;
  manifest.dataset_id = dataset_id_of(name);
  manifest.name = name;
  manifest.schema_fingerprint = "fingerprint-of-" + name;
  manifest.created_at = manifest.updated_at = Timestamp(std::chrono::seconds(1'795'000'000));
  manifest.revision = 1;
  manifest.commit_id = Uuid{{1, 2, 3}};
  return manifest;
}

}  // namespace tarn::catalog
