#include "apps/tarn/transfer.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/test_support.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/manual_clock.h"
#include "store/memory_store.h"

namespace tarn::apps {
namespace {

using async::soon;
using testing::HasSubstr;

class TransferTest : public testing::Test {
 protected:
  TransferTest() {
    std::string name = (std::filesystem::temp_directory_path() / "tarn-transfer-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~TransferTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  static std::string read(const std::filesystem::path& file) {
    std::ostringstream bytes;
    bytes << std::ifstream(file, std::ios::binary).rdbuf();
    return std::move(bytes).str();
  }
  void create_bucket() { ASSERT_TRUE(runtime_.run(store_.create_bucket("lake", soon()))); }

  Result<store::ObjectSummary> upload(const std::filesystem::path& file,
                                      std::uint64_t single_put_bytes = kSinglePutBytes) {
    return runtime_.run(upload_file(store_, files_, key_, file, progress_, single_put_bytes));
  }
  Result<std::uint64_t> download(const std::filesystem::path& file) {
    return runtime_.run(download_file(store_, files_, key_, file, progress_, soon()));
  }

  std::filesystem::path folder_;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> silent_{std::tmpfile(), &std::fclose};
  ProgressBar progress_{silent_.get(), "test", std::nullopt};
  const store::ObjectKey key_{"lake", "a/b.parquet"};
  const ManualClock clock_;
  store::MemoryStore store_{clock_};
  async::ThreadPool files_{"files", 1};
  async::TestRuntime runtime_;
};

TEST_F(TransferTest, AFileComesBackAsItWas) {
  create_bucket();
  std::string bytes;
  for (int i = 0; i < 700'000; ++i) bytes.push_back(static_cast<char>(i * 7 + i / 256));

  const auto stored = upload(write("in", bytes));
  const auto fetched = download(folder_ / "out");

  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->size, bytes.size());
  EXPECT_EQ(stored->etag, hex_encode(md5(bytes)));
  EXPECT_EQ(fetched, bytes.size());
  EXPECT_EQ(read(folder_ / "out"), bytes);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.part"));
}

TEST_F(TransferTest, AnEmptyFileIsAnEmptyObject) {
  create_bucket();

  ASSERT_TRUE(upload(write("in", "")));

  EXPECT_EQ(download(folder_ / "out"), 0U);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "out"));
}

TEST_F(TransferTest, ALargeFileIsSentInPartsAndIsOneObject) {
  create_bucket();
  const std::string bytes(store::kMinPartBytes * 2 + 100, 'x');

  const auto stored = upload(write("in", bytes), store::kMinPartBytes);

  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_THAT(stored->etag, testing::EndsWith("-3"));
  ASSERT_EQ(download(folder_ / "out"), bytes.size());
  EXPECT_EQ(read(folder_ / "out"), bytes);
}

TEST_F(TransferTest, AMissingBucketIsMade) {
  ASSERT_TRUE(upload(write("in", "abc")));

  EXPECT_EQ(runtime_.run(store_.head(key_, soon()))->size, 3U);
}

TEST_F(TransferTest, TheKindOfFileIsKept) {
  create_bucket();

  ASSERT_TRUE(upload(write("in.parquet", "abc")));

  EXPECT_EQ(runtime_.run(store_.head_object(key_, soon()))->headers.content_type, "application/vnd.apache.parquet");
}

TEST_F(TransferTest, AFileThatCannotBeReadIsNamed) {
  const auto missing = upload(folder_ / "absent");
  const auto folder = upload(folder_);

  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("absent: No such file"));
  EXPECT_EQ(folder.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(TransferTest, AMissingObjectLeavesTheOldFile) {
  create_bucket();
  write("out", "before");

  const auto fetched = download(folder_ / "out");

  EXPECT_EQ(fetched.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read(folder_ / "out"), "before");
}

TEST_F(TransferTest, AFolderThatIsMissingIsNamedAndNothingIsLeft) {
  create_bucket();
  ASSERT_TRUE(upload(write("in", "abc")));

  const auto fetched = download(folder_ / "absent" / "out");

  EXPECT_THAT(fetched.error().message, HasSubstr("absent/out.part"));
}

TEST_F(TransferTest, ToAStreamGoesEveryByte) {
  create_bucket();
  ASSERT_TRUE(upload(write("in", std::string("abc\0def", 7))));
  std::ostringstream out;

  ASSERT_TRUE(runtime_.run(download_to(store_, key_, out, soon())));

  EXPECT_EQ(out.str(), std::string("abc\0def", 7));
}

}  // namespace
}  // namespace tarn::apps
