#include "apps/config.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::apps {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A few settings of every kind, as a program has them.
struct Example {
  std::string bucket = "lake";
  Address listen{"127.0.0.1", 8181};
  std::uint64_t threads = 2;
  bool strict = false;
  std::vector<std::string> tokens;
  std::optional<std::string> secret_access_key;
  std::string force;

  std::vector<Setting> settings = make_settings();

  std::vector<Setting> make_settings() {
    std::vector<Setting> made;
    made.push_back(setting("bucket", bucket, "NAME", "Bucket"));
    made.push_back(setting("listen", listen, "HOST:PORT", "Address"));
    made.push_back(setting("threads", threads, "N", "Threads"));
    made.push_back(setting("strict", strict, "", "Strictness"));
    made.push_back(setting("tokens", tokens, "TOKEN", "Tokens"));
    made.push_back(setting("secret_access_key", secret_access_key, "KEY", "Secret").secret());
    made.push_back(setting("force", force, "TEXT", "Force").flag_only());
    return made;
  }

  std::string toml_error(const std::string& toml) {
    const auto applied = apply_toml(settings, toml, "tarn.toml");
    return applied ? "no error" : applied.error().message;
  }

  std::string environment_error(const Environment& environment) {
    const auto applied = apply_environment(settings, environment);
    return applied ? "no error" : applied.error().message;
  }
};

TEST(Config, TomlSetsEveryKind) {
  Example example;

  ASSERT_EQ(example.toml_error("bucket = 'b'\nlisten = '[::1]:0'\nthreads = 8\nstrict = true\ntokens = ['x', 'y']\n"),
            "no error");

  EXPECT_EQ(example.bucket, "b");
  EXPECT_EQ(example.listen.host, "::1");
  EXPECT_EQ(example.threads, 8U);
  EXPECT_TRUE(example.strict);
  EXPECT_THAT(example.tokens, ElementsAre("x", "y"));
}

TEST(Config, LaterLayersWin) {
  Example example;

  ASSERT_EQ(example.toml_error("bucket = 'file'\nthreads = 3\nlisten = '127.0.0.1:1'"), "no error");
  ASSERT_EQ(example.environment_error({{"TARN_THREADS", "4"}, {"TARN_LISTEN", "127.0.0.1:2"}}), "no error");
  ASSERT_TRUE(apply_flag(example.settings[1], {"127.0.0.1:3"}));

  EXPECT_EQ(example.bucket, "file");
  EXPECT_EQ(example.threads, 4U);
  EXPECT_EQ(example.listen.port, 3);
  EXPECT_EQ(example.settings[0].source, "tarn.toml:1");
  EXPECT_EQ(example.settings[1].source, "--listen");
  EXPECT_EQ(example.settings[2].source, "TARN_THREADS");
  EXPECT_EQ(example.settings[3].source, "default");
}

TEST(Config, AnUnknownKeyIsNamedWithItsPlaceAndTheNearest) {
  EXPECT_EQ(Example().toml_error("threads = 1\nbukcet = 'b'\n"),
            "tarn.toml:2:1: unknown key \"bukcet\"; did you mean \"bucket\"?");
  EXPECT_EQ(Example().toml_error("zzz = 1"),
            "tarn.toml:1:1: unknown key \"zzz\"; known are bucket, listen, threads, strict, tokens, secret_access_key");
}

TEST(Config, AWrongTypeSaysWhatWasExpected) {
  EXPECT_EQ(Example().toml_error("bucket = 5"), "tarn.toml:1:10: bucket: expected a string, found an integer");
  EXPECT_EQ(Example().toml_error("threads = '5'"), "tarn.toml:1:11: threads: expected an integer, found a string");
  EXPECT_EQ(Example().toml_error("strict = 'true'"), "tarn.toml:1:10: strict: expected true or false, found a string");
  EXPECT_EQ(Example().toml_error("tokens = 'x'"),
            "tarn.toml:1:10: tokens: expected an array of strings, found a string");
  EXPECT_EQ(Example().toml_error("tokens = ['x', 1]"),
            "tarn.toml:1:10: tokens: expected an array of strings, found an array");
  EXPECT_EQ(Example().toml_error("[bucket]\nname = 'b'"), "tarn.toml:1:1: bucket: expected a string, found a table");
}

TEST(Config, AWrongValueSaysWhatWasExpectedAndFound) {
  EXPECT_EQ(Example().toml_error("\nlisten = '9000'"),
            "tarn.toml:2:10: listen: expected HOST:PORT, as in 127.0.0.1:9000 or [::1]:9000, found \"9000\"");
  EXPECT_EQ(Example().environment_error({{"TARN_THREADS", "many"}}),
            "TARN_THREADS: expected a number of 0 or more, found \"many\"");
  Example example;
  EXPECT_EQ(apply_flag(example.settings[2], {"-1"}).error().message,
            "--threads: expected a number of 0 or more, found \"-1\"");
}

TEST(Config, WhatIsNoTomlIsNamedWithItsPlace) {
  EXPECT_THAT(Example().toml_error("bucket = \n"), HasSubstr("tarn.toml:1:"));
  EXPECT_THAT(Example().toml_error("bucket = 'a'\nbucket = 'b'\n"), HasSubstr("tarn.toml:2:"));
}

TEST(Config, SecretsAreNeitherShownNorRepeated) {
  Example example;
  ASSERT_EQ(example.environment_error({{"TARN_SECRET_ACCESS_KEY", "hush"}}), "no error");
  EXPECT_EQ(example.secret_access_key, "hush");

  EXPECT_THAT(show_config(example.settings), HasSubstr("secret_access_key = \"********\"  # TARN_SECRET_ACCESS_KEY\n"));
  EXPECT_THAT(Example().toml_error("secret_access_key = ''"), testing::Not(HasSubstr("found")));
}

TEST(Config, ShownReadsBackTheSame) {
  Example example;
  ASSERT_EQ(example.toml_error("bucket = \"a\\\"b\"\ntokens = ['x', 'y']"), "no error");

  const std::string shown = show_config(example.settings);
  Example again;
  ASSERT_EQ(again.toml_error(shown), "no error");

  EXPECT_EQ(shown,
            "bucket = \"a\\\"b\"  # tarn.toml:1\n"
            "listen = \"127.0.0.1:8181\"  # default\n"
            "threads = 2  # default\n"
            "strict = false  # default\n"
            "tokens = [\"x\", \"y\"]  # tarn.toml:2\n"
            "# secret_access_key is not set\n");
  EXPECT_EQ(again.bucket, example.bucket);
  EXPECT_EQ(again.tokens, example.tokens);
}

TEST(Config, EnvironmentListsAreSeparatedByCommas) {
  Example example;

  ASSERT_EQ(example.environment_error({{"TARN_TOKENS", "x,y"}, {"TARN_BUCKET", ""}}), "no error");

  EXPECT_THAT(example.tokens, ElementsAre("x", "y"));
  EXPECT_EQ(example.bucket, "lake");
}

TEST(Config, AMisspeltVariableIsAnErrorAndAStrangersIsNot) {
  EXPECT_EQ(Example().environment_error({{"TARN_SERVER", "x"}, {"TARN_BIN_DIR", "x"}}), "no error");
  EXPECT_EQ(Example().environment_error({{"TARN_BUKCET", "x"}}),
            "TARN_BUKCET: unknown variable; did you mean TARN_BUCKET?");
}

TEST(Config, FlagsOfOneCallAreNeitherInFilesNorInTheEnvironment) {
  Example example;

  EXPECT_THAT(example.toml_error("force = 'x'"), HasSubstr("unknown key"));
  EXPECT_EQ(example.environment_error({{"TARN_FORCE", "x"}}), "no error");

  EXPECT_EQ(example.force, "");
  EXPECT_THAT(show_config(example.settings), testing::Not(HasSubstr("force")));
}

TEST(Config, DottedNamesStandForTables) {
  std::string id;
  std::vector<Setting> settings;
  settings.push_back(setting("admin.access_key_id", id, "", ""));

  ASSERT_TRUE(apply_toml(settings, "[admin]\naccess_key_id = 'a'", "c.toml"));
  EXPECT_EQ(id, "a");
  EXPECT_EQ(apply_toml(settings, "admin = 1", "c.toml").error().message,
            "c.toml:1:1: admin: expected a table, found an integer");
  EXPECT_THAT(apply_toml(settings, "[admin]\naccess_key = 'a'", "c.toml").error().message,
              HasSubstr("c.toml:2:1: unknown key \"admin.access_key\"; did you mean \"admin.access_key_id\"?"));
}

TEST(Config, AMissingFileIsNamed) {
  Example example;

  const auto applied = apply_toml_file(example.settings, "/nonexistent/tarn.toml");

  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(applied.error().message, "cannot read /nonexistent/tarn.toml: No such file or directory");
}

TEST(Nearest, AnswersNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("lsiten", {"bucket", "listen"}), "listen");
  EXPECT_EQ(nearest("unrelated", {"bucket", "listen"}), "");
  EXPECT_EQ(nearest("ls", {"rm", "get"}), "");
}

}  // namespace
}  // namespace tarn::apps
