// Flat DRAM against arithmetic by hand and, for blocks, against line-by-line requests.
#include <gtest/gtest.h>

#include <random>

#include "sim/base/errors.h"
#include "sim/memory/flat_dram.h"

namespace heddle {
namespace {

TEST(FlatDram, ServesAChannelFirstComeFirstServed) {
  FlatDram dram({.channels = 2, .bandwidth = {32'000'000'000}, .latency = 80}, Frequency{1'000'000'000});
  Reply r;
  dram.read(0, Tensor::a, 10, r);  // 64 B at 16 B per cycle: 4 cycles a line
  EXPECT_EQ(r.granted, 10u);
  EXPECT_EQ(r.dram_start, 10u);
  EXPECT_EQ(r.at, 90u);
  dram.read(2, Tensor::b, 11, r);
  EXPECT_EQ(r.dram_start, 14u);
  EXPECT_EQ(r.at, 94u);
  dram.write(4, Tensor::c, 11, r);
  EXPECT_EQ(r.dram_start, 18u);
  EXPECT_EQ(r.at, 22u);
  dram.read(1, Tensor::a, 12, r);
  EXPECT_EQ(r.at, 92u);
  EXPECT_EQ(dram.last_write_done(), 22u);
  dram.close(100);
  dram.check_laws();
  EXPECT_EQ(dram.stats().bytes, 256u);
  EXPECT_EQ(dram.channel_stats(0).busy_clocks, 12u);
}

TEST(FlatDram, KeepsFractionsOfACycle) {
  // 16 channels of 68.256 GB/s at 1 GHz: 15.0023... cycles a line; after 1000 lines 15002.34..., rounded up.
  FlatDram dram({.channels = 16, .bandwidth = {68'256'000'000}, .latency = 1}, Frequency{1'000'000'000});
  Reply r;
  for (int i = 0; i < 1000; ++i) dram.write(0, Tensor::c, 0, r);
  EXPECT_EQ(r.at, (1000ull * 1'024'000 + 68'255) / 68'256);
}

TEST(FlatDram, BlocksAreTheSameLineByLine) {
  std::minstd_rand0 engine(5);
  const auto generator = [&engine] { return static_cast<std::uint32_t>(engine() >> 4); };
  for (int trial = 0; trial < 400; ++trial) {
    const std::uint32_t channels = 1 + generator() % 9;
    const FlatDramConfig config{channels, {1'000'000'000ull * (1 + generator() % 700)}, 1 + generator() % 50};
    const Frequency clock{1'000'000'000ull + generator() % 3 * 333'333'333};
    FlatDram blocks(config, clock), single(config, clock);
    Cycle now = 0;
    for (int request = 0; request < 20; ++request) {
      now += generator() % 30;
      const LineAddr first = generator() % 50;
      const std::uint64_t count = 1 + generator() % 60;
      const bool write = generator() % 2 == 0;
      Reply block, last;
      last.at = 0;
      (write ? blocks.write_block(first, count, Tensor::c, now, block)
             : blocks.read_block(first, count, Tensor::a, now, block));
      for (LineAddr line = first; line < first + count; ++line) {
        Reply one;
        (write ? single.write(line, Tensor::c, now, one) : single.read(line, Tensor::a, now, one));
        if (one.at > last.at) last = one;
      }
      ASSERT_EQ(block.at, last.at);
      ASSERT_EQ(block.dram_start, last.dram_start);
      ASSERT_EQ(block.granted, last.granted);
    }
    blocks.close(now), single.close(now);
    ASSERT_NO_THROW(blocks.check_laws());
    ASSERT_EQ(blocks.last_write_done(), single.last_write_done());
    for (std::uint32_t c = 0; c < channels; ++c) ASSERT_EQ(blocks.channel_stats(c), single.channel_stats(c));
  }
}

TEST(FlatDram, RefusesNothingness) {
  EXPECT_THROW(FlatDram({.channels = 0}, Frequency{1}), InputError);
  EXPECT_THROW(FlatDram({.bandwidth = {0}}, Frequency{1}), InputError);
  EXPECT_THROW(FlatDram({.latency = 0}, Frequency{1}), InputError);
  EXPECT_THROW(FlatDram({}, Frequency{0}), InputError);
}

}  // namespace
}  // namespace heddle
