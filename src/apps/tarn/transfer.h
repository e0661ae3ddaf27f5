#pragma once

#include <cstdint>
#include <filesystem>
#include <ostream>

#include "apps/tarn/progress.h"
#include "async/thread_pool.h"
#include "store/bucket_store.h"

namespace tarn::apps {

/// Files up to this size are sent in one request, larger ones in parts of 64 MiB or more.
inline constexpr std::uint64_t kSinglePutBytes = 1ULL << 30;

/// Stores `file` under `key`, in a bucket that is made if absent. The file is read on `files`, a piece at a time.
/// Errors: kNotFound and kInvalidArgument for the file, naming it; those of the store; kUnavailable when the file
/// became shorter meanwhile.
Task<store::ObjectSummary> upload_file(store::BucketStore& store, async::ThreadPool& files, store::ObjectKey key,
                                       std::filesystem::path file, ProgressBar& progress,
                                       std::uint64_t single_put_bytes = kSinglePutBytes);

/// Writes the object into `file`, which appears, or replaces an earlier one, when all of it is there. Returns its size.
/// Errors: those of the store; kUnavailable naming a file that cannot be written.
Task<std::uint64_t> download_file(store::BucketStore& store, async::ThreadPool& files, store::ObjectKey key,
                                  std::filesystem::path file, ProgressBar& progress, Deadline deadline);

/// Writes the object to a stream. Returns its size.
Task<std::uint64_t> download_to(store::BucketStore& store, store::ObjectKey key, std::ostream& out, Deadline deadline);

}  // namespace tarn::apps
