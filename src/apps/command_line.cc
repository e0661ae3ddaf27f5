#include "apps/command_line.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace tarn::apps {
namespace {

/// Where the explanations of a help text begin.
constexpr std::size_t kHelpColumn = 36;

/// What CLI11 collects for one verb.
struct ParsedVerb {
  Verb* verb = nullptr;
  CLI::App* app = nullptr;
  std::vector<std::vector<std::string>> flag_texts;  // one for each setting; empty: not given
  std::string config_path;
  bool is_print_config = false;
};

std::string help_of(const Setting& setting) {
  std::string help = setting.help;
  if (setting.is_flag_only) return help;
  const auto value = setting.to_toml();
  if (value && *value != "false" && *value != "[]") help += " [default: " + *value + "]";
  return help + " [env: " + setting.variable() + "]";
}

std::string footer_of(const Verb& verb) {
  std::ostringstream out;
  std::string secrets;
  for (const Setting& setting : verb.settings) {
    if (setting.is_secret) secrets += fmt::format("\n  {:<{}}{}", setting.variable(), kHelpColumn - 2, setting.help);
  }
  if (!secrets.empty()) {
    out << "Only by environment" << (verb.reads_config_file ? " or file" : "") << ":" << secrets << "\n\n";
  }
  if (!verb.examples.empty()) {
    out << "Examples:\n";
    for (const Example& example : verb.examples)
      out << "  " << example.command << "\n      " << example.meaning << '\n';
    out << '\n';
  }
  out << describe_exit_codes();
  return std::move(out).str();
}

void add_positional(CLI::App& app, Positional& positional) {
  CLI::Option* option = nullptr;
  if (auto** text = std::get_if<std::string*>(&positional.target)) {
    option = app.add_option(positional.name, **text, positional.help);
  } else {
    option = app.add_option(positional.name, *std::get<std::vector<std::string>*>(positional.target), positional.help);
  }
  option->required(positional.is_required);
  option->type_name("");
}

/// `parsed` must stay where it is until the parse is over.
void add_verb(CLI::App& app, ParsedVerb& parsed) {
  Verb& verb = *parsed.verb;
  app.footer(footer_of(verb));
  for (Positional& positional : verb.positionals) add_positional(app, positional);
  parsed.flag_texts.resize(verb.settings.size());
  for (std::size_t i = 0; i < verb.settings.size(); ++i) {
    const Setting& setting = verb.settings[i];
    if (setting.is_secret) continue;
    auto& texts = parsed.flag_texts[i];
    if (setting.kind == SettingKind::kSwitch) {
      // Of what a file or the environment may have switched on, a flag must be able to say no.
      const std::string negative = setting.is_flag_only ? "" : ",!--no-" + setting.flag().substr(2);
      app.add_flag_function(
          setting.flag() + negative, [&texts](std::int64_t count) { texts = {count > 0 ? "true" : "false"}; },
          help_of(setting));
      continue;
    }
    CLI::Option* const option = app.add_option(setting.flag(), texts, help_of(setting));
    option->type_name(setting.placeholder);
    if (setting.kind == SettingKind::kList) {
      option->expected(1, -1);
    } else {
      option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      option->allow_extra_args(false);  // or it would take the positionals behind it, as a vector does
    }
  }
  if (verb.reads_config_file) {
    app.add_option("--config", parsed.config_path, "TOML file of settings [env: TARN_CONFIG]")->type_name("FILE");
  }
  app.add_flag("--print-config", parsed.is_print_config, "Show the settings and where each comes from, then exit");
}

Result<void> apply_layers(ParsedVerb& parsed, const Environment& environment,
                          const std::vector<std::string>& all_variables) {
  Verb& verb = *parsed.verb;
  if (verb.reads_config_file) {
    if (const auto path = environment.find("TARN_CONFIG"); path != environment.end() && parsed.config_path.empty()) {
      parsed.config_path = path->second;
    }
    if (!parsed.config_path.empty()) TARN_TRY_VOID(apply_toml_file(verb.settings, parsed.config_path));
  }
  TARN_TRY_VOID(apply_environment(verb.settings, environment, all_variables));
  for (std::size_t i = 0; i < verb.settings.size(); ++i) {
    if (parsed.flag_texts[i].empty()) continue;
    TARN_TRY_VOID(apply_flag(verb.settings[i], parsed.flag_texts[i]));
  }
  return {};
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? near : "; did you mean " + near + "?";
}

/// CLI11 says "The following argument was not expected: --bukcet"; this adds what was probably meant.
std::string suggest_flag(const std::vector<std::string>& arguments, const std::vector<ParsedVerb>& verbs) {
  std::vector<std::string> known;
  for (const ParsedVerb& parsed : verbs) {
    for (const Setting& setting : parsed.verb->settings) {
      if (!setting.is_secret) known.push_back(setting.flag());
    }
  }
  for (const std::string& argument : arguments) {
    const std::string flag = argument.substr(0, argument.find('='));
    if (flag.starts_with("--") && std::ranges::find(known, flag) == known.end()) return did_you_mean(flag, known);
  }
  return {};
}

}  // namespace

std::vector<std::string> variables_of(const Program& program) {
  std::vector<std::string> variables = program.variables_of_other_programs;
  for (const Verb& verb : program.verbs) {
    for (const Setting& setting : verb.settings) {
      if (!setting.is_flag_only) variables.push_back(setting.variable());
    }
  }
  return variables;
}

ExitCode run_program(Program program, const std::vector<std::string>& arguments, Surroundings surroundings) {
  CLI::App app(program.summary, program.name);
  app.set_version_flag("--version", program.name + " " TARN_VERSION);
  app.set_help_flag("-h,--help", "Show this and exit");
  std::vector<ParsedVerb> verbs(program.verbs.size());
  for (std::size_t i = 0; i < verbs.size(); ++i) {
    Verb& verb = program.verbs[i];
    verbs[i].verb = &verb;
    verbs[i].app = verb.name.empty() ? &app : app.add_subcommand(verb.name, verb.summary);
    add_verb(*verbs[i].app, verbs[i]);
  }
  const bool has_verbs = !program.verbs.front().name.empty();
  if (has_verbs) {
    app.require_subcommand(1);
    app.footer("`" + program.name + " VERB --help` shows a verb's settings and examples.");
  }
  app.get_formatter()->column_width(kHelpColumn);

  if (has_verbs && !arguments.empty() && !arguments.front().starts_with('-')) {
    std::vector<std::string> names;
    for (const ParsedVerb& parsed : verbs) names.push_back(parsed.verb->name);
    if (std::ranges::find(names, arguments.front()) == names.end()) {
      surroundings.err << program.name << ": unknown verb \"" << arguments.front() << '"'
                       << did_you_mean(arguments.front(), names) << '\n';
      return ExitCode::kUsage;
    }
  }
  try {
    // CLI11 takes them last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& success) {  // --help, --version
    app.exit(success, surroundings.out, surroundings.err);
    return ExitCode::kOk;
  } catch (const CLI::ParseError& error) {
    if (arguments.empty() && has_verbs) {
      surroundings.err << app.help();
      return ExitCode::kUsage;
    }
    surroundings.err << program.name << ": " << error.what() << suggest_flag(arguments, verbs) << '\n';
    return ExitCode::kUsage;
  }

  const auto chosen = std::ranges::find_if(verbs, [](const ParsedVerb& parsed) { return parsed.app->parsed(); });
  TARN_ASSERT(chosen != verbs.end());
  if (auto applied = apply_layers(*chosen, surroundings.environment, variables_of(program)); !applied) {
    surroundings.err << program.name << ": " << applied.error().message << '\n';
    return ExitCode::kUsage;
  }
  if (chosen->is_print_config) {
    surroundings.out << show_config(chosen->verb->settings);
    return ExitCode::kOk;
  }
  return chosen->verb->run(surroundings);
}

int run_program(Program program, int argc, char** argv) {
  const std::string name = program.name;
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    return static_cast<int>(run_program(std::move(program), arguments, {std::cout, std::cerr, process_environment()}));
  } catch (const std::exception& error) {
    std::cerr << name << ": internal error: " << error.what() << '\n';
    return static_cast<int>(ExitCode::kFailed);
  }
}

}  // namespace tarn::apps
