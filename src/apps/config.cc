#include "apps/config.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <numeric>
#include <sstream>
#include <utility>

#include <toml++/toml.h>
#include <unistd.h>

#include "base/encoding.h"

namespace tarn::apps {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::string_view kMask = "********";

std::unexpected<Error> wrong(const std::string& place, const std::string& what) {
  return failure(ErrorCode::kInvalidArgument, place + ": " + what);
}

/// Sets `setting`, and names `place` and the text in what goes wrong.
Result<void> assign(Setting& setting, const std::vector<std::string>& texts, const std::string& place,
                    const std::string& source) {
  if (auto assigned = setting.assign(texts); !assigned) {
    std::string what = std::move(assigned).error().message;
    if (!setting.is_secret && texts.size() == 1) what += ", found " + json_quote(texts.front());
    return wrong(place, what);
  }
  setting.source = source;
  return {};
}

std::string place_of(std::string_view path, const toml::source_position& position) {
  return std::string(path) + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

std::string expected_of(SettingKind kind) {
  switch (kind) {
    case SettingKind::kText:
      return "a string";
    case SettingKind::kNumber:
      return "an integer";
    case SettingKind::kSwitch:
      return "true or false";
    case SettingKind::kList:
      return "an array of strings";
  }
  return {};
}

std::string_view found_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::none:
      return "nothing";
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a fraction";
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time";
    case toml::node_type::date_time:
      return "a date and time";
  }
  return "something else";
}

/// The node as the texts that its setting reads; nothing when its type does not fit.
std::optional<std::vector<std::string>> texts_of(const toml::node& node, SettingKind kind) {
  switch (kind) {
    case SettingKind::kText:
      if (const auto* text = node.as_string()) return std::vector{text->get()};
      return std::nullopt;
    case SettingKind::kNumber:
      if (const auto* number = node.as_integer()) return std::vector{std::to_string(number->get())};
      return std::nullopt;
    case SettingKind::kSwitch:
      if (const auto* flag = node.as_boolean()) return std::vector{std::string(flag->get() ? "true" : "false")};
      return std::nullopt;
    case SettingKind::kList: {
      const auto* array = node.as_array();
      if (array == nullptr) return std::nullopt;
      std::vector<std::string> texts;
      for (const toml::node& element : *array) {
        const auto* text = element.as_string();
        if (text == nullptr) return std::nullopt;
        texts.push_back(text->get());
      }
      return texts;
    }
  }
  return std::nullopt;
}

Setting* find(std::vector<Setting>& settings, std::string_view name) {
  const auto found =
      std::ranges::find_if(settings, [&](const Setting& s) { return s.name == name && !s.is_flag_only; });
  return found == settings.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(const std::vector<Setting>& settings, std::string (*name_of)(const Setting&)) {
  std::vector<std::string> names;
  for (const Setting& setting : settings) {
    if (!setting.is_flag_only) names.push_back(name_of(setting));
  }
  return names;
}

/// Walks a table; `prefix` is its dotted name and a dot, or empty at the top.
Result<void> apply_table(std::vector<Setting>& settings, const toml::table& table, const std::string& prefix,
                         std::string_view path) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (Setting* const setting = find(settings, name)) {
      const std::string place = place_of(path, node.source().begin) + ": " + name;
      const auto texts = texts_of(node, setting->kind);
      if (!texts) {
        return wrong(place, "expected " + expected_of(setting->kind) + ", found " + std::string(found_of(node.type())));
      }
      const std::string source = std::string(path) + ":" + std::to_string(node.source().begin.line);
      TARN_TRY_VOID(assign(*setting, *texts, place, source));
      continue;
    }
    const bool is_table_of_settings = std::ranges::any_of(
        settings, [&](const Setting& s) { return !s.is_flag_only && s.name.starts_with(name + "."); });
    if (is_table_of_settings && node.is_table()) {
      TARN_TRY_VOID(apply_table(settings, *node.as_table(), name + ".", path));
      continue;
    }
    const std::string place = place_of(path, key.source().begin);
    if (is_table_of_settings) {
      return wrong(place, name + ": expected a table, found " + std::string(found_of(node.type())));
    }
    const auto known = names_of(settings, [](const Setting& s) { return s.name; });
    std::string what = "unknown key " + json_quote(name);
    if (const std::string near = nearest(name, known); !near.empty()) {
      what += "; did you mean " + json_quote(near) + "?";
    } else {
      what += "; known are ";
      for (const std::string& other : known) what += (&other == known.data() ? "" : ", ") + other;
    }
    return wrong(place, what);
  }
  return {};
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

/// How many characters to insert, remove, replace or swap with their neighbour (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (!text.starts_with("TARN_") || equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

Result<void> apply_toml(std::vector<Setting>& settings, std::string_view toml, std::string_view path) {
  try {
    return apply_table(settings, toml::parse(toml, path), "", path);
  } catch (const toml::parse_error& error) {
    return wrong(place_of(path, error.source().begin), std::string(error.description()));
  }
}

Result<void> apply_toml_file(std::vector<Setting>& settings, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int cause = errno;
    return failure(cause == ENOENT ? ErrorCode::kNotFound : ErrorCode::kInvalidArgument,
                   "cannot read " + path + ": " + std::strerror(cause));
  }
  std::string toml(kMaxFileBytes + 1, '\0');
  file.read(toml.data(), static_cast<std::streamsize>(toml.size()));
  if (file.bad()) return failure(ErrorCode::kInvalidArgument, "cannot read " + path);
  toml.resize(static_cast<std::size_t>(file.gcount()));
  if (toml.size() > kMaxFileBytes) return wrong(path, "expected a file of 1 MiB at most");
  return apply_toml(settings, toml, path);
}

Result<void> apply_environment(std::vector<Setting>& settings, const Environment& environment,
                               const std::vector<std::string>& of_others) {
  for (Setting& setting : settings) {
    if (setting.is_flag_only) continue;
    const auto variable = environment.find(setting.variable());
    // Set to nothing is how shells and service files unset.
    if (variable == environment.end() || variable->second.empty()) continue;
    const auto texts = setting.kind == SettingKind::kList ? split_at_commas(variable->second)
                                                          : std::vector<std::string>{variable->second};
    TARN_TRY_VOID(assign(setting, texts, variable->first, variable->first));
  }
  const auto known = names_of(settings, [](const Setting& s) { return s.variable(); });
  for (const auto& [name, value] : environment) {
    const auto is_among = [&name](const std::vector<std::string>& names) {
      return std::ranges::find(names, name) != names.end();
    };
    if (is_among(known) || is_among(of_others)) continue;
    if (const auto near = std::ranges::find_if(known, [&](const auto& k) { return edit_distance(name, k) <= 1; });
        near != known.end()) {
      return wrong(name, "unknown variable; did you mean " + *near + "?");
    }
  }
  return {};
}

Result<void> apply_flag(Setting& setting, const std::vector<std::string>& texts) {
  return assign(setting, texts, setting.flag(), setting.flag());
}

std::string show_config(const std::vector<Setting>& settings) {
  std::ostringstream out;
  for (const Setting& setting : settings) {
    if (setting.is_flag_only) continue;
    const auto value = setting.to_toml();
    if (!value) {
      out << "# " << setting.name << " is not set\n";
      continue;
    }
    out << setting.name << " = " << (setting.is_secret ? json_quote(kMask) : *value) << "  # " << setting.source
        << '\n';
  }
  return std::move(out).str();
}

std::string nearest(std::string_view text, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(text.size() / 3, 1) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(text, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace tarn::apps
