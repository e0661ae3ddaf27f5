#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "async/task.h"
#include "base/bytes.h"

namespace tarn::async {

/// A stream of bytes that its reader pulls: a request's body, an object's content. One reader, one call at a time.
/// Whoever makes one says what bounds the waiting in next() (an idle timeout, a deadline).
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// The bytes that follow, 256 KiB at most, valid until the next call or the source's end; empty at the end of the
  /// stream, and at every call after it. After an error the stream is over. A source that checks its bytes (length,
  /// digest, checksum) reports a mismatch in place of the end: a reader that acts only on the empty view acts on
  /// verified bytes.
  virtual Task<ByteView> next() = 0;

  /// How many bytes the whole stream has, where that is known before reading.
  virtual std::optional<std::uint64_t> size() const = 0;
};

/// A source over bytes it owns.
std::unique_ptr<ByteSource> source_of(Bytes bytes);
/// A source over bytes shared with others, who see them unchanged (a cache's entry, a manifest being sent twice).
std::unique_ptr<ByteSource> source_of(std::shared_ptr<const Bytes> bytes);

/// Everything up to the end. Errors: kTooLarge when there are more than `limit_bytes`; what `source` reports.
Task<Bytes> read_all(ByteSource& source, std::size_t limit_bytes);

}  // namespace tarn::async
