#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "async/byte_source.h"
#include "async/deadline.h"
#include "async/task.h"
#include "base/bytes.h"
#include "store/disk_engine_internal.h"
#include "store/operations_internal.h"

namespace tarn::store {

/// A blob file that the index does not know yet: removed with this, unless it is kept.
class UncommittedBlob {
 public:
  UncommittedBlob(BlobGarbage& garbage, const Uuid& blob) : garbage_(&garbage), blob_(blob) {}
  UncommittedBlob(UncommittedBlob&& other) noexcept
      : garbage_(std::exchange(other.garbage_, nullptr)), blob_(other.blob_) {}
  UncommittedBlob& operator=(UncommittedBlob&&) = delete;
  ~UncommittedBlob() {
    const BlobGarbage::Item item{.content = blob_, .blob = blob_};
    if (garbage_ != nullptr) garbage_->discard({&item, 1});
  }
  void keep() { garbage_ = nullptr; }

 private:
  BlobGarbage* garbage_;
  Uuid blob_;
};

/// A body that was read to its end and is on the disk, or small enough to go with its record.
struct StoredBody {
  NewContent content;
  std::uint64_t size = 0;
  std::string etag;  ///< MD5, in hexadecimal
  std::optional<UncommittedBlob> blob{};
};

/// Small bytes, ready to be committed.
StoredBody store_inline(DiskStore::Engine& engine, ByteView bytes);

/// Reads `body` to its end. Errors: the body's own, as it is; kTooLarge over `limit_bytes`; kDeadlineExceeded; kNoSpace
/// and kUnavailable from the disk. Nothing is left behind then.
Task<StoredBody> store_body(DiskStore::Engine& engine, ByteSource& body, std::uint64_t limit_bytes, Deadline deadline);

/// The bytes of a found object. What is inline is verified at once; of blobs the first blocks are read and verified, so
/// that what is missing or damaged there is an error here and not in the midst of an answer: that blocks. Errors:
/// kCorrupt, kUnavailable.
Result<std::unique_ptr<ByteSource>> open_source(DiskStore::Engine& engine, FoundObject found, ResolvedRange range);

}  // namespace tarn::store
