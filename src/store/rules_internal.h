#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "store/bucket_store.h"

namespace tarn::store {

// What every store says alike: the errors of the promise, and the judgement of conditions. Pure functions.

std::unexpected<Error> no_such_bucket(std::string_view bucket);
std::unexpected<Error> no_such_key(const ObjectKey& key);
std::unexpected<Error> no_such_upload(const ObjectKey& key, std::string_view upload_id);
std::unexpected<Error> bucket_exists(std::string_view bucket);
std::unexpected<Error> bucket_not_empty(std::string_view bucket);

/// Errors: kDeadlineExceeded once it has passed.
Result<void> check(Deadline deadline, std::string_view doing, std::string_view what);
Result<void> validate_part_number(int number);

/// Whether the condition of a write holds where an object with `current_etag` is stored (null: none). Errors: those of
/// ObjectStore::put.
Result<void> judge(const PutCondition& condition, const ObjectKey& key, const std::string* current_etag);
Result<void> judge(const RemoveCondition& condition, const ObjectKey& key, const std::string* current_etag);
Result<void> judge_source(const CopyOptions& options, const ObjectKey& source, const std::string& etag);

/// The parts that a completion lists: some, and in ascending order. Errors: kInvalidArgument/kInvalidPart,
/// /kInvalidPartOrder.
Result<void> validate_part_list(const std::vector<CompletedPart>& listed);

/// The rules of completing a multipart upload, fed with the listed parts in their order.
class CompletionCheck {
 public:
  CompletionCheck();

  /// The next of the listed parts and what is stored under its number (null: nothing). Errors:
  /// kInvalidArgument/kInvalidPart.
  Result<void> add(const CompletedPart& part, const PartSummary* stored);
  /// The object's ETag, after the last part. Errors: kInvalidArgument/kPartTooSmall.
  Result<std::string> finish();

 private:
  std::size_t count_ = 0;
  PartSummary last_;                // which may be small
  std::optional<Error> too_small_;  // told only when every part is there: that is the lesser mistake
  Digest md5_of_md5s_;
};

}  // namespace tarn::store
