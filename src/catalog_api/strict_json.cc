#include <cstdint>
#include <exception>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include "catalog_api/json.h"
#include "catalog_api/strict_json_internal.h"

namespace tarn::catalog_api {
namespace {

namespace json = boost::json;

/// What Boost.JSON's parser tells its events to: builds the tree as boost::json::parse does, and watches. The names
/// and signatures are Boost's.
class StrictHandler {
 public:
  // NOLINTBEGIN(readability-identifier-naming)
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();
  // NOLINTEND(readability-identifier-naming)

  explicit StrictHandler(std::size_t max_values) : max_values_(max_values) {}

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }

  bool on_object_begin(json::error_code&) {
    // Kept after the object has ended: the next one at this depth reuses its memory.
    if (++object_depth_ > keys_.size()) keys_.emplace_back();
    keys_[object_depth_ - 1].clear();
    return true;
  }
  bool on_object_end(std::size_t size, json::error_code& error) {
    --object_depth_;
    stack_.push_object(size);
    return count(error);
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t size, json::error_code& error) {
    stack_.push_array(size);
    return count(error);
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    key_.append(part.data(), part.size());
    stack_.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code& error) {
    key_.append(part.data(), part.size());
    stack_.push_key(part);
    const bool is_new = keys_[object_depth_ - 1].insert(key_).second;
    if (!is_new) return refuse(error, {ErrorCode::kInvalidArgument, key_ + ": given twice in one object"});
    key_.clear();
    return count(error);
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code& error) {
    stack_.push_string(part);
    return count(error);
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& error) {
    stack_.push_int64(number);
    return count(error);
  }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code& error) {
    stack_.push_uint64(number);
    return count(error);
  }
  bool on_double(double number, json::string_view, json::error_code& error) {
    stack_.push_double(number);
    return count(error);
  }
  bool on_bool(bool flag, json::error_code& error) {
    stack_.push_bool(flag);
    return count(error);
  }
  bool on_null(json::error_code& error) {
    stack_.push_null();
    return count(error);
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  void begin() { stack_.reset(); }
  json::value release() { return stack_.release(); }
  /// Why this handler stopped the parser, if it did.
  const Error& refusal() const { return refusal_; }

 private:
  bool count(json::error_code& error) {
    if (++values_ <= max_values_) return true;
    return refuse(error, {ErrorCode::kTooLarge, "the body has more than " + std::to_string(max_values_) + " values"});
  }
  bool refuse(json::error_code& error, Error refusal) {
    refusal_ = std::move(refusal);
    error = json::error::exception;
    return false;
  }

  const std::size_t max_values_;
  json::value_stack stack_;
  std::string key_;
  std::vector<std::unordered_set<std::string>> keys_;  // of the objects that are open, outermost first
  std::size_t object_depth_ = 0;
  std::size_t values_ = 0;
  Error refusal_;
};

}  // namespace

Result<json::value> parse_strict_json(ByteView text, std::size_t max_values) {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  json::basic_parser<StrictHandler> parser(options, max_values);
  parser.handler().begin();
  json::error_code error;
  const std::size_t parsed = parser.write_some(false, text.data(), text.size(), error);
  if (!parser.handler().refusal().message.empty()) return std::unexpected(parser.handler().refusal());
  if (error) {
    return failure(ErrorCode::kInvalidArgument,
                   "the body is not JSON: " + error.message() + " at byte " + std::to_string(parsed));
  }
  if (parsed < text.size()) {
    return failure(ErrorCode::kInvalidArgument, "the body is not JSON: more follows at byte " + std::to_string(parsed));
  }
  return parser.handler().release();
}

}  // namespace tarn::catalog_api
