#include "base/encoding.h"
#include "store/rules_internal.h"

namespace tarn::store {
namespace {

bool matches(const std::string& wanted, const std::string& etag) {
  return wanted == "*" || wanted == etag;
}

std::unexpected<Error> does_not_match(const ObjectKey& key, const std::string& wanted, const std::string& etag) {
  return failure(ErrorCode::kPreconditionFailed, key.path() + " has the ETag " + etag + ", not " + wanted);
}

}  // namespace

std::unexpected<Error> no_such_bucket(std::string_view bucket) {
  return failure(ErrorCode::kNotFound, "there is no bucket " + std::string(bucket), kNoSuchBucket);
}

std::unexpected<Error> no_such_key(const ObjectKey& key) {
  return failure(ErrorCode::kNotFound, "there is no object " + key.path(), kNoSuchKey);
}

std::unexpected<Error> no_such_upload(const ObjectKey& key, std::string_view upload_id) {
  return failure(ErrorCode::kNotFound, "there is no upload " + std::string(upload_id) + " of " + key.path(),
                 kNoSuchUpload);
}

std::unexpected<Error> bucket_exists(std::string_view bucket) {
  return failure(ErrorCode::kAlreadyExists, "there is a bucket " + std::string(bucket) + " already");
}

std::unexpected<Error> bucket_not_empty(std::string_view bucket) {
  return failure(ErrorCode::kConflict, "the bucket " + std::string(bucket) + " holds objects", kBucketNotEmpty);
}

Result<void> check(Deadline deadline, std::string_view doing, std::string_view what) {
  if (!deadline.has_passed()) return {};
  return failure(ErrorCode::kDeadlineExceeded,
                 std::string(doing) + " " + std::string(what) + ": the deadline passed before it was tried");
}

Result<void> validate_part_number(int number) {
  if (number >= 1 && number <= kMaxPartNumber) return {};
  return failure(ErrorCode::kInvalidArgument,
                 "part numbers are 1 to " + std::to_string(kMaxPartNumber) + ", not " + std::to_string(number));
}

Result<void> judge(const PutCondition& condition, const ObjectKey& key, const std::string* current_etag) {
  if (condition.is_if_absent() && current_etag != nullptr) {
    return failure(ErrorCode::kPreconditionFailed, key.path() + " exists already");
  }
  if (condition.is_if_match()) {
    if (current_etag == nullptr) return no_such_key(key);
    if (!matches(condition.etag(), *current_etag)) return does_not_match(key, condition.etag(), *current_etag);
  }
  return {};
}

Result<void> judge(const RemoveCondition& condition, const ObjectKey& key, const std::string* current_etag) {
  if (!condition.if_match) return {};
  if (current_etag == nullptr) return no_such_key(key);
  if (!matches(*condition.if_match, *current_etag)) return does_not_match(key, *condition.if_match, *current_etag);
  return {};
}

Result<void> judge_source(const CopyOptions& options, const ObjectKey& source, const std::string& etag) {
  if (options.source_if_match && !matches(*options.source_if_match, etag)) {
    return does_not_match(source, *options.source_if_match, etag);
  }
  return {};
}

CompletionCheck::CompletionCheck(const std::vector<CompletedPart>& listed)
    : listed_count_(listed.size()), md5_of_md5s_(DigestAlgorithm::kMd5) {}

Result<void> CompletionCheck::add(const CompletedPart& part, const PartSummary* stored) {
  const std::string name = "part " + std::to_string(part.number);
  if (part.number <= last_number_) {
    return failure(ErrorCode::kInvalidArgument, name + " is listed after part " + std::to_string(last_number_),
                   kInvalidPartOrder);
  }
  if (stored == nullptr) return failure(ErrorCode::kInvalidArgument, name + " was not uploaded", kInvalidPart);
  if (stored->etag != part.etag) {
    return failure(ErrorCode::kInvalidArgument, name + " has the ETag " + stored->etag + ", not " + part.etag,
                   kInvalidPart);
  }
  const bool is_last = ++added_count_ == listed_count_;
  if (!is_last && stored->size < kMinPartBytes) {
    return failure(ErrorCode::kInvalidArgument,
                   name + " has " + std::to_string(stored->size) + " bytes; only the last part may have fewer than " +
                       std::to_string(kMinPartBytes),
                   kPartTooSmall);
  }
  const auto digest = hex_decode(stored->etag);
  if (!digest) return failure(ErrorCode::kCorrupt, name + " has the ETag " + stored->etag + ", which is no MD5");
  md5_of_md5s_.update(*digest);
  last_number_ = part.number;
  return {};
}

Result<std::string> CompletionCheck::finish() {
  if (listed_count_ == 0) return failure(ErrorCode::kInvalidArgument, "no part is listed", kInvalidPart);
  TARN_ASSERT(added_count_ == listed_count_);
  return hex_encode(md5_of_md5s_.finish()) + "-" + std::to_string(listed_count_);
}

}  // namespace tarn::store
