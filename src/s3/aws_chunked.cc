#include <algorithm>
#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "s3/aws_chunked_internal.h"
#include "s3/errors_internal.h"
#include "store/bucket_store.h"

namespace tarn::s3 {
namespace {

constexpr std::string_view kChunkSignature = "chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

std::unexpected<Error> not_aws_chunked(std::string_view what) {
  return failure(S3Code::kInvalidRequest, "The body is not aws-chunked: " + std::string(what));
}

std::unexpected<Error> bad_trailer(std::string_view what) {
  return failure(S3Code::kMalformedTrailerError, "The trailer is malformed: " + std::string(what));
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

AwsChunkedDecoder::AwsChunkedDecoder(PayloadForm form, ChunkSigner signer) : form_(form), signer_(std::move(signer)) {
  TARN_ASSERT(form == PayloadForm::kStreamingSigned || form == PayloadForm::kStreamingSignedTrailer ||
              form == PayloadForm::kStreamingUnsignedTrailer);
}

/// Moves input into line_ up to a line's end. False when that has not arrived, or when line_ is too long already.
bool AwsChunkedDecoder::take_line(ByteView& input) {
  const std::size_t end = input.find('\n');
  const ByteView taken = input.substr(0, std::min(end, kMaxLineBytes + 1));
  line_.append(taken);
  input.remove_prefix(std::min(taken.size() + 1, input.size()));
  if (end == ByteView::npos || line_.size() > kMaxLineBytes) return false;
  if (line_.ends_with('\r')) line_.pop_back();
  return true;
}

/// "400;chunk-signature=…" or "400".
Result<void> AwsChunkedDecoder::begin_chunk() {
  const std::string_view line = line_;
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  if (error == std::errc::result_out_of_range || (error == std::errc() && size > store::kMaxPutBytes)) {
    return failure(S3Code::kEntityTooLarge);
  }
  if (error != std::errc()) return not_aws_chunked("a chunk has no size");
  std::string_view extension = line.substr(static_cast<std::size_t>(end - line.data()));
  if (!extension.empty() && !extension.starts_with(';')) return not_aws_chunked("a chunk's size is not hexadecimal");
  if (is_signed()) {
    const std::size_t signature = extension.find(kChunkSignature);
    if (signature == std::string_view::npos) {
      return failure(S3Code::kSignatureDoesNotMatch, "A chunk of the body is not signed.");
    }
    extension.remove_prefix(signature + kChunkSignature.size());
    chunk_signature_ = extension.substr(0, extension.find(';'));
    chunk_digest_.emplace(DigestAlgorithm::kSha256);
  }
  line_.clear();
  remaining_bytes_ = size;
  if (size > 0) {
    state_ = State::kChunkData;
    return {};
  }
  TARN_TRY_VOID(end_chunk());
  if (form_ == PayloadForm::kStreamingSignedTrailer) trailer_digest_.emplace(DigestAlgorithm::kSha256);
  state_ = State::kTrailer;
  return {};
}

Result<void> AwsChunkedDecoder::end_chunk() {
  if (!is_signed()) return {};
  const std::string expected = signer_.sign_chunk(hex_encode(chunk_digest_->finish()));
  if (equal_constant_time(expected, chunk_signature_)) return {};
  return failure(S3Code::kSignatureDoesNotMatch, "The signature of a chunk of the body does not match.");
}

Result<void> AwsChunkedDecoder::take_trailer_line() {
  if (line_.empty()) {
    // Amazon's own example has an empty line before the signature too.
    if (form_ != PayloadForm::kStreamingSignedTrailer || is_trailer_verified_) state_ = State::kDone;
    return {};
  }
  if (form_ == PayloadForm::kStreamingSigned) return bad_trailer("this form of aws-chunked has none");
  if (is_trailer_verified_) return bad_trailer("a field after its signature");
  const std::size_t colon = line_.find(':');
  if (colon == std::string::npos) return bad_trailer("a line without ':'");
  std::string name = line_.substr(0, colon);
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::string_view value = trimmed(std::string_view(line_).substr(colon + 1));
  if (trailer_digest_ && name == kTrailerSignature) {
    const std::string expected = signer_.sign_trailer(hex_encode(trailer_digest_->finish()));
    if (!equal_constant_time(expected, value)) {
      return failure(S3Code::kSignatureDoesNotMatch, "The signature of the trailer does not match.");
    }
    is_trailer_verified_ = true;
  } else {
    if (trailers_.size() == kMaxTrailerFields) return bad_trailer("too many fields");
    if (trailer_digest_) trailer_digest_->update(name + ":" + std::string(value) + "\n");
    trailers_.push_back({std::move(name), std::string(value)});
  }
  line_.clear();
  return {};
}

Result<ByteView> AwsChunkedDecoder::decode(ByteView& input) {
  while (!input.empty()) {
    if (state_ == State::kDone) return not_aws_chunked("bytes after its end");
    if (state_ == State::kChunkData) {
      const ByteView data = input.substr(0, remaining_bytes_);
      input.remove_prefix(data.size());
      remaining_bytes_ -= data.size();
      if (remaining_bytes_ == 0) state_ = State::kChunkEnd;
      if (chunk_digest_) chunk_digest_->update(data);
      return data;
    }
    if (!take_line(input)) {
      if (line_.size() > kMaxLineBytes) return not_aws_chunked("a line is too long");
      return ByteView();
    }
    switch (state_) {
      case State::kChunkHeader:
        TARN_TRY_VOID(begin_chunk());
        break;
      case State::kChunkEnd:
        if (!line_.empty()) return not_aws_chunked("a chunk is longer than its size says");
        TARN_TRY_VOID(end_chunk());
        state_ = State::kChunkHeader;
        break;
      case State::kTrailer:
        TARN_TRY_VOID(take_trailer_line());
        break;
      case State::kChunkData:
      case State::kDone:
        break;
    }
  }
  return ByteView();
}

Result<void> AwsChunkedDecoder::finish() {
  // Some clients leave out the empty line at the very end; what they sent is whole all the same.
  const bool is_whole = state_ == State::kDone || (state_ == State::kTrailer && line_.empty());
  if (!is_whole) return failure(S3Code::kIncompleteBody, "The aws-chunked body ended before its last chunk.");
  if (form_ == PayloadForm::kStreamingSignedTrailer && !is_trailer_verified_) {
    return failure(S3Code::kMalformedTrailerError, "The trailer has no x-amz-trailer-signature.");
  }
  state_ = State::kDone;
  return {};
}

AwsChunkedSource::AwsChunkedSource(std::unique_ptr<async::ByteSource> encoded, PayloadForm form, ChunkSigner signer,
                                   std::optional<std::uint64_t> payload_bytes)
    : encoded_(std::move(encoded)), decoder_(form, std::move(signer)), payload_bytes_(payload_bytes) {}

Task<ByteView> AwsChunkedSource::next() {
  while (!is_at_end_) {
    TARN_CO_TRY(const ByteView payload, decoder_.decode(input_));
    if (!payload.empty()) co_return payload;
    TARN_CO_TRY(input_, co_await encoded_->next());
    if (!input_.empty()) continue;
    TARN_CO_TRY_VOID(decoder_.finish());
    is_at_end_ = true;
  }
  co_return ByteView();
}

}  // namespace tarn::s3
