#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/uuid.h"
#include "catalog/manifest.h"

// The system's gRPC is built without ThreadSanitizer, which therefore takes each of its hand-overs between threads for
// a race, in our frames too: tests through it do not run there.
#if defined(__SANITIZE_THREAD__)
#define TARN_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TARN_THREAD_SANITIZER 1
#endif
#endif
#ifndef TARN_THREAD_SANITIZER
#define TARN_THREAD_SANITIZER 0
#endif

namespace tarn::catalog_api {

/// For tests only: a manifest that has something in every field the API tells.
inline catalog::Manifest full_manifest() {
  catalog::Manifest manifest;
  manifest.dataset_id = *Uuid::parse("cb97953f-0ea6-5b7e-8831-060b9f9a8ed6");
  manifest.name = "nyc.flights";
  manifest.schema_fingerprint = "sha256:ab";
  manifest.objects = {{.key = "flights/a b.parquet", .size = 9'223'372'036'854'775'807U, .etag = "0cc175b9"},
                      {.key = "flights/é\".parquet", .size = 0, .etag = {}}};
  manifest.row_count = 3'000'000;
  manifest.created_at = *parse_rfc3339("2026-11-23T00:32:06.000001Z");
  manifest.updated_at = *parse_rfc3339("2026-11-23T00:32:07Z");
  manifest.revision = 2;
  manifest.commit_id = *Uuid::parse("0199a0e4-7f5c-7abc-8def-0123456789ab");
  manifest.kind = catalog::DatasetKind::kIceberg;
  manifest.columns = {{.name = "delay", .type = "int16", .is_nullable = false}, {.name = "tail\n", .type = "string"}};
  manifest.properties = {{"owner", "ops"}, {"é", ""}};
  manifest.metadata_location = "s3://lake/t/metadata.json";
  return manifest;
}

}  // namespace tarn::catalog_api
