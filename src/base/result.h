#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace tarn {

/// What a caller can do about a failure. Each wire maps these in one switch without default.
enum class ErrorCode {
  kInvalidArgument,     ///< can never succeed as asked; the caller must change the request
  kNotFound,            ///< the thing named is not there
  kAlreadyExists,       ///< the thing to be made is there already
  kPreconditionFailed,  ///< the stated condition does not hold; nothing changed
  kConflict,          ///< contradicts what is stored (another fingerprint, a bucket that is not empty); nothing changed
  kUnauthenticated,   ///< who asks is not known
  kPermissionDenied,  ///< who asks is known and may not
  kTooLarge,          ///< over a documented limit
  kUnsupported,       ///< valid, and not something this program does
  kNoSpace,           ///< the disk is full; nothing changed
  kUnavailable,       ///< surely not applied; the same request may succeed later
  kDeadlineExceeded,  ///< surely not applied; time ran out before it was tried
  kOutcomeUnknown,    ///< sent, and never answered: it may or may not have been applied; read back before deciding
  kCorrupt,           ///< stored bytes are not what was written, or not what they should be
  kInternal,          ///< a bug or a broken dependency
};

/// The code's stable name, as in "not_found".
std::string_view to_string(ErrorCode code);

/// A failure as a value: the code says what the caller can do, the message what was attempted on what.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  /// Finer than `code` where a wire needs it ("no_such_bucket", "empty_name"). Always a string literal; empty for none.
  std::string_view reason = {};

  /// The same error, ready to be returned, its message led by what the caller was doing: "publish m/1: connection
  /// refused".
  std::unexpected<Error> while_doing(std::string_view what) &&;
};

template <class T>
using Result = std::expected<T, Error>;

/// Makes a failed Result of any type: `return failure(ErrorCode::kNotFound, "dataset " + name);`
std::unexpected<Error> failure(ErrorCode code, std::string message, std::string_view reason = {});

/// "code: message", for logs and terminals.
std::string to_string(const Error& error);

namespace detail {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}  // namespace detail

}  // namespace tarn

/// Holds in release too: for what only a bug can break. Prints the condition and aborts.
#define TARN_ASSERT(condition)                                          \
  do {                                                                  \
    if (!(condition)) [[unlikely]]                                      \
      ::tarn::detail::assertion_failed(#condition, __FILE__, __LINE__); \
  } while (false)

#define TARN_CONCAT_INNER_(a, b) a##b
#define TARN_CONCAT_(a, b) TARN_CONCAT_INNER_(a, b)

#define TARN_TRY_IMPL_(leave, result, declaration, ...)              \
  auto result = (__VA_ARGS__);                                       \
  if (!result) [[unlikely]]                                          \
    leave std::unexpected<::tarn::Error>(std::move(result).error()); \
  declaration = *std::move(result)

#define TARN_TRY_VOID_IMPL_(leave, result, ...)                        \
  do {                                                                 \
    if (auto result = (__VA_ARGS__); !result) [[unlikely]]             \
      leave std::unexpected<::tarn::Error>(std::move(result).error()); \
  } while (false)

/// `TARN_TRY(auto size, parse_size(text));` declares `size`, or returns the error from the enclosing function.
#define TARN_TRY(declaration, ...) \
  TARN_TRY_IMPL_(return, TARN_CONCAT_(tarn_result_, __COUNTER__), declaration, __VA_ARGS__)
/// The same for a Result<void>.
#define TARN_TRY_VOID(...) TARN_TRY_VOID_IMPL_(return, TARN_CONCAT_(tarn_result_, __COUNTER__), __VA_ARGS__)
/// The same two inside a coroutine: `TARN_CO_TRY(auto etag, co_await store.put(...));`
#define TARN_CO_TRY(declaration, ...) \
  TARN_TRY_IMPL_(co_return, TARN_CONCAT_(tarn_result_, __COUNTER__), declaration, __VA_ARGS__)
#define TARN_CO_TRY_VOID(...) TARN_TRY_VOID_IMPL_(co_return, TARN_CONCAT_(tarn_result_, __COUNTER__), __VA_ARGS__)
