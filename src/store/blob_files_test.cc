#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/metrics.h"
#include "store/blob_files_internal.h"
#include "store/blob_garbage_internal.h"
#include "store/file_system_internal.h"
#include "store/test_support.h"

namespace tarn::store {
namespace {

Uuid id_of(std::uint8_t last_byte) {
  Uuid id;
  id.bytes[15] = last_byte;
  return id;
}

/// Blob folders on the real file system.
class BlobFiles : public testing::Test {
 protected:
  BlobFiles() { EXPECT_TRUE(folders_.create()); }

  void write(const Uuid& id, const Bytes& bytes) {
    auto writer = BlobWriter::create(folders_, id, bytes.size());
    ASSERT_TRUE(writer) << to_string(writer.error());
    for (std::size_t at = 0; at < bytes.size(); at += kTransferBytes) {
      ASSERT_TRUE(writer->append(ByteView(bytes).substr(at, kTransferBytes)));
    }
    ASSERT_TRUE(writer->finish());
  }

  TemporaryFolder folder_;
  PosixFileSystem file_system_;
  BlobFolders folders_{file_system_, folder_.path() + "/blobs"};
};

TEST_F(BlobFiles, BlocksComeBackVerifiedFromAnyBlockOn) {
  Bytes bytes;
  for (std::size_t i = 0; bytes.size() < 5 * kBlockBytes + 100; ++i) bytes += std::to_string(i);
  bytes.resize(5 * kBlockBytes + 100);
  write(id_of(1), bytes);
  auto reader = BlobReader::open(folders_, id_of(1), bytes.size());
  ASSERT_TRUE(reader) << to_string(reader.error());
  std::vector<char> buffer(2 * kBlockBytes);

  for (const std::uint64_t block : {4U, 0U, 1U, 5U, 3U}) {
    const auto got = reader->read_blocks(block, buffer);

    ASSERT_TRUE(got) << to_string(got.error());
    const std::size_t offset = block * kBlockBytes;
    EXPECT_EQ(*got, std::min<std::size_t>(2 * kBlockBytes, bytes.size() - offset));
    EXPECT_TRUE(ByteView(buffer.data(), *got) == ByteView(bytes).substr(offset, *got)) << block;
  }
}

TEST_F(BlobFiles, FileIsTheBytesThenTheirChecksumsThenTheFooter) {
  write(id_of(1), Bytes(kBlockBytes + 1, 'x'));

  // docs/formats/store.md.
  EXPECT_EQ(std::filesystem::file_size(folders_.path_of(id_of(1))), kBlockBytes + 1 + 2 * 4 + 24);
  EXPECT_TRUE(folders_.path_of(id_of(0x2b)).ends_with("/blobs/b/0000000000000000000000000000002b"));
}

TEST_F(BlobFiles, OtherSizeThanTheIndexSaysIsCorrupt) {
  write(id_of(1), Bytes(1000, 'x'));

  EXPECT_FALSE(BlobReader::open(folders_, id_of(1), 999));
  EXPECT_FALSE(BlobReader::open(folders_, id_of(1), 1001));
  const auto missing = BlobReader::open(folders_, id_of(2), 1000);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kCorrupt);
}

TEST_F(BlobFiles, NamesAreNeverReused) {
  write(id_of(1), "first");

  const auto second = BlobWriter::create(folders_, id_of(1), 6);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
}

TEST_F(BlobFiles, PinnedContentIsRemovedAfterItsLastReader) {
  Metrics metrics;
  Counter& removed = metrics.counter("removed", "");
  BlobGarbage garbage(folders_, removed);
  for (const std::uint8_t blob : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) write(id_of(blob), "bytes");
  const Uuid content = id_of(99);
  auto first = garbage.pin(content);
  auto second = garbage.pin(content);
  const std::vector<BlobGarbage::Item> items = {{.content = content, .blob = id_of(1)},
                                                {.content = content, .blob = id_of(2)},
                                                {.content = id_of(3), .blob = id_of(3)}};

  garbage.discard(items);
  garbage.drain();
  EXPECT_EQ(removed.value(), 1U) << "only what nobody reads";
  first = {};
  garbage.drain();
  EXPECT_EQ(removed.value(), 1U);
  second = {};
  garbage.drain();

  EXPECT_EQ(removed.value(), 3U);
  EXPECT_FALSE(std::filesystem::exists(folders_.path_of(id_of(1))));
}

}  // namespace
}  // namespace tarn::store
