// The twins on cases small enough to be worked out by hand from sim/SEMANTICS.md and dataflows/SEMANTICS.md.
#include <gtest/gtest.h>

#include "tests/twin/twin_cache.h"
#include "tests/twin/twin_combining_buffer.h"
#include "tests/twin/twin_converter.h"
#include "tests/twin/twin_flat_dram.h"
#include "tests/twin/twin_machine.h"
#include "tests/twin/twin_stream.h"

namespace heddle::twin {
namespace {

constexpr Frequency kClock{1'000'000'000};

/// One channel, a line per `interval` cycles, latency 10.
FlatDramConfig flat(std::uint64_t bytes_per_cycle) {
  return {1, Bandwidth{bytes_per_cycle * kClock.hertz}, 10};
}

std::uint64_t cell(const TwinAccount::Sums& sums, Tensor tensor, Cause cause) {
  return sums.stalls[static_cast<std::size_t>(tensor)][static_cast<std::size_t>(cause)];
}

TEST(TwinFlatDram, CountsInFractionsOfACycle) {
  WorkLog log;
  TwinFlatDram dram(flat(3), kClock, log);  // an interval of 21 1/3 cycles
  EXPECT_EQ(dram.read(0, Tensor::b, 0).at, 10u);
  EXPECT_EQ(dram.read(1, Tensor::b, 0).at, 22u + 10);
  EXPECT_EQ(dram.write(2, Tensor::c, 0).at, 64u);
  const Reply& last = dram.read(3, Tensor::b, 1);
  EXPECT_EQ(last.granted, 1u);
  EXPECT_EQ(last.dram_start, 64u);
  EXPECT_EQ(last.at, 74u);
  EXPECT_EQ(dram.last_write_done(), 64u);
}

TEST(TwinStream, RequestsOneLinePerCycleWithinItsCapacity) {
  WorkLog log;
  TwinFlatDram dram(flat(64), kClock, log);
  TwinStream stream({5, 6, 7}, Tensor::a, 2, dram);
  for (Cycle t = 0; t < 4; ++t) stream.step(t);
  EXPECT_FALSE(stream.all_requested());
  EXPECT_FALSE(stream.in(0, 9));
  EXPECT_TRUE(stream.in(0, 10));
  EXPECT_TRUE(stream.in(0, 1, 11));
  stream.release_before(1);
  stream.step(12);
  EXPECT_EQ(stream.reply(2).at, 22u);
}

TEST(TwinCombiningBuffer, WritesCompleteLinesAndTheOldestWhenFull) {
  WorkLog log;
  TwinFlatDram dram(flat(64), kClock, log);
  // lines 0, 1 and 2 are shared by two rows each
  const std::vector<ByteRange> rows = {{0, 36}, {36, 96}, {96, 140}, {140, 180}};
  TwinCombiningBuffer buffer(rows, 1, dram, log);
  EXPECT_TRUE(buffer.shared(0) && buffer.shared(1) && buffer.shared(2));
  EXPECT_EQ(buffer.contribute(0, 36, 5).at, 6u);   // opens an entry
  EXPECT_EQ(buffer.contribute(1, 32, 6).at, 7u);   // takes its place: line 0 is written in 6
  EXPECT_EQ(buffer.contribute(1, 32, 8).at, 9u);   // complete
  EXPECT_EQ(buffer.contribute(0, 28, 9).at, 10u);  // reopened
  EXPECT_EQ(buffer.contribute(2, 12, 9).at, 10u);  // line 0 again, in 9
  EXPECT_FALSE(buffer.done());
  EXPECT_EQ(buffer.contribute(2, 40, 20).at, 21u);
  EXPECT_TRUE(buffer.done());
  EXPECT_EQ(dram.write_bytes[static_cast<std::size_t>(Tensor::c)], 4 * kLineBytes);
}

struct CacheBench {
  WorkLog log;
  TwinFlatDram dram{flat(64), kClock, log};
  TwinCache cache;
  explicit CacheBench(std::uint32_t ways, std::uint32_t mshrs, Replacement replacement = Replacement::lru)
      : cache(SramConfig{Bytes{ways * kLineBytes}, 1, ways, 2, mshrs, replacement}, dram, log) {}
};

TEST(TwinCache, MissHitAndHitOnALineUnderWay) {
  CacheBench bench(2, 1);
  using enum TwinCache::Kind;
  const Reply& miss = bench.cache.access(read, 7, Tensor::b, 0, 0);
  const Reply& under_way = bench.cache.access(read, 7, Tensor::b, 0, 0);  // the bank has served in this cycle
  EXPECT_EQ(miss.at, 12u);
  EXPECT_FALSE(under_way.known());
  bench.cache.step(1);
  EXPECT_EQ(under_way.granted, 1u);
  EXPECT_EQ(under_way.at, 12u);
  EXPECT_EQ(bench.cache.access(read, 7, Tensor::b, 0, 30).at, 32u);
  EXPECT_EQ(bench.cache.hits, 2u);
  EXPECT_EQ(bench.cache.misses, 1u);
}

TEST(TwinCache, WaitsForAnMshrAndSpillsAPartialLine) {
  CacheBench bench(2, 1);
  using enum TwinCache::Kind;
  EXPECT_EQ(bench.cache.access(put, 1, Tensor::partial, 64, 0).at, 1u);
  EXPECT_EQ(bench.cache.access(put, 2, Tensor::partial, 20, 1).at, 2u);
  EXPECT_EQ(bench.cache.access(read, 3, Tensor::b, 0, 2).at, 14u);  // over line 1: fill in 2, its write waits one cycle
  const Reply& waits = bench.cache.access(take, 1, Tensor::partial, 64, 3);
  for (Cycle t = 4; t <= 11; ++t) bench.cache.step(t);
  EXPECT_FALSE(waits.known());
  bench.cache.step(12);  // the fill of line 3 is here
  EXPECT_EQ(waits.granted, 12u);
  EXPECT_EQ(waits.at, 24u);
  EXPECT_EQ(bench.cache.spills, 1u);
  EXPECT_EQ(bench.cache.access(take, 2, Tensor::partial, 20, 40).at, 42u);
  EXPECT_EQ(bench.cache.access(put, 4, Tensor::partial, 8, 41).at, 42u);  // in the way that line 2 left
  EXPECT_EQ(bench.cache.evictions, 1u);
}

// Lines 1 and 2 of B have a use to come each, line 3 has two; a read takes one, also one that misses.
TEST(TwinCache, EvictsTheLineOfFewestUsesToCome) {
  CacheBench bench(2, 1, Replacement::next_use);
  using enum TwinCache::Kind;
  const auto hit = [&](LineAddr line, Tensor tensor, Cycle t) {
    const std::uint64_t hits = bench.cache.hits;
    bench.cache.access(read, line, tensor, 0, t);
    bench.cache.step(t + 40);
    return bench.cache.hits > hits;
  };
  bench.cache.announce(kLineBytes, 3 * kLineBytes + 1);  // lines 1 to 3
  bench.cache.announce(4 * kLineBytes - 1, 4 * kLineBytes);
  bench.cache.announce(5 * kLineBytes, 5 * kLineBytes);  // of no elements
  EXPECT_FALSE(hit(3, Tensor::b, 0));                    // one more
  EXPECT_FALSE(hit(1, Tensor::b, 100));                  // none
  EXPECT_FALSE(hit(9, Tensor::pointers, 200));           // over line 1, though line 3 was served before it
  EXPECT_TRUE(hit(3, Tensor::pointers, 300));            // is no use of a fiber
  EXPECT_FALSE(hit(2, Tensor::b, 400));                  // over line 9
  EXPECT_TRUE(hit(3, Tensor::b, 500));                   // none
  EXPECT_FALSE(hit(9, Tensor::pointers, 600));           // over line 2, as both have none
  bench.cache.access(put, 20, Tensor::partial, 8, 700);  // over line 3
  EXPECT_TRUE(hit(9, Tensor::pointers, 800));
  bench.cache.announce(kLineBytes, 2 * kLineBytes);
  bench.cache.announce(kLineBytes, 2 * kLineBytes);
  EXPECT_FALSE(hit(1, Tensor::b, 900));  // over line 9: line 20 is dirty and has one use to come
  EXPECT_EQ(bench.cache.spills, 0u);
  EXPECT_FALSE(hit(9, Tensor::pointers, 1000));  // over line 20, as line 1 has one too and was served later
  EXPECT_EQ(bench.cache.spills, 1u);
  EXPECT_EQ(bench.log.events["next_use_spares_lru"], 2u);
}

// Four banks of two sets of one line. Line 6 is in bank 0 or 2, by the cluster, and in set 1 of it; so are partial line
// 14, in bank 2 always, and line 2.
TEST(TwinCache, EachClusterHasACopy) {
  WorkLog log;
  TwinFlatDram dram(flat(64), kClock, log);
  TwinCache cache(SramConfig{Bytes{8 * kLineBytes}, 4, 1, 2, 4, Replacement::lru, 2}, dram, log);
  using enum TwinCache::Kind;
  EXPECT_EQ(cache.access(read, 6, Tensor::b, 0, 0, 1).at, 12u);
  EXPECT_EQ(cache.access(read, 6, Tensor::b, 0, 0, 0).at, 13u);  // in the same cycle, a line of its own
  EXPECT_EQ(log.events["line_in_two_clusters"], 1u);
  EXPECT_EQ(cache.access(read, 6, Tensor::b, 0, 20, 1).at, 22u);
  EXPECT_EQ(cache.access(read, 4, Tensor::b, 0, 30, 0).at, 42u);  // in set 0
  EXPECT_EQ(cache.access(read, 6, Tensor::b, 0, 50, 0).at, 52u);
  EXPECT_EQ(cache.access(read, 2, Tensor::b, 0, 60, 0).at, 72u);  // over line 6, in cluster 0 only
  EXPECT_EQ(cache.access(read, 6, Tensor::b, 0, 80, 1).at, 82u);
  EXPECT_EQ(cache.access(put, 14, Tensor::partial, 64, 90).at, 91u);  // over line 6 in cluster 1
  EXPECT_EQ(cache.access(read, 2, Tensor::b, 0, 100, 0).at, 102u);
  EXPECT_EQ(cache.access(read, 6, Tensor::b, 0, 110, 1).at, 122u);  // over line 14
  EXPECT_EQ(cache.spills, 1u);
  EXPECT_EQ(cache.evictions, 3u);
  EXPECT_EQ(cache.misses, 5u);
  EXPECT_EQ(cache.hits, 4u);
}

TEST(TwinConverter, PassesFollowTheFanOut) {
  EXPECT_EQ(conversion_passes(100, 0, 64), 1u);
  EXPECT_EQ(conversion_passes(1, 5, 64), 1u);
  EXPECT_EQ(conversion_passes(32, 5, 64), 1u);
  EXPECT_EQ(conversion_passes(33, 5, 64), 2u);
  EXPECT_EQ(conversion_passes(9, 5, 2), 4u);
}

/// One nonzero each, memory of a line per cycle and latency 10, cache latency 2, PE latency 3.
struct OneByOne {
  Workload workload;
  Config config;
  OneByOne() {
    const auto one = std::make_shared<const Csr>(Csr{1, 1, {0, 1}, {0}, {1.0}});
    workload = make_workload(one, one, "a", "b");
    config.machine.pe.count = 1;
    config.machine.pe.latency = 3;
    config.machine.sram.latency = 2;
    config.machine.dram.kind = DramKind::flat;
    config.machine.dram.flat = flat(64);
    config.outer_product.convert = Convert::free;
    config.inner_product.convert = Convert::free;
  }
};

// Streams are requested in 0 and 1 of the channel, here in 10 and 11; the task goes to the PE in 11 and is seen in 12.
// Pointers of B: 12 .. 22 .. 24; its line: 24 .. 34 .. 36; merged in 36; in its line in 39; written by 40.
TEST(TwinRowWise, OneElement) {
  const OneByOne c;
  const TwinResult r = twin_row_wise(c.workload, c.config);
  const TwinAccount::Sums& pe = r.groups.at("pe").front();
  EXPECT_EQ(r.cycles, 40u);
  EXPECT_EQ(pe.no_work, 12u);
  EXPECT_EQ(cell(pe, Tensor::pointers, Cause::dram_timing), 10u);
  EXPECT_EQ(cell(pe, Tensor::pointers, Cause::cache_latency), 2u);
  EXPECT_EQ(cell(pe, Tensor::b, Cause::dram_timing), 10u);
  EXPECT_EQ(cell(pe, Tensor::b, Cause::cache_latency), 2u);
  EXPECT_EQ(pe.busy, 1u);
  EXPECT_EQ(pe.idle, 3u);
  EXPECT_EQ(r.misses, 2u);
}

// Rows 0 and 1 go to PEs 0 and 1 in 11 and 12, where C's pointers are written too. PE 0's pointers come 13 .. 23 .. 25,
// its line 25 .. 35 .. 37; merged in 37, in its line in 40. PE 1 finds the same lines under way, as late; in another
// cluster it misses them, 14 .. 24 .. 26 and 26 .. 36 .. 38. The second of them completes the line of C.
TEST(TwinRowWise, TwoPesInOneClusterOrInTwo) {
  OneByOne c;
  const auto column = std::make_shared<const Csr>(Csr{2, 1, {0, 1, 2}, {0, 0}, {1.0, 1.0}});
  c.workload = make_workload(column, c.workload.b, "a", "b");
  const auto expect = [&](std::uint32_t count, std::uint32_t clusters, Cycle cycles, std::uint64_t misses) {
    c.config.machine.pe.count = count;
    c.config.machine.sram.clusters = clusters;
    const TwinResult r = twin_row_wise(c.workload, c.config);
    EXPECT_EQ(r.cycles, cycles) << count << " PEs, clusters " << clusters;
    EXPECT_EQ(r.misses, misses) << count << " PEs, clusters " << clusters;
    EXPECT_EQ(r.hits, 4 - misses) << count << " PEs, clusters " << clusters;
  };
  expect(2, 1, 41, 2);
  expect(2, 2, 42, 4);
  expect(3, 2, 41, 2);  // PEs 0 and 1 in cluster 0
  expect(2, 4, 42, 4);  // clusters 0 and 2
}

// Twelve elements in three lines, a line per burst. The head, two lines, is requested in 24; its second line comes
// 25 .. 35 .. 37. Element 5 ends line 0 in 42: line 2 comes 42 .. 52 .. 54, where element 10 waits for it from 47 on.
// The lines of C go out in 45, 57 and 58.
TEST(TwinRowWise, RefillsOneFiber) {
  OneByOne c;
  const auto one = std::make_shared<const Csr>(Csr{1, 1, {0, 1}, {0}, {1.0}});
  Csr b{1, 12, {0, 12}, {}, std::vector<double>(12, 1.0)};
  for (Coordinate j = 0; j < 12; ++j) b.coordinates.push_back(j);
  c.workload = make_workload(one, std::make_shared<const Csr>(b), "a", "b");
  c.config.machine.pe.burst_lines = 1;
  const TwinResult r = twin_row_wise(c.workload, c.config);
  const TwinAccount::Sums& pe = r.groups.at("pe").front();
  EXPECT_EQ(r.cycles, 59u);
  EXPECT_EQ(pe.busy, 12u);
  EXPECT_EQ(cell(pe, Tensor::b, Cause::port), 0u);
  EXPECT_EQ(cell(pe, Tensor::b, Cause::dram_queue), 1u);
  EXPECT_EQ(cell(pe, Tensor::b, Cause::dram_timing), 10u + 5);
  EXPECT_EQ(cell(pe, Tensor::b, Cause::cache_latency), 2u + 2);
  EXPECT_EQ(pe.idle, 3u);
  EXPECT_EQ(r.misses, 4u);
}

// Four streams are served in 0 .. 3; the product is formed in 13, put in 14, accepted in 15: the end of the phase. The
// row is dispatched in 16, seen in 17, taken by 19, merged in 19, in its line in 22.
TEST(TwinOuterProduct, OneElement) {
  const OneByOne c;
  const TwinResult r = twin_outer_product(c.workload, c.config);
  const TwinAccount::Sums& pe = r.groups.at("pe").front();
  const TwinAccount::Sums& array = r.groups.at("array").front();
  EXPECT_EQ(r.cycles, 23u);
  EXPECT_EQ(cell(array, Tensor::b, Cause::dram_queue), 3u);
  EXPECT_EQ(cell(array, Tensor::b, Cause::dram_timing), 10u);
  EXPECT_EQ(array.busy, 1u);
  EXPECT_EQ(cell(array, Tensor::partial, Cause::barrier), 2u);
  EXPECT_EQ(array.idle, 7u);
  EXPECT_EQ(cell(pe, Tensor::partial, Cause::barrier), 16u);
  EXPECT_EQ(pe.no_work, 1u);
  EXPECT_EQ(cell(pe, Tensor::partial, Cause::cache_latency), 2u);
  EXPECT_EQ(pe.idle, 3u);
  EXPECT_EQ(r.hits, 1u);
}

// The element of A' comes in 11; its chunk is there in 16, where the product is formed.
TEST(TwinOuterProduct, OneElementInAChunk) {
  OneByOne c;
  c.config.outer_product.chunk_latency = 5;
  const TwinResult r = twin_outer_product(c.workload, c.config);
  const TwinAccount::Sums& array = r.groups.at("array").front();
  EXPECT_EQ(r.cycles, 26u);
  EXPECT_EQ(cell(array, Tensor::partial, Cause::dram_timing), 16u);
  EXPECT_EQ(array.busy, 1u);
  c.config.outer_product.chunk_latency = 2;  // there in 13, as B's element is
  EXPECT_EQ(cell(twin_outer_product(c.workload, c.config).groups.at("array").front(), Tensor::b, Cause::dram_timing),
            10u);
}

// Five elements of a column of A in one line, which comes in 11: with two requests at once chunks are there in 16, 16,
// 21, 21 and 26; the first two products are formed together, as are the others.
TEST(TwinOuterProduct, ChunksTwoByTwo) {
  OneByOne c;
  const auto column =
      std::make_shared<const Csr>(Csr{5, 1, {0, 1, 2, 3, 4, 5}, {0, 0, 0, 0, 0}, std::vector<double>(5, 1.0)});
  c.workload = make_workload(column, c.workload.b, "a", "b");
  c.config.machine.pe.multipliers = 4;
  c.config.outer_product.chunk_latency = 5;
  c.config.outer_product.chunk_requests = 2;
  const TwinResult r = twin_outer_product(c.workload, c.config);
  const TwinAccount::Sums& array = r.groups.at("array").front();
  EXPECT_EQ(cell(array, Tensor::partial, Cause::dram_timing), 16u + 4 + 4);
  EXPECT_EQ(array.busy, 3u);
}

// Dense micro tiles of 3 rows and 3 columns of 4: pairs of groups of two have 16, 8, 8 and 4 matches.
TEST(TwinTiled, GroupsOfTwo) {
  OneByOne c;
  const auto dense = [](std::uint32_t rows, std::uint32_t cols) {
    Csr matrix{rows, cols, {0}, {}, std::vector<double>(std::size_t{rows} * cols, 1.0)};
    for (std::uint32_t r = 0; r < rows; ++r) {
      for (Coordinate k = 0; k < cols; ++k) matrix.coordinates.push_back(k);
      matrix.pointers.push_back(matrix.coordinates.size());
    }
    return std::make_shared<const Csr>(matrix);
  };
  c.workload = make_workload(dense(3, 4), dense(4, 3), "a", "b");
  c.config.machine.pe.multipliers = 3;
  c.config.inner_product.micro_tile = 4;
  c.config.inner_product.intersect = Intersect::groups;
  c.config.inner_product.fiber_group = 2;
  const TwinResult r = twin_tiled(c.workload, c.config);
  EXPECT_EQ(r.groups.at("array").front().busy, 6u + 3 + 3 + 2);
  EXPECT_EQ(r.intersections, 6u * 4 + 3 * 2 + 3 * 2 + 2 * 1);
  EXPECT_EQ(r.products, 36u);
}

// A's pointers and element, the tile's pointers and element are served in 0 .. 3; computing takes cycle 13; C and its
// pointers are written in 14 + 3.
TEST(TwinInnerProduct, OneElement) {
  const OneByOne c;
  const TwinResult r = twin_inner_product(c.workload, c.config);
  const TwinAccount::Sums& array = r.groups.at("array").front();
  EXPECT_EQ(r.cycles, 19u);
  EXPECT_EQ(cell(array, Tensor::b, Cause::dram_queue), 3u);
  EXPECT_EQ(cell(array, Tensor::b, Cause::dram_timing), 10u);
  EXPECT_EQ(array.busy, 1u);
  EXPECT_EQ(array.idle, 5u);
}

}  // namespace
}  // namespace heddle::twin
