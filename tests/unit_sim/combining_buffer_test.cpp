#include "sim/memory/combining_buffer.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>

#include "sim/base/errors.h"
#include "tests/unit_sim/mock_memory.h"

namespace heddle {
namespace {

using test::MockMemory;
using Requests = std::vector<MockMemory::Request>;

class CombiningBufferTest : public ::testing::Test {
 protected:
  Cycle add(LineAddr line, std::uint32_t bytes, Cycle now) {
    replies_.emplace_back();
    buffer_->add(line, bytes, now, replies_.back());
    return replies_.back().at;
  }

  Kernel kernel_;
  MockMemory dram_;
  std::deque<Reply> replies_;
  std::optional<CombiningBuffer> buffer_;
};

TEST_F(CombiningBufferTest, ALineIsWrittenWhenAllItsBytesHaveCome) {
  buffer_.emplace(4, 0, 128, 128, dram_, kernel_);
  EXPECT_EQ(add(0, 24, 3), 4u);
  EXPECT_EQ(add(1, 20, 3), 4u);
  EXPECT_EQ(add(0, 40, 5), 11u) << "the contributor waits for the write";
  EXPECT_EQ(add(1, 44, 9), 15u);
  EXPECT_EQ(dram_.requests, (Requests{{true, 0, Tensor::c, 5}, {true, 1, Tensor::c, 9}}));
  EXPECT_TRUE(buffer_->done());
  EXPECT_EQ(buffer_->evictions(), 0u);
}

TEST_F(CombiningBufferTest, TheLastLineOfCIsCompleteWithTheBytesItHas) {
  buffer_.emplace(4, 0, 100, 36, dram_, kernel_);
  add(1, 12, 0);
  add(1, 24, 1);
  EXPECT_EQ(dram_.requests, (Requests{{true, 1, Tensor::c, 1}}));
}

TEST_F(CombiningBufferTest, AFullBufferWritesItsOldestLineAndTheRestAtTheEnd) {
  buffer_.emplace(2, 0, 192, 192, dram_, kernel_);
  add(0, 32, 0);
  add(1, 32, 1);
  EXPECT_EQ(add(2, 32, 2), 8u) << "line 0 is written";
  add(1, 32, 3);  // complete
  add(0, 32, 4);  // opened again
  EXPECT_FALSE(buffer_->done());
  add(2, 32, 5);  // complete, and the last bytes
  kernel_.run();
  EXPECT_EQ(
      dram_.requests,
      (Requests{{true, 0, Tensor::c, 2}, {true, 1, Tensor::c, 3}, {true, 2, Tensor::c, 5}, {true, 0, Tensor::c, 6}}));
  EXPECT_EQ(buffer_->evictions(), 1u);
  EXPECT_TRUE(buffer_->done());
}

TEST_F(CombiningBufferTest, OpenLinesAreWrittenOldestFirstOnePerCycle) {
  buffer_.emplace(2, 0, 256, 256, dram_, kernel_);
  for (LineAddr line = 0; line < 4; ++line) add(line, 32, line);  // evicts 0 and 1
  for (LineAddr line = 0; line < 4; ++line) add(line, 32, 10 + line);
  kernel_.run();
  const std::vector<MockMemory::Request>& requests = dram_.requests;
  ASSERT_EQ(requests.size(), 8u);
  EXPECT_EQ(requests[6], (MockMemory::Request{true, 2, Tensor::c, 14}));
  EXPECT_EQ(requests[7], (MockMemory::Request{true, 3, Tensor::c, 15}));
}

TEST_F(CombiningBufferTest, BytesThatNeverComeAreADeadlock) {
  buffer_.emplace(2, 0, 64, 64, dram_, kernel_);
  add(0, 12, 0);
  try {
    kernel_.run();
    FAIL() << "no deadlock reported";
  } catch (const Deadlock& deadlock) {
    EXPECT_NE(std::string(deadlock.what()).find("52 bytes of C"), std::string::npos) << deadlock.what();
  }
}

}  // namespace
}  // namespace heddle
