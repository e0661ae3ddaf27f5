#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "apps/config.h"
#include "apps/exit_code.h"
#include "apps/setting.h"

namespace tarn::apps {

/// Shown in help: a command line that works, and what it does.
struct Example {
  std::string command;
  std::string meaning;
};

/// An argument without a flag.
struct Positional {
  std::string name;  ///< as help shows it: "FILE"
  std::string help;
  /// Many values for a vector, which must come last.
  std::variant<std::string*, std::vector<std::string>*> target;
  bool is_required = true;
};

/// Where a program's words go, and what it was told beside its arguments.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  Environment environment;
};

/// What a program can be told to do. The targets of settings and positionals outlive it.
struct Verb {
  std::string name;     ///< empty for a program with one thing to do
  std::string summary;  ///< one line
  std::vector<Example> examples;
  std::vector<Positional> positionals;
  std::vector<Setting> settings;
  bool reads_config_file = false;  ///< takes --config FILE
  /// Called when all settings are in place.
  std::function<ExitCode(Surroundings&)> run;
};

struct Program {
  std::string name;
  std::string summary;
  std::vector<Verb> verbs;  ///< exactly one when its name is empty
  /// Of the environment they share: what is no slip of this program's own variables.
  std::vector<std::string> variables_of_other_programs = {};
};

/// The environment variables that some verb of the program takes, and those of other programs that it leaves alone.
std::vector<std::string> variables_of(const Program& program);

/// Parses `arguments` (without the program's name), layers the settings of the verb, and runs it. Answers --help,
/// --version and --print-config itself. What is wrong with them goes to `err` in one line; kUsage then.
ExitCode run_program(Program program, const std::vector<std::string>& arguments, Surroundings surroundings);

/// The same for main: standard streams, the process's environment; no exception leaves it.
int run_program(Program program, int argc, char** argv);

}  // namespace tarn::apps
