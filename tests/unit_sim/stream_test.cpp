#include "sim/memory/stream.h"

#include <gtest/gtest.h>

#include "tests/unit_sim/mock_memory.h"

namespace heddle {
namespace {

TEST(Stream, RequestsInOrderUpToItsCapacity) {
  test::MockMemory dram;
  test::MockSink owner;
  LineRange lines(100, 5);
  Stream stream(dram, lines, Tensor::a, 2, owner, 3);
  for (Cycle now = 0; now < 4; ++now) stream.request(now);
  ASSERT_EQ(dram.requests.size(), 2u);
  EXPECT_EQ(dram.requests[0].line, 100u);
  EXPECT_EQ(dram.requests[1].line, 101u);
  EXPECT_EQ(dram.requests[1].at, 1u);
  EXPECT_FALSE(stream.wants());
  EXPECT_FALSE(stream.in(0, 9));
  EXPECT_TRUE(stream.in(0, 10));
  EXPECT_FALSE(stream.in(2, 1000)) << "not requested";

  stream.release(1);
  EXPECT_TRUE(stream.in(0, 0)) << "released lines were in";
  EXPECT_TRUE(stream.wants());
  stream.request(12);
  EXPECT_EQ(stream.requested(), 3u);
  EXPECT_EQ(stream.reply(2).at, 22u);
  EXPECT_EQ(stream.reply(2).tag, 3u);
}

TEST(Stream, EndsWithItsSequence) {
  test::MockMemory dram;
  test::MockSink owner;
  LineRange lines(4, 2);
  Stream stream(dram, lines, Tensor::pointers, 8, owner, 0);
  for (Cycle now = 0; now < 5; ++now) stream.request(now);
  EXPECT_EQ(dram.requests.size(), 2u);
  EXPECT_FALSE(stream.wants());
}

TEST(Stream, AnEmptySequenceWantsNothing) {
  test::MockMemory dram;
  test::MockSink owner;
  LineRange lines(4, 0);
  Stream stream(dram, lines, Tensor::a, 8, owner, 0);
  EXPECT_FALSE(stream.wants());
}

}  // namespace
}  // namespace heddle
