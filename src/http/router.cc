#include "http/router.h"

#include <algorithm>
#include <optional>

#include "base/encoding.h"

namespace tarn::http {

std::string_view PathParameters::operator[](std::string_view name) const {
  const auto found = std::ranges::find(values_, name, [](const auto& value) { return value.first; });
  TARN_ASSERT(found != values_.end());
  return found->second;
}

/// One segment's place in the tree of patterns.
struct Router::Node {
  struct Literal {
    std::string text;
    std::unique_ptr<Node> node;
  };
  struct Parameter {
    std::string name;
    std::string ending;
    std::unique_ptr<Node> node;
  };
  struct Method {
    std::string name;
    RouteHandler handler;
  };

  std::vector<Literal> literals;
  std::vector<Parameter> parameters;  // longest ending first
  std::vector<Method> methods;        // none: only on the way to others

  Node& child(std::string_view segment);
  const RouteHandler* find_method(std::string_view name) const;
  std::string allow() const;
};

Router::Node& Router::Node::child(std::string_view segment) {
  if (!segment.starts_with('{')) {
    TARN_ASSERT(!segment.contains('{') && !segment.contains('}'));
    const auto found = std::ranges::find(literals, segment, &Literal::text);
    if (found != literals.end()) return *found->node;
    return *literals.emplace_back(std::string(segment), std::make_unique<Node>()).node;
  }
  const auto close = segment.find('}');
  TARN_ASSERT(close != std::string_view::npos && close > 1);
  const auto name = segment.substr(1, close - 1);
  const auto ending = segment.substr(close + 1);
  TARN_ASSERT(!ending.contains('{') && !ending.contains('}'));
  const auto found =
      std::ranges::find_if(parameters, [&](const Parameter& p) { return p.name == name && p.ending == ending; });
  if (found != parameters.end()) return *found->node;
  const auto shorter =
      std::ranges::find_if(parameters, [&](const Parameter& p) { return p.ending.size() < ending.size(); });
  const auto added =
      parameters.insert(shorter, Parameter{std::string(name), std::string(ending), std::make_unique<Node>()});
  return *added->node;
}

const RouteHandler* Router::Node::find_method(std::string_view name) const {
  auto found = std::ranges::find(methods, name, &Method::name);
  if (found == methods.end() && name == "HEAD") found = std::ranges::find(methods, "GET", &Method::name);
  return found == methods.end() ? nullptr : &found->handler;
}

std::string Router::Node::allow() const {
  std::string list;
  const auto append = [&list](std::string_view name) {
    if (!list.empty()) list += ", ";
    list += name;
  };
  for (const Method& method : methods) {
    append(method.name);
    if (method.name == "GET" && std::ranges::find(methods, "HEAD", &Method::name) == methods.end()) append("HEAD");
  }
  return list;
}

/// One walk down the tree. It ends at the first node that has methods and whose pattern fits the whole path.
struct Router::Search {
  PathParameters parameters;
  bool has_broken_escape = false;

  /// `path` is empty or begins with '/'. The depth is the longest pattern's, however long the path.
  const Node* find(const Node& node, std::string_view path) {
    if (path.empty()) return node.methods.empty() ? nullptr : &node;
    path.remove_prefix(1);
    std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    std::optional<std::string> decoded;
    if (segment.contains('%')) {
      decoded = percent_decode(segment);
      if (!decoded) {
        has_broken_escape = true;
        return nullptr;
      }
      segment = *decoded;
    }
    for (const auto& [text, child] : node.literals) {
      if (text != segment) continue;
      if (const Node* const found = find(*child, path)) return found;
    }
    for (const auto& [name, ending, child] : node.parameters) {
      if (segment.size() <= ending.size() || !segment.ends_with(ending)) continue;
      parameters.values_.emplace_back(name, segment.substr(0, segment.size() - ending.size()));
      if (const Node* const found = find(*child, path)) return found;
      parameters.values_.pop_back();
    }
    return nullptr;
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

void Router::add(std::string_view method, std::string_view pattern, RouteHandler handler) {
  TARN_ASSERT(!method.empty() && pattern.starts_with('/') && handler != nullptr);
  Node* node = root_.get();
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const auto segment = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(segment.size());
    node = &node->child(segment);
  }
  TARN_ASSERT(std::ranges::find(node->methods, method, &Node::Method::name) == node->methods.end());
  node->methods.emplace_back(std::string(method), std::move(handler));
}

std::expected<Router::Match, Router::NoMatch> Router::match(std::string_view method, std::string_view path) const {
  Search search;
  const Node* const node = path.starts_with('/') ? search.find(*root_, path) : nullptr;
  if (node == nullptr) return std::unexpected(NoMatch{search.has_broken_escape ? 400 : 404, {}});
  const RouteHandler* const handler = node->find_method(method);
  if (handler == nullptr) return std::unexpected(NoMatch{405, node->allow()});
  return Match{handler, std::move(search.parameters)};
}

}  // namespace tarn::http
