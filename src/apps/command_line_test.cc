#include "apps/command_line.h"

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::apps {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A program with two verbs, and what running it did.
struct ToyRun {
  std::string file;
  std::vector<std::string> keys;
  std::string server = "http://127.0.0.1:8181";
  std::vector<std::string> columns;
  bool json = false;
  bool log = true;
  std::optional<std::string> secret;
  std::string ran;

  std::ostringstream out;
  std::ostringstream err;
  ExitCode code = ExitCode::kOk;

  explicit ToyRun(const std::vector<std::string>& arguments, Environment environment = {}) {
    Verb put;
    put.name = "put";
    put.summary = "Stores a file.";
    put.examples = {{"toy put a.parquet", "stores a.parquet"}};
    put.positionals.push_back({.name = "FILE", .help = "The file", .target = &file});
    put.positionals.push_back({.name = "KEY", .help = "Keys", .target = &keys, .is_required = false});
    put.settings.push_back(setting("server", server, "URL", "Where the server is"));
    put.settings.push_back(setting("columns", columns, "NAME", "Columns"));
    put.settings.push_back(setting("json", json, "", "JSON").flag_only());
    put.settings.push_back(setting("log", log, "", "Log"));
    put.settings.push_back(setting("secret", secret, "KEY", "The secret").secret());
    put.run = [this](Surroundings&) {
      ran = "put";
      return ExitCode::kConflict;
    };
    Verb list;
    list.name = "list";
    list.summary = "Lists.";
    list.reads_config_file = true;
    list.settings.push_back(setting("server", server, "URL", "Where the server is"));
    list.run = [this](Surroundings&) {
      ran = "list";
      return ExitCode::kOk;
    };
    code = run_program({"toy", "A toy.", {put, list}}, arguments, {out, err, std::move(environment)});
  }
};

TEST(RunProgram, RunsTheVerbWithItsArguments) {
  const ToyRun run(
      {"put", "a.parquet", "k1", "k2", "--server", "http://h:1", "--json", "--columns", "x", "--columns=y"});

  EXPECT_EQ(run.ran, "put") << run.err.str();
  EXPECT_EQ(run.code, ExitCode::kConflict);
  EXPECT_EQ(run.file, "a.parquet");
  EXPECT_THAT(run.keys, ElementsAre("k1", "k2"));
  EXPECT_EQ(run.server, "http://h:1");
  EXPECT_THAT(run.columns, ElementsAre("x", "y"));
  EXPECT_TRUE(run.json);
}

TEST(RunProgram, AFlagTakesOneValueAndLeavesThePositionals) {
  const ToyRun run({"put", "--server", "http://h:1", "a.parquet", "--server=http://h:2", "k1", "--json", "k2"});

  EXPECT_EQ(run.ran, "put") << run.err.str();
  EXPECT_EQ(run.server, "http://h:2");
  EXPECT_EQ(run.file, "a.parquet");
  EXPECT_THAT(run.keys, ElementsAre("k1", "k2"));
}

TEST(RunProgram, LayersEnvironmentUnderFlags) {
  EXPECT_EQ(ToyRun({"put", "f"}, {{"TARN_SERVER", "http://env:1"}}).server, "http://env:1");
  EXPECT_EQ(ToyRun({"put", "f", "--server", "http://flag:1"}, {{"TARN_SERVER", "http://env:1"}}).server,
            "http://flag:1");
}

TEST(RunProgram, SwitchesHaveAFlagForEitherSide) {
  EXPECT_TRUE(ToyRun({"put", "f"}).log);
  EXPECT_FALSE(ToyRun({"put", "f", "--no-log"}).log);
  EXPECT_TRUE(ToyRun({"put", "f", "--log"}, {{"TARN_LOG", "false"}}).log);
  EXPECT_EQ(ToyRun({"put", "f", "--no-json"}).code, ExitCode::kUsage);
}

TEST(RunProgram, TakesSecretsFromTheEnvironmentOnly) {
  EXPECT_EQ(ToyRun({"put", "f"}, {{"TARN_SECRET", "hush"}}).secret, "hush");
  EXPECT_EQ(ToyRun({"put", "f", "--secret", "hush"}).code, ExitCode::kUsage);
}

TEST(RunProgram, ShowsTheConfigurationWithoutRunning) {
  const ToyRun run({"put", "f", "--print-config"}, {{"TARN_SECRET", "hush"}});

  EXPECT_EQ(run.code, ExitCode::kOk);
  EXPECT_EQ(run.ran, "");
  EXPECT_EQ(run.out.str(),
            "server = \"http://127.0.0.1:8181\"  # default\n"
            "columns = []  # default\n"
            "log = true  # default\n"
            "secret = \"********\"  # TARN_SECRET\n");
}

TEST(RunProgram, SaysInOneLineWhatIsWrong) {
  const auto complaint = [](const std::vector<std::string>& arguments) {
    const ToyRun run(arguments);
    EXPECT_EQ(run.code, ExitCode::kUsage);
    EXPECT_EQ(run.ran, "");
    return run.err.str();
  };

  EXPECT_THAT(complaint({"put"}), HasSubstr("FILE"));
  EXPECT_THAT(complaint({"put", "f", "--sevrer", "x"}), HasSubstr("did you mean --server?"));
  EXPECT_THAT(complaint({"lsit"}), HasSubstr("did you mean list?"));
  EXPECT_THAT(complaint({"put", "f", "--server"}), HasSubstr("--server"));
  EXPECT_THAT(complaint({"list", "--config", "/nonexistent.toml"}), HasSubstr("/nonexistent.toml"));
  EXPECT_THAT(complaint({}), HasSubstr("put"));
}

TEST(RunProgram, HelpShowsDefaultsVariablesExamplesAndExitCodes) {
  const ToyRun run({"put", "--help"});

  EXPECT_EQ(run.code, ExitCode::kOk);
  EXPECT_THAT(run.out.str(), HasSubstr("--server URL"));
  EXPECT_THAT(run.out.str(), HasSubstr("[default: \"http://127.0.0.1:8181\"] [env: TARN_SERVER]"));
  EXPECT_THAT(run.out.str(), HasSubstr("TARN_SECRET"));
  EXPECT_THAT(run.out.str(), HasSubstr("toy put a.parquet\n      stores a.parquet"));
  EXPECT_THAT(run.out.str(), HasSubstr("Exit codes:"));
}

TEST(RunProgram, KnowsItsVersion) {
  EXPECT_THAT(ToyRun({"--version"}).out.str(), testing::MatchesRegex("toy [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

}  // namespace
}  // namespace tarn::apps
