#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/encoding.h"
#include "store/rules_internal.h"
#include "store/transfer_internal.h"

namespace tarn::store {
namespace {

/// A body on its way to the disk: digest and blob file, fed with whole transfers. Calls block.
class BodyWriter {
 public:
  BodyWriter(BlobFolders& folders, const Uuid& id, std::uint64_t expected_bytes)
      : folders_(folders), id_(id), expected_bytes_(expected_bytes), md5_(DigestAlgorithm::kMd5) {}

  Result<void> append(ByteView bytes) {
    if (!writer_) {
      TARN_TRY(writer_, BlobWriter::create(folders_, id_, expected_bytes_));
    }
    md5_.update(bytes);
    return writer_->append(bytes);
  }
  /// The rest, then everything onto the disk. Returns the ETag.
  Result<std::string> finish(ByteView rest) {
    if (!rest.empty()) TARN_TRY_VOID(append(rest));
    TARN_TRY_VOID(writer_->finish());
    return hex_encode(md5_.finish());
  }

 private:
  BlobFolders& folders_;
  Uuid id_;
  std::uint64_t expected_bytes_;
  Digest md5_;
  std::optional<BlobWriter> writer_;
};

std::unexpected<Error> body_too_large(std::uint64_t limit_bytes) {
  return failure(ErrorCode::kTooLarge, "the body has more than " + std::to_string(limit_bytes) + " bytes, the limit");
}

class InlineSource final : public ByteSource {
 public:
  InlineSource(Counter& bytes_got, Bytes inline_value)
      : bytes_got_(bytes_got), inline_value_(std::move(inline_value)) {}

  Result<void> open(ResolvedRange range) {
    TARN_TRY(const ByteView bytes, decode_inline(inline_value_));
    if (bytes.size() < range.offset + range.length) {
      return failure(ErrorCode::kCorrupt, "inline bytes are fewer than their record says");
    }
    rest_ = bytes.substr(static_cast<std::size_t>(range.offset), static_cast<std::size_t>(range.length));
    size_ = rest_.size();
    return {};
  }

  Task<ByteView> next() override {
    bytes_got_.add(rest_.size());
    co_return std::exchange(rest_, {});
  }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  Counter& bytes_got_;
  Bytes inline_value_;
  ByteView rest_;  // of inline_value_
  std::uint64_t size_ = 0;
};

/// One range of a sequence of segments, block by block. Every block is verified before it is handed out.
class BlobSource final : public ByteSource {
 public:
  BlobSource(DiskStore::Engine& engine, FoundObject found, ResolvedRange range)
      : engine_(engine), found_(std::move(found)), range_(range), rest_(range.length) {
    position_ = range.offset;
    while (segment_ < found_.layout.size() && position_ >= found_.layout[segment_].size) {
      position_ -= found_.layout[segment_++].size;
    }
  }

  /// Reads the first piece, which next() then gives. Blocks.
  Result<void> prefetch() {
    TARN_TRY(const ByteView piece, read_piece());
    prefetched_ = piece;
    return {};
  }

  Task<ByteView> next() override {
    if (error_) co_return std::unexpected(*error_);
    if (prefetched_) {
      const ByteView piece = *std::exchange(prefetched_, std::nullopt);
      engine_.metrics.bytes_got.add(piece.size());
      co_return piece;
    }
    if (rest_ == 0) co_return ByteView();
    auto piece = co_await async::offload(engine_.pool, [this] { return read_piece(); });
    if (!piece) {
      error_ = piece.error();
      if (error_->code == ErrorCode::kCorrupt) engine_.metrics.corruptions.add();
      co_return piece;
    }
    engine_.metrics.bytes_got.add(piece->size());
    co_return piece;
  }

  std::optional<std::uint64_t> size() const override { return range_.length; }

 private:
  /// What follows, up to kTransferBytes of one segment.
  Result<ByteView> read_piece() {
    if (rest_ == 0) return ByteView();
    while (segment_ < found_.layout.size() && position_ == found_.layout[segment_].size) {
      ++segment_;
      position_ = 0;
      reader_.reset();
    }
    if (segment_ == found_.layout.size()) {
      return failure(ErrorCode::kCorrupt, found_.record.etag + ": the segments are shorter than the object");
    }
    const Segment& segment = found_.layout[segment_];
    TARN_TRY(ByteView piece, segment.content.kind == ContentKind::kInline ? read_inline() : read_blocks(segment));
    piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), rest_)));
    if (piece.empty()) return failure(ErrorCode::kCorrupt, "a segment is shorter than its layout says");
    position_ += piece.size();
    rest_ -= piece.size();
    return piece;
  }

  Result<ByteView> read_inline() {
    TARN_TRY(const ByteView bytes, decode_inline(found_.inline_value));
    return bytes.substr(static_cast<std::size_t>(std::min<std::uint64_t>(position_, bytes.size())));
  }

  Result<ByteView> read_blocks(const Segment& segment) {
    if (!reader_) {
      TARN_TRY(reader_, BlobReader::open(engine_.blobs, segment.content.id, segment.size));
    }
    const std::uint64_t block = position_ / kBlockBytes;
    const std::uint64_t skipped = position_ % kBlockBytes;
    // No more blocks than the range needs: a small range of a large object is one block.
    const std::uint64_t wanted = std::min(rest_, segment.size - position_) + skipped;
    const std::uint64_t blocks =
        std::min<std::uint64_t>((wanted + kBlockBytes - 1) / kBlockBytes, kTransferBytes / kBlockBytes);
    buffer_.resize(std::max(buffer_.size(), static_cast<std::size_t>(blocks) * kBlockBytes));
    const std::span<char> into(buffer_.data(), static_cast<std::size_t>(blocks) * kBlockBytes);
    TARN_TRY(const std::size_t got, reader_->read_blocks(block, into));
    return ByteView(buffer_.data(), got).substr(static_cast<std::size_t>(skipped));
  }

  DiskStore::Engine& engine_;
  FoundObject found_;  // its pin goes after the reader
  ResolvedRange range_;
  std::size_t segment_ = 0;
  std::uint64_t position_ = 0;  // within that segment
  std::uint64_t rest_;          // of the range
  std::optional<BlobReader> reader_;
  std::vector<char> buffer_;
  std::optional<ByteView> prefetched_;
  std::optional<Error> error_;
};

}  // namespace

StoredBody store_inline(DiskStore::Engine& engine, ByteView bytes) {
  engine.metrics.inline_bytes_put.add(bytes.size());
  return {
      .content = {.ref = {.kind = ContentKind::kInline, .id = engine.ids.next()}, .inline_value = encode_inline(bytes)},
      .size = bytes.size(),
      .etag = hex_encode(md5(bytes))};
}

Task<StoredBody> store_body(DiskStore::Engine& engine, ByteSource& body, std::uint64_t limit_bytes, Deadline deadline) {
  const std::uint64_t expected_bytes = body.size().value_or(0);
  if (expected_bytes > limit_bytes) co_return body_too_large(limit_bytes);
  TARN_CO_TRY_VOID(engine.require_space(expected_bytes));

  StoredBody stored;
  Bytes buffer;
  std::optional<BodyWriter> writer;
  const auto start_blob = [&] {
    const Uuid id = engine.ids.next();
    stored.content.ref = {.kind = ContentKind::kBlob, .id = id};
    stored.blob.emplace(*engine.garbage, id);
    writer.emplace(engine.blobs, id, expected_bytes);
  };
  while (true) {
    TARN_CO_TRY(ByteView piece, co_await body.next());
    TARN_CO_TRY_VOID(check(deadline, "store", "the body"));
    if (piece.empty()) break;
    stored.size += piece.size();
    if (stored.size > limit_bytes) co_return body_too_large(limit_bytes);
    while (!piece.empty()) {
      if (buffer.size() == kTransferBytes) {
        if (!writer) start_blob();
        TARN_CO_TRY_VOID(co_await async::offload(engine.pool, [&] { return writer->append(buffer); }));
        buffer.clear();
      }
      const ByteView taken = piece.substr(0, kTransferBytes - buffer.size());
      buffer.append(taken);
      piece.remove_prefix(taken.size());
    }
  }
  if (!writer && buffer.size() <= engine.options.inline_limit_bytes) co_return store_inline(engine, buffer);
  if (!writer) start_blob();
  TARN_CO_TRY(stored.etag, co_await async::offload(engine.pool, [&] { return writer->finish(buffer); }));
  engine.metrics.blob_bytes_put.add(stored.size);
  co_return stored;
}

Result<std::unique_ptr<ByteSource>> open_source(DiskStore::Engine& engine, FoundObject found, ResolvedRange range) {
  const auto counted = [&engine](Error error) -> std::unexpected<Error> {
    if (error.code == ErrorCode::kCorrupt) engine.metrics.corruptions.add();
    return std::unexpected(std::move(error));
  };
  if (found.record.content.kind == ContentKind::kInline) {
    auto source = std::make_unique<InlineSource>(engine.metrics.bytes_got, std::move(found.inline_value));
    if (auto opened = source->open(range); !opened) return counted(std::move(opened).error());
    return source;
  }
  auto source = std::make_unique<BlobSource>(engine, std::move(found), range);
  if (auto read = source->prefetch(); !read) return counted(std::move(read).error());
  return source;
}

}  // namespace tarn::store
