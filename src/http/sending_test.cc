#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "async/test_support.h"
#include "http/sending_internal.h"

namespace tarn::http {
namespace {

/// Yields the given pieces, then an error if it is to fail.
class PieceSource final : public async::ByteSource {
 public:
  PieceSource(std::vector<Bytes> pieces, bool fails) : pieces_(std::move(pieces)), fails_(fails) {}
  Task<ByteView> next() override {
    if (next_ < pieces_.size()) co_return ByteView(pieces_[next_++]);
    if (fails_) co_return failure(ErrorCode::kCorrupt, "a checksum does not match");
    co_return ByteView();
  }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }

 private:
  std::vector<Bytes> pieces_;
  std::size_t next_ = 0;
  bool fails_;
};

/// Keeps what is written; fails from the given write on.
class TestSink final : public Sink {
 public:
  explicit TestSink(int failing_write = -1) : failing_write_(failing_write) {}
  Task<void> write(ByteView first, ByteView second) override {
    if (writes_++ == failing_write_) co_return failure(ErrorCode::kUnavailable, "gone");
    written_.append(first).append(second);
    co_return Result<void>();
  }
  const std::string& written() const { return written_; }
  int writes() const { return writes_; }

 private:
  const int failing_write_;
  int writes_ = 0;
  std::string written_;
};

Task<SendResult> send(Sink& sink, std::vector<Bytes> pieces, bool fails, Framing framing, std::uint64_t length) {
  std::string head = "head|";
  PieceSource source(std::move(pieces), fails);
  auto result = co_await send_body(sink, head, source, framing, length);
  co_return result;
}

class SendBody : public testing::Test {
 protected:
  SendResult run(Sink& sink, std::vector<Bytes> pieces, Framing framing, std::uint64_t length, bool fails = false) {
    return *runtime_.run(send(sink, std::move(pieces), fails, framing, length));
  }
  async::TestRuntime runtime_;
};

TEST_F(SendBody, ASmallBodyLeavesWithItsHeadInOneWrite) {
  TestSink sink;

  const auto result = run(sink, {"ab", "c", "de"}, Framing::kLength, 5);

  EXPECT_EQ(result.outcome, SendOutcome::kSent);
  EXPECT_EQ(sink.written(), "head|abcde");
  EXPECT_EQ(sink.writes(), 1);
}

TEST_F(SendBody, ALargeBodyKeepsItsLastByteUntilTheSourceConfirms) {
  const Bytes piece(30'000, 'x');
  TestSink confirmed;
  TestSink refused;

  const auto sent = run(confirmed, {piece, piece}, Framing::kLength, 60'000);
  const auto failed = run(refused, {piece, piece}, Framing::kLength, 60'000, true);

  EXPECT_EQ(sent.outcome, SendOutcome::kSent);
  EXPECT_EQ(confirmed.written(), "head|" + piece + piece);
  EXPECT_EQ(failed.outcome, SendOutcome::kSourceFailed);
  EXPECT_EQ(failed.error.code, ErrorCode::kCorrupt);
  EXPECT_TRUE(failed.has_begun);
  EXPECT_EQ(refused.written().size(), 5 + 59'999U);
}

TEST_F(SendBody, ASmallBodyThatFailsIsNotBegun) {
  TestSink sink;

  const auto result = run(sink, {"abcde"}, Framing::kLength, 5, true);

  EXPECT_EQ(result.outcome, SendOutcome::kSourceFailed);
  EXPECT_FALSE(result.has_begun);
  EXPECT_EQ(sink.writes(), 0);
}

TEST_F(SendBody, ChunksAreFramedAndTheLastOneWaitsForTheSource) {
  TestSink confirmed;
  TestSink refused;
  TestSink empty;

  EXPECT_EQ(run(confirmed, {"abc", Bytes(16, 'x')}, Framing::kChunked, 0).outcome, SendOutcome::kSent);
  EXPECT_EQ(run(refused, {"abc"}, Framing::kChunked, 0, true).outcome, SendOutcome::kSourceFailed);
  EXPECT_EQ(run(empty, {}, Framing::kChunked, 0).outcome, SendOutcome::kSent);

  EXPECT_EQ(confirmed.written(), "head|3\r\nabc\r\n10\r\n" + std::string(16, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(refused.written(), "head|3\r\nabc");
  EXPECT_EQ(empty.written(), "head|0\r\n\r\n");
}

TEST_F(SendBody, AnotherLengthThanDeclaredIsTheSourcesFailure) {
  TestSink shorter;
  TestSink longer;

  const auto too_short = run(shorter, {"abc"}, Framing::kLength, 5);
  const auto too_long = run(longer, {"abc", "def"}, Framing::kLength, 5);

  EXPECT_EQ(too_short.outcome, SendOutcome::kSourceFailed);
  EXPECT_EQ(too_short.error.message, "a body of 5 bytes had only 3");
  EXPECT_EQ(too_long.outcome, SendOutcome::kSourceFailed);
  EXPECT_EQ(too_long.error.message, "a body of 5 bytes had more");
}

TEST_F(SendBody, AFailedWriteIsTheSinks) {
  for (const int failing_write : {0, 1}) {
    TestSink sink(failing_write);
    const auto result = run(sink, {Bytes(40'000, 'x')}, Framing::kLength, 40'000);
    EXPECT_EQ(result.outcome, SendOutcome::kSinkFailed);
    EXPECT_EQ(result.error.code, ErrorCode::kUnavailable);
  }
}

TEST(AppendFields, LeavesOutWhatTheSenderDecides) {
  Headers headers;
  headers.add("Host", "h");
  headers.add("Date", "d");
  headers.add("CONNECTION", "close");
  headers.add("Content-Length", "5");
  headers.add("transfer-encoding", "chunked");
  headers.add("X", "x");
  std::string of_request;
  std::string of_response;

  append_fields(of_request, headers, MessageKind::kRequest);
  append_fields(of_response, headers, MessageKind::kResponse);

  EXPECT_EQ(of_request, "Date: d\r\nX: x\r\n");
  EXPECT_EQ(of_response, "Host: h\r\nX: x\r\n");
}

}  // namespace
}  // namespace tarn::http
