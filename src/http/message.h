#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "async/byte_source.h"
#include "async/deadline.h"
#include "base/bytes.h"

namespace tarn::http {

using async::ByteSource;

/// Field names compare without regard to ASCII case (RFC 9110 section 5.1); so do tokens such as "chunked".
bool names_equal(std::string_view a, std::string_view b);

/// Header fields in the order they came. Two allocations for all of them. Views into it end with the next change.
class Headers {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  /// White space around `value` is cut.
  void add(std::string_view name, std::string_view value);
  /// Replaces every field of that name by one.
  void set(std::string_view name, std::string_view value);
  /// The first of that name.
  std::optional<std::string_view> get(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  std::size_t size() const { return spans_.size(); }
  Field operator[](std::size_t index) const;
  void clear();

 private:
  struct Span {
    std::uint32_t name_begin, name_size, value_begin, value_size;
  };
  Field field(const Span& span) const;

  std::string text_;
  std::vector<Span> spans_;
};

/// A request as it stands on the wire: nothing decoded yet.
struct Request {
  std::string method;  ///< upper case
  std::string target;  ///< "/bucket/key%20x?list-type=2"
  Headers headers;
  /// Never null. A server sends "100 Continue" when this is first pulled, if the client waits for it.
  std::unique_ptr<ByteSource> body;
  std::string peer;  ///< "127.0.0.1:40112"; set by the server
  std::string id;    ///< the request id, for logs and answers; set by the server

  /// The target before '?' and after it (without it), still encoded.
  std::string_view path() const;
  std::string_view query() const;
};

/// Decoded `name=value` pairs of a query, in order. '+' is kept ('%20' is a space in S3 and ours). Errors:
/// kInvalidArgument.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;
Result<QueryParameters> parse_query(std::string_view query);
std::optional<std::string_view> find(const QueryParameters& parameters, std::string_view name);

struct Response {
  int status = 200;
  Headers headers;
  /// Small bodies; bodies shared with a cache; streams. A stream without size() is sent chunked. When a stream fails
  /// after the head is out, the connection is cut, so no client takes the rest for whole.
  std::variant<Bytes, std::shared_ptr<const Bytes>, std::unique_ptr<ByteSource>> body;
  /// For HEAD: what Content-Length says, since there is no body to measure.
  std::optional<std::uint64_t> content_length;
};

/// The standard phrase: "Not Found".
std::string_view reason_phrase(int status);

}  // namespace tarn::http
