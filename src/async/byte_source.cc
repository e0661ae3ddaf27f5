#include "async/byte_source.h"

#include <algorithm>
#include <utility>

namespace tarn::async {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

class SharedBytesSource final : public ByteSource {
 public:
  explicit SharedBytesSource(std::shared_ptr<const Bytes> bytes) : bytes_(std::move(bytes)) {}

  Task<ByteView> next() override {
    const ByteView piece = ByteView(*bytes_).substr(offset_, kPieceBytes);
    offset_ += piece.size();
    co_return piece;
  }

  std::optional<std::uint64_t> size() const override { return bytes_->size(); }

 private:
  std::shared_ptr<const Bytes> bytes_;  // shared with whoever made the source from a shared buffer
  std::size_t offset_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> source_of(Bytes bytes) {
  return std::make_unique<SharedBytesSource>(std::make_shared<const Bytes>(std::move(bytes)));
}

std::unique_ptr<ByteSource> source_of(std::shared_ptr<const Bytes> bytes) {
  TARN_ASSERT(bytes != nullptr);
  return std::make_unique<SharedBytesSource>(std::move(bytes));
}

Task<Bytes> read_all(ByteSource& source, std::size_t limit_bytes) {
  Bytes all;
  if (const auto size = source.size()) {
    if (*size > limit_bytes) {
      co_return failure(ErrorCode::kTooLarge,
                        std::to_string(*size) + " bytes, the limit is " + std::to_string(limit_bytes));
    }
    all.reserve(static_cast<std::size_t>(*size));
  }
  while (true) {
    TARN_CO_TRY(const ByteView piece, co_await source.next());
    if (piece.empty()) co_return all;
    if (piece.size() > limit_bytes - all.size()) {
      co_return failure(ErrorCode::kTooLarge, "more than " + std::to_string(limit_bytes) + " bytes, the limit");
    }
    all.append(piece);
  }
}

}  // namespace tarn::async
