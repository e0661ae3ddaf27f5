#include <gtest/gtest.h>

#include "async/test_support.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "s3/request_body_internal.h"
#include "s3/test_support_internal.h"

namespace tarn::s3 {
namespace {

class RequestBody : public testing::Test {
 protected:
  static http::Headers headers(const HeaderList& list) {
    http::Headers headers;
    for (const auto& [name, value] : list) headers.add(name, value);
    return headers;
  }
  static Authentication signed_as(std::string_view body) {
    return {.access_key_id = {},
            .payload = PayloadForm::kSha256,
            .payload_sha256 = hex_encode(sha256(body)),
            .chunk_signer = {}};
  }
  static Authentication unsigned_trailer() {
    return {.access_key_id = {},
            .payload = PayloadForm::kStreamingUnsignedTrailer,
            .payload_sha256 = {},
            .chunk_signer = {}};
  }

  /// The payload of `source` as `list` and `authentication` describe it.
  Result<Bytes> read(std::unique_ptr<async::ByteSource> source, const HeaderList& list,
                     const Authentication& authentication = {}, BodyKind kind = BodyKind::kObject) {
    TARN_TRY(const CheckedBody body, checked_body(std::move(source), headers(list), authentication, kind));
    return runtime_.run(async::read_all(*body.payload, 1 << 20));
  }
  Result<Bytes> read(Bytes body, HeaderList list, const Authentication& authentication = {},
                     BodyKind kind = BodyKind::kObject) {
    list.emplace_back("Content-Length", std::to_string(body.size()));
    return read(async::source_of(std::move(body)), list, authentication, kind);
  }

  async::TestRuntime runtime_;
};

TEST_F(RequestBody, PassesWhatKeepsItsPromises) {
  const auto read_back =
      read("hello", {{"Content-MD5", base64_encode(md5("hello"))}, {"x-amz-checksum-crc32", "NhCmhg=="}},
           signed_as("hello"));

  ASSERT_TRUE(read_back) << read_back.error().message;
  EXPECT_EQ(*read_back, "hello");
}

TEST_F(RequestBody, ReportsWhatDoesNotHold) {
  EXPECT_EQ(code_of(read("hello", {}, signed_as("other"))), "XAmzContentSHA256Mismatch");
  EXPECT_EQ(code_of(read("hello", {{"Content-MD5", base64_encode(md5("other"))}})), "BadDigest");
  EXPECT_EQ(code_of(read("hello", {{"x-amz-checksum-crc32", "AAAAAA=="}})), "BadDigest");
}

TEST_F(RequestBody, AnErrorStays) {
  auto body = checked_body(async::source_of(Bytes("hello")), headers({{"Content-Length", "5"}}), signed_as("other"),
                           BodyKind::kObject);
  ASSERT_TRUE(body);

  EXPECT_TRUE(runtime_.run(body->payload->next()));
  EXPECT_FALSE(runtime_.run(body->payload->next()));
  EXPECT_FALSE(runtime_.run(body->payload->next()));
}

TEST_F(RequestBody, RefusesHeadersThatCannotHold) {
  EXPECT_EQ(code_of(read("x", {{"Content-MD5", ""}})), "InvalidDigest");
  EXPECT_EQ(code_of(read("x", {{"Content-MD5", "YWJj"}})), "InvalidDigest");
  EXPECT_EQ(code_of(read("x", {{"x-amz-checksum-sha256", "YWJj"}})), "BadDigest");
  EXPECT_EQ(code_of(read("x", {{"x-amz-checksum-crc32", "AAAAAA=="}, {"x-amz-checksum-crc32c", "AAAAAA=="}})),
            "InvalidRequest");
  EXPECT_EQ(code_of(read("x", {{"x-amz-trailer", "x-amz-meta-a"}}, unsigned_trailer())), "InvalidRequest");
  EXPECT_EQ(code_of(read("x", {{"x-amz-decoded-content-length", "many"}}, unsigned_trailer())), "InvalidArgument");
}

TEST_F(RequestBody, ObjectsNeedALengthOrAChunkedEncoding) {
  EXPECT_EQ(code_of(read(async::source_of(Bytes("x")), {})), "MissingContentLength");
  EXPECT_TRUE(read(async::source_of(Bytes("x")), {{"Transfer-Encoding", "chunked"}}));
  EXPECT_TRUE(read(async::source_of(Bytes("x")), {}, {}, BodyKind::kDocument));
}

/// Says it has a size, and has nothing.
class BoastingSource final : public async::ByteSource {
 public:
  explicit BoastingSource(std::uint64_t size) : size_(size) {}
  Task<ByteView> next() override { co_return ByteView(); }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  std::uint64_t size_;
};

TEST_F(RequestBody, SizesAreJudgedBeforeTheBodyIsRead) {
  EXPECT_EQ(code_of(read(std::make_unique<BoastingSource>(store::kMaxPutBytes + 1), {{"Content-Length", "1"}})),
            "EntityTooLarge");
  EXPECT_EQ(code_of(read("0\r\n\r\n", {{"x-amz-decoded-content-length", "99999999999999"}}, unsigned_trailer())),
            "EntityTooLarge");
}

TEST_F(RequestBody, AShortBodyIsIncomplete) {
  EXPECT_EQ(code_of(read(std::make_unique<BoastingSource>(5), {{"Content-Length", "5"}})), "IncompleteBody");
}

TEST_F(RequestBody, TheDecodedLengthIsChecked) {
  const Bytes encoded = "5\r\nhello\r\n0\r\n\r\n";

  EXPECT_EQ(read(encoded, {{"x-amz-decoded-content-length", "5"}}, unsigned_trailer()), "hello");
  EXPECT_EQ(read(encoded, {}, unsigned_trailer()), "hello");
  EXPECT_EQ(code_of(read(encoded, {{"x-amz-decoded-content-length", "4"}}, unsigned_trailer())), "IncompleteBody");
  EXPECT_EQ(code_of(read(encoded, {{"x-amz-decoded-content-length", "6"}}, unsigned_trailer())), "IncompleteBody");
}

TEST_F(RequestBody, TheAnnouncedTrailerIsHeldAgainstTheBody) {
  const auto with_trailer = [&](std::string_view line) {
    return read("5\r\nhello\r\n0\r\n" + std::string(line) + "\r\n", {{"x-amz-trailer", "x-amz-checksum-crc32"}},
                unsigned_trailer());
  };
  EXPECT_EQ(with_trailer("x-amz-checksum-crc32:NhCmhg==\r\n"), "hello");
  EXPECT_EQ(code_of(with_trailer("x-amz-checksum-crc32:AAAAAA==\r\n")), "BadDigest");
  EXPECT_EQ(code_of(with_trailer("")), "MalformedTrailerError");
  EXPECT_EQ(code_of(with_trailer("x-amz-checksum-crc32c:AAAAAA==\r\n")), "MalformedTrailerError");
}

TEST_F(RequestBody, VerifiedChecksumsAreToldWhenTheBodyHasEnded) {
  auto body =
      checked_body(async::source_of(Bytes("hello")),
                   headers({{"Content-Length", "5"}, {"x-amz-checksum-crc32", "NhCmhg=="}}), {}, BodyKind::kObject);
  ASSERT_TRUE(body);
  EXPECT_TRUE(body->checksums->empty());

  ASSERT_TRUE(runtime_.run(async::read_all(*body->payload, 100)));

  EXPECT_EQ(*body->checksums, (std::vector<store::ObjectChecksum>{{"CRC32", "NhCmhg=="}}));
}

TEST_F(RequestBody, AFinishedObjectsChecksumIsNotItsCompletions) {
  EXPECT_TRUE(read("<xml/>", {{"x-amz-checksum-crc32", "AAAAAA=="}}, {}, BodyKind::kUploadCompletion));
}

TEST_F(RequestBody, AConnectionsFailureIsToldInS3sWords) {
  const auto failing = [&](ErrorCode code) {
    return code_of(read(std::make_unique<PiecewiseSource>("he", 10, Error{code, "as told", {}}),
                        {{"Transfer-Encoding", "chunked"}}));
  };
  EXPECT_EQ(failing(ErrorCode::kDeadlineExceeded), "RequestTimeout");
  EXPECT_EQ(failing(ErrorCode::kInvalidArgument), "IncompleteBody");
  EXPECT_EQ(failing(ErrorCode::kUnavailable), "IncompleteBody");
}

}  // namespace
}  // namespace tarn::s3
