#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/byte_source.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"
#include "s3/sigv4.h"

// The Content-Encoding "aws-chunked" (Amazon S3 API reference, "Signature Calculations for the Authorization Header:
// Transferring Payload in Multiple Chunks"): size and payload of each chunk, then perhaps a trailer.
namespace tarn::s3 {

struct TrailerField {
  std::string name;  ///< lower case
  std::string value;
};

/// Decodes the three forms step by step, without I/O. Payload bytes are handed out before their chunk's signature is
/// checked: act on them only after is_complete(). The longest line is kMaxLineBytes, the longest trailer kMaxTrailers.
class AwsChunkedDecoder {
 public:
  static constexpr std::size_t kMaxLineBytes = 1024;
  static constexpr std::size_t kMaxTrailerFields = 16;

  /// `form` is one of the three streaming forms; `signer` is used by the two signed ones.
  AwsChunkedDecoder(PayloadForm form, ChunkSigner signer);

  /// Takes from the front of `input`, and returns the payload found: a view into `input`, empty when all of it was
  /// taken and no payload found. Errors: SignatureDoesNotMatch, InvalidRequest (not aws-chunked, or bytes after its
  /// end), MalformedTrailerError, EntityTooLarge for a chunk over the longest body.
  Result<ByteView> decode(ByteView& input);

  /// To be called when the input ends. Errors: IncompleteBody when it ended too early.
  Result<void> finish();

  /// The trailer without its signature; whole after finish().
  const std::vector<TrailerField>& trailers() const { return trailers_; }

 private:
  enum class State : std::uint8_t { kChunkHeader, kChunkData, kChunkEnd, kTrailer, kDone };

  bool is_signed() const { return form_ != PayloadForm::kStreamingUnsignedTrailer; }
  bool take_line(ByteView& input);
  Result<void> begin_chunk();
  Result<void> end_chunk();
  Result<void> take_trailer_line();

  const PayloadForm form_;
  ChunkSigner signer_;
  State state_ = State::kChunkHeader;
  std::string line_;  // what has arrived of the current line
  std::uint64_t remaining_bytes_ = 0;
  std::string chunk_signature_;
  std::optional<Digest> chunk_digest_;
  std::optional<Digest> trailer_digest_;
  bool is_trailer_verified_ = false;
  std::vector<TrailerField> trailers_;
};

/// The payload of an aws-chunked body. Mismatches are reported in place of the end.
class AwsChunkedSource final : public async::ByteSource {
 public:
  /// `payload_bytes` is x-amz-decoded-content-length where it is known; it is not checked here.
  AwsChunkedSource(std::unique_ptr<async::ByteSource> encoded, PayloadForm form, ChunkSigner signer,
                   std::optional<std::uint64_t> payload_bytes);

  Task<ByteView> next() override;
  std::optional<std::uint64_t> size() const override { return payload_bytes_; }

  const std::vector<TrailerField>& trailers() const { return decoder_.trailers(); }

 private:
  std::unique_ptr<async::ByteSource> encoded_;
  AwsChunkedDecoder decoder_;
  ByteView input_;
  std::optional<std::uint64_t> payload_bytes_;
  bool is_at_end_ = false;
};

}  // namespace tarn::s3
