#include "async/byte_source.h"

#include <gtest/gtest.h>

#include "async/test_support.h"

namespace tarn::async {
namespace {

TEST(ByteSource, ReadAllStopsAtTheLimit) {
  TestRuntime runtime;
  const auto exact = source_of(Bytes(1000, 'x'));
  const auto over = source_of(Bytes(1001, 'x'));

  const auto fits = runtime.run(read_all(*exact, 1000));
  const auto refused = runtime.run(read_all(*over, 1000));

  ASSERT_TRUE(fits);
  EXPECT_EQ(fits->size(), 1000U);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
}

TEST(ByteSource, PiecesAreBoundedAndTheEndStaysTheEnd) {
  TestRuntime runtime;
  const auto source = source_of(Bytes(300 * 1024, 'x'));
  static const auto pull = [](ByteSource& pulled) -> Task<ByteView> { return pulled.next(); };

  EXPECT_EQ(runtime.run(pull(*source))->size(), 256U * 1024);
  EXPECT_EQ(runtime.run(pull(*source))->size(), 44U * 1024);
  EXPECT_TRUE(runtime.run(pull(*source))->empty());
  EXPECT_TRUE(runtime.run(pull(*source))->empty());
}

}  // namespace
}  // namespace tarn::async
