#pragma once

#include <cstdint>
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

/// The rules of completing a multipart upload, fed with its parts in the order in which the client lists them.
class CompletionCheck {
 public:
  /// `listed` must outlive the check.
  explicit CompletionCheck(const std::vector<CompletedPart>& listed);

  /// The next of the listed parts and what is stored under its number (null: nothing). Errors: those of
  /// BucketStore::complete_upload.
  Result<void> add(const CompletedPart& part, const PartSummary* stored);
  /// The object's ETag, after the last part.
  Result<std::string> finish();

 private:
  std::size_t listed_count_;
  std::size_t added_count_ = 0;
  int last_number_ = 0;
  Digest md5_of_md5s_;
};

}  // namespace tarn::store
