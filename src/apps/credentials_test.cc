#include "apps/credentials.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"

namespace tarn::apps {
namespace {

using testing::HasSubstr;

/// A folder of its own for each test, gone at the end.
class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "tarn-credentials-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~CredentialsTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  std::filesystem::path generated_file() const { return folder_ / "credentials.toml"; }

  static GivenCredentials given_both() {
    return {.file = {},
            .access_key_id = "admin-id",
            .secret_access_key = "admin-secret",
            .data_access_key_id = "data-id",
            .data_secret_access_key = "data-secret"};
  }

  std::filesystem::path folder_;
  SystemRandom random_;
};

constexpr const char* kBothTables =
    "[admin]\naccess_key_id = 'file-admin'\nsecret_access_key = 'fa'\n"
    "[data]\naccess_key_id = 'file-data'\nsecret_access_key = 'fd'\n";

TEST_F(CredentialsTest, AreGeneratedOnceAndThenRead) {
  const auto first = obtain_store_credentials({}, folder_, random_);
  const auto second = obtain_store_credentials({}, folder_, random_);

  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(first->file, generated_file());
  EXPECT_EQ(first->credentials, second->credentials);
  EXPECT_NE(first->credentials.admin, first->credentials.data);
  EXPECT_EQ(first->credentials.admin.access_key_id.size(), 20U);
  EXPECT_EQ(first->credentials.admin.secret_access_key.size(), 40U);
}

TEST_F(CredentialsTest, GeneratedAreForTheirOwnerOnlyAndNothingIsLeftAside) {
  ASSERT_TRUE(obtain_store_credentials({}, folder_, random_));

  struct stat status{};
  ASSERT_EQ(stat(generated_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(CredentialsTest, GivenInFullLeaveNoFile) {
  const auto obtained = obtain_store_credentials(given_both(), folder_, random_);

  ASSERT_TRUE(obtained);
  EXPECT_EQ(obtained->credentials.admin, (AccessKey{"admin-id", "admin-secret"}));
  EXPECT_EQ(obtained->credentials.data, (AccessKey{"data-id", "data-secret"}));
  EXPECT_EQ(obtained->file, std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(generated_file()));
}

TEST_F(CredentialsTest, OnlyTheMissingRoleIsGenerated) {
  GivenCredentials given = given_both();
  given.data_access_key_id.reset();
  given.data_secret_access_key.reset();

  const auto obtained = obtain_store_credentials(given, folder_, random_);

  ASSERT_TRUE(obtained) << obtained.error().message;
  EXPECT_EQ(obtained->credentials.admin.access_key_id, "admin-id");
  const auto stored = read_credentials(generated_file());
  ASSERT_TRUE(stored);
  EXPECT_TRUE(stored->admin.is_empty());
  EXPECT_EQ(stored->data, obtained->credentials.data);
}

TEST_F(CredentialsTest, ANamedFileComesFirst) {
  GivenCredentials given = given_both();
  given.file = write("mine.toml", kBothTables);

  const auto obtained = obtain_store_credentials(given, folder_, random_);

  ASSERT_TRUE(obtained);
  EXPECT_EQ(obtained->credentials.admin.access_key_id, "file-admin");
  EXPECT_EQ(obtained->credentials.data.access_key_id, "file-data");
}

TEST_F(CredentialsTest, ANamedFileMustBeThereAndWhole) {
  const auto missing = obtain_store_credentials({.file = folder_ / "absent.toml"}, folder_, random_);
  const auto half = obtain_store_credentials(
      {.file = write("half.toml", "[admin]\naccess_key_id = 'a'\nsecret_access_key = 'b'\n")}, folder_, random_);

  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("absent.toml"));
  EXPECT_THAT(half.error().message, HasSubstr("half.toml: expected a table [data] too"));
  EXPECT_FALSE(std::filesystem::exists(generated_file()));
}

TEST_F(CredentialsTest, AnIdWithoutItsSecretIsRefused) {
  const auto obtained = obtain_store_credentials({.access_key_id = "a"}, folder_, random_);
  const auto reversed = obtain_access_key({.data_secret_access_key = "s"}, CredentialsRole::kData, folder_ / "none");

  EXPECT_THAT(obtained.error().message, HasSubstr("TARN_ACCESS_KEY_ID is set without TARN_SECRET_ACCESS_KEY"));
  EXPECT_THAT(reversed.error().message,
              HasSubstr("TARN_DATA_SECRET_ACCESS_KEY is set without TARN_DATA_ACCESS_KEY_ID"));
}

TEST_F(CredentialsTest, AFileThatIsWrongIsNamedWithItsLine) {
  const auto message_of = [this](const std::string& text) {
    return read_credentials(write("c.toml", text)).error().message;
  };

  EXPECT_THAT(message_of("[admin]\naccess_key_id = 5\n"),
              HasSubstr("c.toml:2:17: admin.access_key_id: expected a string"));
  EXPECT_THAT(message_of("[admin]\naccess_key = 'a'\n"), HasSubstr("c.toml:2:1: unknown key"));
  EXPECT_THAT(message_of("[admin]\naccess_key_id = 'a'\n"), HasSubstr("expected access_key_id and secret_access_key"));
  EXPECT_THAT(message_of(""), HasSubstr("expected a table [admin], [data] or both"));
}

TEST_F(CredentialsTest, AFolderThatCannotBeWrittenIsNamed) {
  const auto obtained = obtain_store_credentials({}, folder_ / "absent", random_);

  EXPECT_EQ(obtained.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(obtained.error().message, HasSubstr("absent/credentials.toml: No such file or directory"));
}

TEST_F(CredentialsTest, WritingNeverReplacesAFile) {
  ASSERT_TRUE(write_credentials(generated_file(), {.admin = {"a", "b"}, .data = {}}));

  const auto second = write_credentials(generated_file(), {.admin = {"c", "d"}, .data = {}});

  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(read_credentials(generated_file())->admin.access_key_id, "a");
}

TEST_F(CredentialsTest, AClientTakesItsRolesKeyAndElseTheOther) {
  const auto none = folder_ / "none";
  GivenCredentials admin_only = given_both();
  admin_only.data_access_key_id.reset();
  admin_only.data_secret_access_key.reset();

  EXPECT_EQ(obtain_access_key(given_both(), CredentialsRole::kData, none)->access_key_id, "data-id");
  EXPECT_EQ(obtain_access_key(given_both(), CredentialsRole::kAdmin, none)->access_key_id, "admin-id");
  EXPECT_EQ(obtain_access_key(admin_only, CredentialsRole::kData, none)->access_key_id, "admin-id");
}

TEST_F(CredentialsTest, AClientFallsBackToTheFolderOfTarnUp) {
  const auto fallback = write("credentials.toml", kBothTables);

  EXPECT_EQ(obtain_access_key({}, CredentialsRole::kData, fallback)->access_key_id, "file-data");
  EXPECT_EQ(obtain_access_key(given_both(), CredentialsRole::kData, fallback)->access_key_id, "data-id");
  EXPECT_EQ(obtain_access_key({.file = fallback}, CredentialsRole::kAdmin, folder_ / "none")->access_key_id,
            "file-admin");
}

TEST_F(CredentialsTest, AClientWithoutAnyIsToldHowToGiveThem) {
  const auto key = obtain_access_key({}, CredentialsRole::kData, folder_ / "none");

  EXPECT_EQ(key.error().code, ErrorCode::kUnauthenticated);
  EXPECT_THAT(key.error().message, HasSubstr("--credentials"));
}

}  // namespace
}  // namespace tarn::apps
