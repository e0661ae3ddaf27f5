#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apps/setting.h"
#include "base/result.h"

namespace tarn::apps {

/// Settings come in layers, each replacing the one before: defaults, TOML file, TARN_* environment, flags. Every error
/// here is kInvalidArgument, names the place ("tarn.toml:3:10", "TARN_LISTEN", "--listen") and says what was expected;
/// what a secret was set to is never repeated.

/// Variables whose name begins with TARN_.
using Environment = std::map<std::string, std::string>;
Environment process_environment();

/// The layer of a TOML file; `path` is for messages. A dotted name ("admin.access_key_id") stands for a key in a table.
/// An unknown key is an error that suggests the nearest known one.
Result<void> apply_toml(std::vector<Setting>& settings, std::string_view toml, std::string_view path);
/// The same from a file of 1 MiB at most. Errors: kNotFound too.
Result<void> apply_toml_file(std::vector<Setting>& settings, const std::string& path);

/// The layer of the environment. A variable that is a near miss of a setting's is an error, unless `of_others` names
/// it; the rest is left alone, since each program has its own.
Result<void> apply_environment(std::vector<Setting>& settings, const Environment& environment,
                               const std::vector<std::string>& of_others = {});

/// The layer of flags: the texts given for a setting, in order.
Result<void> apply_flag(Setting& setting, const std::vector<std::string>& texts);

/// All settings as a TOML file that reads back the same, each with its source; secrets masked.
std::string show_config(const std::vector<Setting>& settings);

/// The candidate most like `text`, if any is near enough to have been meant.
std::string nearest(std::string_view text, const std::vector<std::string>& candidates);

}  // namespace tarn::apps
