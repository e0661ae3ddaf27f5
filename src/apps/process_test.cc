#include "apps/process.h"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tarn::apps {
namespace {

using testing::HasSubstr;

TEST(StopSignals, WaitEndsWithASignal) {
  StopSignals signals;

  ASSERT_EQ(kill(getpid(), SIGTERM), 0);

  signals.wait();
}

TEST(StopSignals, WaitEndsOnRequest) {
  StopSignals signals;
  std::jthread inside([&] { signals.request_stop(); });

  signals.wait();
}

TEST(StopSignalsDeathTest, ASecondSignalEndsTheProcessAtOnce) {
  EXPECT_EXIT(
      {
        StopSignals signals;
        kill(getpid(), SIGINT);
        signals.wait();
        kill(getpid(), SIGINT);
        _exit(0);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST(PrepareFolder, MakesItOrSaysWhyNot) {
  std::string name = (std::filesystem::temp_directory_path() / "tarn-process-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(name.data());
  std::ofstream(folder / "file") << "x";

  const auto made = prepare_folder(folder / "a" / "b");
  const auto blocked = prepare_folder(folder / "file" / "b");

  EXPECT_TRUE(made);
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a" / "b"));
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(blocked.error().message, HasSubstr((folder / "file" / "b").string()));
  EXPECT_THAT(blocked.error().message, HasSubstr("--data"));
  std::filesystem::remove_all(folder);
}

TEST(PrintReady, IsOneLine) {
  testing::internal::CaptureStdout();

  print_ready({{"s3", "http://127.0.0.1:9000"}, {"grpc", "127.0.0.1:8182"}});

  EXPECT_EQ(testing::internal::GetCapturedStdout(), "ready s3=http://127.0.0.1:9000 grpc=127.0.0.1:8182\n");
}

}  // namespace
}  // namespace tarn::apps
