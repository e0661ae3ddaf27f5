#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "http/message.h"

namespace tarn::http {

/// What a pattern's `{names}` stand for in one request's path, percent-decoded: "a%2Fb" is one value, "a/b".
class PathParameters {
 public:
  /// The value of `{name}`, never empty. A name that the pattern does not have is a bug: aborts.
  std::string_view operator[](std::string_view name) const;

 private:
  friend class Router;
  std::vector<std::pair<std::string_view, std::string>> values_;  // names belong to the router
};

/// Answers one route's requests. Request and parameters live until the task has ended.
using RouteHandler = std::function<Task<Response>(Request& request, const PathParameters& parameters)>;

/// Finds the handler for a method and a path. Patterns are segments, each a literal or one parameter with an optional
/// literal after it: "/v1/datasets/{name}", "/v1/datasets/{name}:undrop". Where several patterns fit a path, a literal
/// segment wins over a parameter and a longer ending over a shorter one, whatever the order of add(). Segments are
/// split first and then decoded; a trailing slash is a segment of its own (empty, which no parameter takes).
/// A GET route answers HEAD too. Filled before it serves, then read by any thread.
class Router {
 public:
  Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  /// A malformed pattern, or the same method and pattern twice, is a bug: aborts.
  void add(std::string_view method, std::string_view pattern, RouteHandler handler);

  struct Match {
    const RouteHandler* handler;  ///< the router's
    PathParameters parameters;
  };
  struct NoMatch {
    int status;         ///< 400: a broken percent escape; 404: no such path; 405: not with this method
    std::string allow;  ///< for 405, the Allow header's value: "GET, HEAD, DELETE"
  };
  /// `path` as it stands in the target, without the query.
  std::expected<Match, NoMatch> match(std::string_view method, std::string_view path) const;

 private:
  struct Node;
  struct Search;
  std::unique_ptr<Node> root_;
};

}  // namespace tarn::http
