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

std::string part_name(int number) {
  return "part " + std::to_string(number);
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

Result<void> validate_part_list(const std::vector<CompletedPart>& listed) {
  if (listed.empty()) return failure(ErrorCode::kInvalidArgument, "no part is listed", kInvalidPart);
  for (std::size_t i = 1; i < listed.size(); ++i) {
    if (listed[i].number <= listed[i - 1].number) {
      return failure(ErrorCode::kInvalidArgument,
                     part_name(listed[i].number) + " is listed after " + part_name(listed[i - 1].number),
                     kInvalidPartOrder);
    }
  }
  return {};
}

CompletionCheck::CompletionCheck() : md5_of_md5s_(DigestAlgorithm::kMd5) {}

Result<void> CompletionCheck::add(const CompletedPart& part, const PartSummary* stored) {
  const std::string name = part_name(part.number);
  if (stored == nullptr) return failure(ErrorCode::kInvalidArgument, name + " was not uploaded", kInvalidPart);
  if (stored->etag != part.etag) {
    return failure(ErrorCode::kInvalidArgument, name + " has the ETag " + stored->etag + ", not " + part.etag,
                   kInvalidPart);
  }
  const auto digest = hex_decode(stored->etag);
  if (!digest) return failure(ErrorCode::kCorrupt, name + " has the ETag " + stored->etag + ", which is no MD5");
  md5_of_md5s_.update(*digest);
  if (count_ > 0 && last_.size < kMinPartBytes && !too_small_) {
    too_small_ = Error{ErrorCode::kInvalidArgument,
                       part_name(last_.number) + " has " + std::to_string(last_.size) +
                           " bytes; only the last part may have fewer than " + std::to_string(kMinPartBytes),
                       kPartTooSmall};
  }
  last_ = *stored;
  ++count_;
  return {};
}

Result<std::string> CompletionCheck::finish() {
  TARN_ASSERT(count_ > 0);
  if (too_small_) return std::unexpected(*too_small_);
  return hex_encode(md5_of_md5s_.finish()) + "-" + std::to_string(count_);
}

}  // namespace tarn::store
