#include "apps/tarn/verbs.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apps/catalogd/catalogd.h"
#include "apps/storaged/storaged.h"

namespace tarn::apps {
namespace {

std::vector<Program> programs() {
  return {storaged_program(), catalogd_program(), tarn_program()};
}

TEST(Programs, GiveExamplesOfEveryVerbThatBeginWithIt) {
  for (const Program& program : programs()) {
    for (const Verb& verb : program.verbs) {
      const std::string command = verb.name.empty() ? program.name : program.name + " " + verb.name;
      EXPECT_FALSE(verb.examples.empty()) << command;
      for (const Example& example : verb.examples) EXPECT_TRUE(example.command.starts_with(command)) << example.command;
    }
  }
}

TEST(Programs, HaveOneSettingOfAName) {
  for (const Program& program : programs()) {
    for (const Verb& verb : program.verbs) {
      std::vector<std::string> names;
      for (const Setting& setting : verb.settings) names.push_back(setting.name);
      std::ranges::sort(names);
      EXPECT_EQ(std::ranges::adjacent_find(names), names.end()) << program.name << " " << verb.name;
    }
  }
}

TEST(Programs, TakeNoVariableOfAnotherForASlip) {
  Environment every_variable;
  for (const Program& program : programs()) {
    for (const Verb& verb : program.verbs) {
      for (const Setting& setting : verb.settings) {
        if (!setting.is_flag_only) every_variable.emplace(setting.variable(), "");
      }
    }
  }
  for (Program program : programs()) {
    for (Verb& verb : program.verbs) {
      const auto applied = apply_environment(verb.settings, every_variable, variables_of(program));
      EXPECT_TRUE(applied) << program.name << " " << verb.name << ": " << applied.error().message;
    }
  }
}

TEST(Programs, ShowTheSettingsOfEveryVerbWithoutRunningIt) {
  for (const std::string& verb : std::vector<std::string>{"up", "doctor", "datasets", "gc"}) {
    std::ostringstream out;
    std::ostringstream err;

    const ExitCode code = run_program(tarn_program(), {verb, "--print-config"}, {out, err, {}});

    EXPECT_EQ(code, ExitCode::kOk) << err.str();
    EXPECT_FALSE(out.str().empty()) << verb;
  }
}

}  // namespace
}  // namespace tarn::apps
