#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/byte_source.h"
#include "base/clock.h"
#include "http/message.h"
#include "s3/errors_internal.h"
#include "s3/sigv4.h"

namespace tarn::s3 {

// For tests only. The credentials and the moment of Amazon's own examples.
inline constexpr std::string_view kExampleKeyId = "AKIAIOSFODNN7EXAMPLE";
inline constexpr std::string_view kExampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
inline Timestamp example_time() {
  return *parse_iso_basic("20130524T000000Z");
}

using HeaderList = std::vector<std::pair<std::string, std::string>>;

inline http::Request make_request(std::string method, std::string target, const HeaderList& headers = {},
                                  Bytes body = {}) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  request.body = async::source_of(std::move(body));
  request.id = "test-1";
  return request;
}

/// S3's name of what went wrong; "" for success.
template <class T>
std::string_view code_of(const Result<T>& result) {
  return result ? std::string_view() : answer_to(result.error()).name;
}

/// Hands out its bytes in pieces of one size, and then ends in an error if there is one.
class PiecewiseSource final : public async::ByteSource {
 public:
  PiecewiseSource(Bytes bytes, std::size_t piece_bytes, std::optional<Error> error = {})
      : bytes_(std::move(bytes)), piece_bytes_(piece_bytes), error_(std::move(error)) {}

  Task<ByteView> next() override {
    const ByteView piece = ByteView(bytes_).substr(position_, piece_bytes_);
    position_ += piece.size();
    if (piece.empty() && error_) co_return std::unexpected(*error_);
    co_return piece;
  }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }

 private:
  Bytes bytes_;
  std::size_t piece_bytes_;
  std::size_t position_ = 0;
  std::optional<Error> error_;
};

}  // namespace tarn::s3
