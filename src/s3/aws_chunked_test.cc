#include <gtest/gtest.h>

#include "async/test_support.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "s3/aws_chunked_internal.h"
#include "s3/test_support_internal.h"
#include "store/bucket_store.h"

namespace tarn::s3 {
namespace {

/// The signer of Amazon's examples, after the request itself was signed.
ChunkSigner example_signer(std::string_view seed_signature) {
  return {.key = derive_signing_key(kExampleSecret, "20130524", "us-east-1"),
          .timestamp = "20130524T000000Z",
          .scope = "20130524/us-east-1/s3/aws4_request",
          .previous_signature = std::string(seed_signature)};
}

constexpr std::string_view kSeed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
constexpr std::string_view kTrailerSeed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";

/// 65 KiB of 'a' in two chunks and the last: Amazon S3 API reference, "Transferring Payload in Multiple Chunks".
std::string signed_example() {
  return "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
         std::string(65536, 'a') +
         "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
         std::string(1024, 'a') +
         "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
}

/// The same with a trailer: "Transferring Payload with trailing headers in Multiple Chunks".
std::string signed_trailer_example() {
  return "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n" +
         std::string(65536, 'a') +
         "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n" +
         std::string(1024, 'a') +
         "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
         "x-amz-checksum-crc32c:sOO8/Q==\r\n"
         "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
}

struct Decoded {
  Bytes payload;
  std::vector<TrailerField> trailers;
};

/// Feeds `encoded` in pieces of `piece_bytes`.
Result<Decoded> decode(PayloadForm form, std::string_view encoded, std::string_view seed = kSeed,
                       std::size_t piece_bytes = 1 << 20) {
  AwsChunkedDecoder decoder(form, example_signer(seed));
  Decoded decoded;
  while (!encoded.empty()) {
    ByteView input = encoded.substr(0, piece_bytes);
    encoded.remove_prefix(input.size());
    while (!input.empty()) {
      TARN_TRY(const ByteView payload, decoder.decode(input));
      decoded.payload += payload;
    }
  }
  TARN_TRY_VOID(decoder.finish());
  decoded.trailers = decoder.trailers();
  return decoded;
}

Result<Decoded> decode_unsigned(std::string_view encoded, std::size_t piece_bytes = 1 << 20) {
  return decode(PayloadForm::kStreamingUnsignedTrailer, encoded, {}, piece_bytes);
}

TEST(AwsChunked, DecodesAmazonsSignedExampleHoweverItIsCut) {
  for (const std::size_t piece_bytes : {1UL, 7UL, 4096UL, 1UL << 20}) {
    const auto decoded = decode(PayloadForm::kStreamingSigned, signed_example(), kSeed, piece_bytes);

    ASSERT_TRUE(decoded) << piece_bytes << ": " << decoded.error().message;
    EXPECT_EQ(decoded->payload, Bytes(66560, 'a'));
  }
}

TEST(AwsChunked, DecodesAmazonsExampleWithSignedTrailer) {
  for (const std::size_t piece_bytes : {1UL, 1UL << 20}) {
    const auto decoded =
        decode(PayloadForm::kStreamingSignedTrailer, signed_trailer_example(), kTrailerSeed, piece_bytes);

    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->payload, Bytes(66560, 'a'));
    ASSERT_EQ(decoded->trailers.size(), 1U);
    EXPECT_EQ(decoded->trailers[0].name, "x-amz-checksum-crc32c");
    EXPECT_EQ(decoded->trailers[0].value, "sOO8/Q==");
  }
}

TEST(AwsChunked, DecodesUnsignedChunksWithTrailer) {
  for (const std::size_t piece_bytes : {1UL, 3UL, 1UL << 20}) {
    const auto decoded =
        decode_unsigned("5\r\nhello\r\nA\r\n, 10 bytes\r\n0\r\nX-Amz-Checksum-Crc32: AAAAAA==\r\n\r\n", piece_bytes);

    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->payload, "hello, 10 bytes");
    ASSERT_EQ(decoded->trailers.size(), 1U);
    EXPECT_EQ(decoded->trailers[0].name, "x-amz-checksum-crc32");
    EXPECT_EQ(decoded->trailers[0].value, "AAAAAA==");
  }
}

TEST(AwsChunked, AnEmptyPayloadIsOneLastChunk) {
  const auto decoded = decode_unsigned("0\r\n\r\n");

  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->payload, "");
}

TEST(AwsChunked, TheVeryLastLineEndMayBeMissing) {
  EXPECT_TRUE(decode_unsigned("1\r\na\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n"));
}

TEST(AwsChunked, AChangedPayloadDoesNotMatchItsChunksSignature) {
  std::string encoded = signed_example();
  encoded[1000] = 'b';

  EXPECT_EQ(code_of(decode(PayloadForm::kStreamingSigned, encoded)), "SignatureDoesNotMatch");
}

TEST(AwsChunked, ChunksInAnotherOrderDoNotMatch) {
  EXPECT_EQ(code_of(decode(PayloadForm::kStreamingSigned, signed_example(), kTrailerSeed)), "SignatureDoesNotMatch");
}

TEST(AwsChunked, LeavingOutChunksDoesNotMatch) {
  const std::string whole = signed_example();
  const std::string cut = whole.substr(whole.find("0;chunk-signature=b6"));

  EXPECT_EQ(code_of(decode(PayloadForm::kStreamingSigned, cut)), "SignatureDoesNotMatch");
}

TEST(AwsChunked, AChunkWithoutSignatureIsRefusedInTheSignedForms) {
  EXPECT_EQ(code_of(decode(PayloadForm::kStreamingSigned, "1\r\na\r\n0\r\n\r\n")), "SignatureDoesNotMatch");
}

TEST(AwsChunked, AChangedTrailerDoesNotMatch) {
  std::string encoded = signed_trailer_example();
  encoded.replace(encoded.find("sOO8"), 4, "sOO9");

  EXPECT_EQ(code_of(decode(PayloadForm::kStreamingSignedTrailer, encoded, kTrailerSeed)), "SignatureDoesNotMatch");
}

TEST(AwsChunked, ASignedTrailerNeedsItsSignature) {
  std::string encoded = signed_trailer_example();
  encoded.resize(encoded.find("x-amz-trailer-signature"));

  EXPECT_EQ(code_of(decode(PayloadForm::kStreamingSignedTrailer, encoded, kTrailerSeed)), "MalformedTrailerError");
}

TEST(AwsChunked, EveryEarlyEndIsIncomplete) {
  const std::string whole = "5\r\nhello\r\n0\r\n\r\n";
  for (std::size_t size = 0; size < whole.find("0\r\n") + 3; ++size) {
    EXPECT_EQ(code_of(decode_unsigned(whole.substr(0, size))), "IncompleteBody") << size;
  }
}

TEST(AwsChunked, WhatIsNotAwsChunkedIsRefused) {
  EXPECT_EQ(code_of(decode_unsigned("hello\r\n")), "InvalidRequest");
  EXPECT_EQ(code_of(decode_unsigned("\r\n")), "InvalidRequest");
  EXPECT_EQ(code_of(decode_unsigned("-1\r\n")), "InvalidRequest");
  EXPECT_EQ(code_of(decode_unsigned("2\r\nhello\r\n0\r\n\r\n")), "InvalidRequest");
  EXPECT_EQ(code_of(decode_unsigned("0\r\n\r\nmore")), "InvalidRequest");
  EXPECT_EQ(code_of(decode_unsigned(std::string(5000, '0'))), "InvalidRequest");
}

TEST(AwsChunked, SizesBeyondTheLongestBodyAreRefused) {
  EXPECT_EQ(code_of(decode_unsigned("140000001\r\n")), "EntityTooLarge");
  EXPECT_EQ(code_of(decode_unsigned("ffffffffffffffffff\r\n")), "EntityTooLarge");
}

TEST(AwsChunked, MalformedTrailersAreRefused) {
  std::string many = "0\r\n";
  for (int i = 0; i < 20; ++i) many += "a:b\r\n";

  EXPECT_EQ(code_of(decode_unsigned("0\r\nno colon\r\n\r\n")), "MalformedTrailerError");
  EXPECT_EQ(code_of(decode_unsigned(many)), "MalformedTrailerError");
}

TEST(AwsChunkedSource, ReadsThroughToTheEndAndThenStaysThere) {
  async::TestRuntime runtime;
  AwsChunkedSource source(std::make_unique<PiecewiseSource>("5\r\nhello\r\n0\r\na:b\r\n\r\n", 2),
                          PayloadForm::kStreamingUnsignedTrailer, {}, 5);

  const auto payload = runtime.run(async::read_all(source, 100));
  const auto after_end = runtime.run(source.next());

  ASSERT_TRUE(payload) << payload.error().message;
  EXPECT_EQ(*payload, "hello");
  EXPECT_EQ(source.size(), 5U);
  EXPECT_EQ(source.trailers().size(), 1U);
  ASSERT_TRUE(after_end);
  EXPECT_TRUE(after_end->empty());
}

}  // namespace
}  // namespace tarn::s3
