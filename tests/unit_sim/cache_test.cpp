#include "sim/memory/cache.h"

#include <gtest/gtest.h>

#include <deque>
#include <initializer_list>
#include <optional>
#include <utility>

#include "tests/unit_sim/mock_memory.h"

namespace heddle {
namespace {

using test::MockMemory;
using test::MockSink;
using test::Script;
using Requests = std::vector<MockMemory::Request>;

/// One bank with one set of two ways and one MSHR, latency 4, over a memory with reads of 10 and writes of 6 cycles.
SramConfig small(Replacement replacement = Replacement::lru) {
  SramConfig config;
  config.replacement = replacement;
  config.capacity = Bytes{2 * kLineBytes};
  config.banks = 1;
  config.ways = 2;
  config.mshrs = 1;
  config.latency = 4;
  return config;
}

class CacheTest : public ::testing::Test {
 protected:
  void make(const SramConfig& config) {
    cache_.emplace(config, dram_, kernel_);
    script_.emplace(kernel_);
  }
  BurstReply& reply() {
    replies_.emplace_back();
    replies_.back().sink = &sink_;
    replies_.back().tag = static_cast<std::uint32_t>(replies_.size() - 1);
    return replies_.back();
  }
  /// Numbers of the accesses are those of replies_.
  void read(Cycle at, LineAddr first, std::uint32_t lines = 1) {
    BurstReply& r = reply();
    script_->at(at, [this, first, lines, &r](Cycle now) { cache_->read(first, lines, Tensor::b, now, r); });
  }
  /// Single lines, each at its cycle; then runs.
  void run_reads(std::initializer_list<std::pair<Cycle, LineAddr>> reads) {
    for (const auto& [at, line] : reads) read(at, line);
    kernel_.run();
  }
  void put(Cycle at, LineAddr line, std::uint32_t bytes) {
    BurstReply& r = reply();
    script_->at(
        at, [this, line, bytes, &r](Cycle now) { cache_->put(line * kLineBytes, line * kLineBytes + bytes, now, r); });
  }
  void take(Cycle at, LineAddr line, std::uint32_t bytes) {
    BurstReply& r = reply();
    script_->at(
        at, [this, line, bytes, &r](Cycle now) { cache_->take(line * kLineBytes, line * kLineBytes + bytes, now, r); });
  }
  void expect_milestones(std::size_t i, Cycle granted, Cycle dram_start, Cycle dram_done, Cycle at) {
    EXPECT_EQ(replies_[i].granted, granted) << "access " << i;
    EXPECT_EQ(replies_[i].dram_start, dram_start) << "access " << i;
    EXPECT_EQ(replies_[i].dram_done, dram_done) << "access " << i;
    EXPECT_EQ(replies_[i].at, at) << "access " << i;
  }

  Kernel kernel_;
  MockMemory dram_;
  MockSink sink_;
  std::optional<Cache> cache_;
  std::optional<Script> script_;
  std::deque<BurstReply> replies_;
};

TEST_F(CacheTest, AMissFillsFromDramAndAHitTakesTheLatency) {
  make(small());
  run_reads({{0, 7}, {20, 7}});
  expect_milestones(0, 0, 0, 10, 14);
  expect_milestones(1, 20, 20, 20, 24);
  EXPECT_EQ(dram_.requests, (Requests{{false, 7, Tensor::b, 0}}));
  EXPECT_EQ(cache_->stats().hits, 1u);
  EXPECT_EQ(cache_->stats().misses, 1u);
  EXPECT_EQ(cache_->stats().read_bytes, 2 * kLineBytes);
  EXPECT_EQ(cache_->stats().written_bytes, kLineBytes);
  EXPECT_EQ(cache_->last_service_end(), 21u);
}

TEST_F(CacheTest, AHitOnALineInFlightWaitsForItsFill) {
  make(small());
  run_reads({{0, 7}, {3, 7}, {9, 7}, {10, 7}});
  expect_milestones(1, 3, 3, 10, 14);
  expect_milestones(2, 9, 9, 10, 14);
  expect_milestones(3, 10, 10, 10, 14);
  EXPECT_EQ(dram_.requests.size(), 1u);
}

TEST_F(CacheTest, ABankServesOneAccessPerCycleInOrderOfArrival) {
  make(small());
  read(0, 7);
  for (int i = 0; i < 3; ++i) read(20, 7);
  read(21, 7);
  kernel_.run();
  expect_milestones(1, 20, 20, 20, 24);
  expect_milestones(2, 21, 21, 21, 25);
  expect_milestones(3, 22, 22, 22, 26);
  expect_milestones(4, 23, 23, 23, 27);
  EXPECT_TRUE(sink_.decided.empty()) << "a hit is decided within the call";
}

TEST_F(CacheTest, LinesOfDifferentBanksAreServedInOneCycle) {
  SramConfig config = small();
  config.capacity = Bytes{4 * kLineBytes};
  config.banks = 2;
  config.mshrs = 2;
  make(config);
  run_reads({{0, 6}, {0, 7}});
  expect_milestones(0, 0, 0, 10, 14);
  expect_milestones(1, 0, 0, 10, 14);
}

TEST_F(CacheTest, WithoutAFreeMshrTheHeadWaitsAndNobodyPasses) {
  make(small());
  run_reads({{0, 0}, {1, 1}, {2, 0}});
  expect_milestones(1, 10, 10, 20, 24);
  expect_milestones(2, 11, 11, 11, 15);
  EXPECT_EQ(sink_.decided, (std::vector<std::uint32_t>{1, 2}));
}

TEST_F(CacheTest, LruEvictsTheLineNotUsedForLongest) {
  make(small());
  run_reads({{0, 0}, {20, 1}, {40, 0}, {60, 2}, {80, 0}, {100, 1}});
  EXPECT_EQ(cache_->stats().hits, 2u);
  EXPECT_EQ(cache_->stats().misses, 4u);
  EXPECT_EQ(cache_->stats().evictions, 2u);
  EXPECT_EQ(cache_->stats().spills, 0u);
}

TEST_F(CacheTest, FifoEvictsTheLineTakenFirst) {
  make(small(Replacement::fifo));
  // 60: replaces 0
  run_reads({{0, 0}, {20, 1}, {40, 0}, {60, 2}, {80, 1}, {100, 0}});
  EXPECT_EQ(
      dram_.requests,
      (Requests{
          {false, 0, Tensor::b, 0}, {false, 1, Tensor::b, 20}, {false, 2, Tensor::b, 60}, {false, 0, Tensor::b, 100}}));
}

TEST_F(CacheTest, RandomEvictsTheCandidateDrawn) {
  make(small(Replacement::random));
  run_reads({{0, 0}, {20, 1}, {40, 2}, {60, 0}});
  const std::uint64_t drawn = 0xe220a8397b1dcdaf;  // splitmix64(0): bank 0, no eviction so far
  const bool zero_left = drawn % 2 == 0;
  EXPECT_EQ(cache_->stats().misses, zero_left ? 4u : 3u);
}

TEST_F(CacheTest, NextUseEvictsTheLineWithTheFewestReadsToCome) {
  make(small(Replacement::next_use));
  cache_->expect_reads(0, 4);
  cache_->announce(0, 3 * kLineBytes);  // lines 0 to 2 once
  cache_->announce(0, 1);               // line 0 again
  // 40: line 0 is older, but will be read again: replaces 1; 60: finds it
  run_reads({{0, 0}, {20, 1}, {40, 2}, {60, 0}});
  EXPECT_EQ(cache_->stats().hits, 1u);
  EXPECT_EQ(cache_->stats().misses, 3u);
}

TEST_F(CacheTest, NextUseTakesTheOldestOfEqualsAndADirtyLineForOneRead) {
  make(small(Replacement::next_use));
  cache_->expect_reads(0, 4);
  for (const LineAddr line : {0, 1, 2}) cache_->announce(line * kLineBytes, (line + 1) * kLineBytes);
  put(0, 8, 60);
  read(10, 0);
  read(30, 1);  // replaces 0, which nobody will read, not the older dirty line
  read(50, 2);  // likewise 1
  kernel_.run();
  EXPECT_EQ(cache_->stats().evictions, 2u);
  EXPECT_EQ(cache_->stats().spills, 0u);
}

TEST_F(CacheTest, ALineBeingFilledIsNotEvicted) {
  SramConfig config = small();
  config.capacity = Bytes{3 * kLineBytes};
  config.ways = 3;
  config.mshrs = 2;
  make(config);
  // 30: lines 1 and 2 are older now; 31: replaces 1; 32: 3 is under way: replaces 2
  run_reads({{0, 0}, {1, 1}, {20, 2}, {30, 0}, {31, 3}, {32, 4}, {50, 0}});
  EXPECT_EQ(cache_->stats().hits, 2u);
  EXPECT_EQ(cache_->stats().evictions, 2u);
  expect_milestones(5, 32, 32, 42, 46);
}

TEST_F(CacheTest, LinesOfOneRequestAreServedInAddressOrderAndItsReplyIsThatOfTheLast) {
  make(small());
  read(0, 7);
  read(20, 7, 2);  // 7 in 20, 8 in 21: from DRAM
  read(50, 7, 2);  // both here
  kernel_.run();
  expect_milestones(1, 21, 21, 31, 35);
  expect_milestones(2, 51, 51, 51, 55);
  EXPECT_EQ(dram_.requests, (Requests{{false, 7, Tensor::b, 0}, {false, 8, Tensor::b, 21}}));
  EXPECT_EQ(cache_->stats().hits, 3u);
  EXPECT_EQ(cache_->stats().misses, 2u);
}

TEST_F(CacheTest, PartialLinesAreFreedWhenAllTheirBytesAreTaken) {
  make(small());
  put(0, 5, 50);
  take(5, 5, 30);
  take(6, 5, 20);
  take(7, 5, 20);  // gone
  kernel_.run();
  expect_milestones(0, 0, 0, 0, 1);
  expect_milestones(1, 5, 5, 5, 9);
  expect_milestones(2, 6, 6, 6, 10);
  expect_milestones(3, 7, 7, 17, 21);
  EXPECT_EQ(dram_.requests, (Requests{{false, 5, Tensor::partial, 7}}));
  EXPECT_EQ(cache_->stats().evictions, 0u);
}

TEST_F(CacheTest, ASpillWritesTheLineAndOccupiesAnMshr) {
  make(small());
  put(0, 0, 64);
  put(1, 1, 64);
  put(2, 2, 64);  // spills 0
  put(3, 3, 64);  // spills 1 when the MSHR is free
  take(30, 0, 64);
  kernel_.run();
  expect_milestones(2, 2, 2, 2, 3);
  expect_milestones(3, 8, 8, 8, 9);
  expect_milestones(4, 30, 30, 40, 44);
  EXPECT_EQ(dram_.requests,
            (Requests{{true, 0, Tensor::partial, 2}, {true, 1, Tensor::partial, 8}, {false, 0, Tensor::partial, 30}}));
  EXPECT_EQ(cache_->stats().spills, 2u);
  EXPECT_EQ(cache_->stats().read_bytes, 3 * kLineBytes) << "two spills and a take";
  EXPECT_EQ(cache_->stats().written_bytes, 4 * kLineBytes) << "a taken line fills no way";
}

TEST_F(CacheTest, AMissThatSpillsHoldsItsMshrUntilBothAreOver) {
  dram_.write_latency = 25;
  make(small());
  put(0, 0, 64);
  put(1, 1, 64);
  // 2: spills 0: write over at 27, fill at 12
  run_reads({{2, 2}, {13, 3}});
  expect_milestones(2, 2, 2, 12, 16);
  EXPECT_EQ(replies_[3].granted, 27u);
}

TEST_F(CacheTest, ABlockedPutIsServedWhenAFillLeavesACleanLineToReplace) {
  SramConfig config = small();
  config.replacement = Replacement::fifo;
  dram_.write_latency = 100;
  make(config);
  put(0, 0, 64);
  put(1, 1, 64);
  read(2, 2);  // spills 0: fill at 12, the MSHR is taken until 102
  take(3, 1, 64);
  put(4, 3, 64);  // where 1 was
  put(5, 4, 64);  // 2 is being filled and 3 is dirty
  kernel_.run();
  EXPECT_EQ(replies_[5].granted, 12u) << "line 2 is the oldest now, and clean";
  EXPECT_EQ(cache_->stats().spills, 1u);
}

TEST_F(CacheTest, RepliesOfASlowerMemoryAreForwardedWhenDecided) {
  dram_.deferred = true;
  make(small());
  read(0, 7);
  read(2, 7);
  read(3, 8);  // no MSHR
  script_->at(5, [&](Cycle) { dram_.answer(0, 30); });
  script_->at(40, [&](Cycle) { dram_.answer(1, 55); });
  kernel_.run();
  expect_milestones(0, 0, 0, 30, 34);
  expect_milestones(1, 2, 2, 30, 34);
  expect_milestones(2, 30, 30, 55, 59);
  EXPECT_EQ(sink_.decided, (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(CacheSets, FindsTagsWhateverTheNumberOfWays) {
  for (std::uint32_t ways = 1; ways <= 20; ++ways) {
    CacheSets sets(3, ways);
    const CacheSets::Set set = sets.set(1);
    for (std::uint32_t w = 0; w < ways; ++w) set.tags[w] = 100 + w;
    for (std::uint32_t w = 0; w < ways; ++w) EXPECT_EQ(sets.find(set, 100 + w), w) << ways << " ways";
    EXPECT_EQ(sets.find(set, 99), CacheSets::kNone);
    EXPECT_EQ(sets.find(sets.set(0), 100), CacheSets::kNone);
    EXPECT_EQ(sets.find(sets.set(2), 100), CacheSets::kNone);
  }
}

TEST(CacheSets, RenumberingKeepsTheOrderAndFreeWays) {
  CacheSets sets(1, 4);
  const CacheSets::Set set = sets.set(0);
  const std::uint32_t stamps[] = {2'000'000'000u, 17, 0, 90};
  std::copy(std::begin(stamps), std::end(stamps), set.stamps);
  EXPECT_EQ(sets.oldest(set), 2u);
  sets.renumber(0, 1, 1);
  EXPECT_EQ(std::vector<std::uint32_t>(set.stamps, set.stamps + 4), (std::vector<std::uint32_t>{3, 1, 0, 2}));
}

}  // namespace
}  // namespace heddle
