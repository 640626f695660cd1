// Runs small enough to follow on paper; the comments are the paper. "ptr" and "el" are pointer and element lines, `s`
// the cycle in which the DRAM channel starts a line, which then takes one cycle and is in ten later.
#include <gtest/gtest.h>

#include "tests/unit_inner/small_machine.h"

namespace heddle {
namespace {

using testing::empty;
using testing::from_dense;
using testing::full;
using testing::run;
using testing::small_machine;
using testing::stall;
using testing::workload_of;

TEST(InnerProductCycles, OneByOne) {
  // A ptr s0, A el s1, B ptr s2, B el s3 in 13; computes 13; writes in 16: C s16, ptr s17, accepted 18.
  const RunReport r = run(workload_of(full(1, 1), full(1, 1)), small_machine(4));
  EXPECT_EQ(r.cycles, 18u);
  EXPECT_EQ(r.stalls.at("array").busy, 1u);
  EXPECT_EQ(r.stalls.at("array").idle, 4u);
  EXPECT_EQ(stall(r, Tensor::b, Cause::dram_queue), 3u);
  EXPECT_EQ(stall(r, Tensor::b, Cause::dram_timing), 10u);
  EXPECT_EQ(r.dram_bytes.a, 64u);
  EXPECT_EQ(r.dram_bytes.b, 64u);
  EXPECT_EQ(r.dram_bytes.c, 64u);
  EXPECT_EQ(r.dram_bytes.pointers, 3 * 64u);
  EXPECT_EQ(r.convert_cycles, 0u);
  EXPECT_EQ(r.fidelity, "exact");
}

TEST(InnerProductCycles, DenseFourByFourInOneFold) {
  // A ptr s0, el s1-3; B ptr s4, el s5-7, in 17; 4 columns 17-20; writes in 23: rows of 48 B share all 3 lines of C,
  // each leaves the combining buffer in 23: s23-25, ptr s26, accepted 27.
  const RunReport r = run(workload_of(full(4, 4), full(4, 4)), small_machine(16));
  EXPECT_EQ(r.cycles, 27u);
  EXPECT_EQ(r.stalls.at("array").busy, 4u);
  EXPECT_EQ(r.products, 64u);
  EXPECT_EQ(r.nnz_c, 16u);
  EXPECT_EQ(r.actions.intersections, 16u);
  EXPECT_EQ(r.sram_bytes.read, 4 * 64u);
  EXPECT_EQ(r.sram_bytes.write, 4 * 64u);
}

TEST(InnerProductCycles, DenseFourByFourRowByRow) {
  // A ptr s0, el line 0 s1; B ptr s2, el s3-5, in 15; fold 0 15-18. A of fold 1 (line 1) asked in 15, in 25: waits 6;
  // fold 1 25-28; A of fold 2 (line 2) asked in 25, in 35: waits 6; fold 2 35-38; fold 3 has its A: 39-42; writes in
  // 45: C s45, ptr s46, accepted 47.
  const RunReport r = run(workload_of(full(4, 4), full(4, 4)), small_machine(4));
  EXPECT_EQ(r.cycles, 47u);
  EXPECT_EQ(r.stalls.at("array").busy, 16u);
  EXPECT_EQ(stall(r, Tensor::a, Cause::dram_timing), 12u);
  EXPECT_EQ(stall(r, Tensor::b, Cause::dram_queue), 5u);
  EXPECT_EQ(r.actions.intersections, 4 * 16u);
}

TEST(InnerProductCycles, ConversionComesFirst) {
  Config config = small_machine(4);
  config.inner_product.convert = Convert::charged;
  const RunReport r = run(workload_of(full(4, 4), full(4, 4)), config);
  EXPECT_GT(r.convert_cycles, 0u);
  EXPECT_EQ(r.cycles, 47u + r.convert_cycles);
  EXPECT_EQ(stall(r, Tensor::b, Cause::barrier), r.convert_cycles);
  EXPECT_EQ(r.dram_bytes.b, 3 * 3 * 64u);
}

TEST(InnerProductCycles, ManyMatchesAreDistributedInTurn) {
  // A ptr s0, el s1, B ptr s2, el s3, in 13; 4 matches, 2 per cycle: 13-14; writes in 17: s17, s18, accepted 19.
  Config config = small_machine(4);
  config.inner_product.distribution_width = 2;
  EXPECT_EQ(run(workload_of(full(1, 4), full(4, 1)), config).cycles, 19u);
}

TEST(InnerProductCycles, LongColumnsAreScannedInTurn) {
  // One match, 200 coordinates, 128 per cycle. A ptr s0, el s1, B ptr s2, el 38 lines s3-40, in 50; 50-51; writes
  // in 54.
  Csr a = empty(1, 200);
  a.coordinates = {7};
  a.values = {1};
  a.pointers = {0, 1};
  EXPECT_EQ(run(workload_of(a, full(200, 1)), small_machine(4)).cycles, 56u);
}

TEST(InnerProductCycles, SplitRowSpillsAndComesBack) {
  // A ptr s0, el s1, B ptr s2, el s3, in 13; fold 0 13; in 16 the partial sum (12 B, none fits) is written s16 and read
  // back s17, in 27; fold 1 27; writes in 30: s30, s31, accepted 32. The array waits from 14 to 27.
  Config config = small_machine(1);
  config.inner_product.partial_capacity.count = 0;
  const RunReport r = run(workload_of(full(1, 2), full(2, 1)), config);
  EXPECT_EQ(r.cycles, 32u);
  EXPECT_EQ(stall(r, Tensor::partial, Cause::port), 2u);
  EXPECT_EQ(stall(r, Tensor::partial, Cause::dram_queue), 1u);
  EXPECT_EQ(stall(r, Tensor::partial, Cause::dram_timing), 10u);
  EXPECT_EQ(r.dram_bytes.partial_write, 64u);
  EXPECT_EQ(r.dram_bytes.partial_read, 64u);
  EXPECT_EQ(r.nnz_c, 1u);
}

TEST(InnerProductCycles, SplitRowStaysOnChipWhenItFits) {
  // As above without the spill: fold 1 follows in 14; writes in 17: s17, s18, accepted 19.
  const RunReport r = run(workload_of(full(1, 2), full(2, 1)), small_machine(1));
  EXPECT_EQ(r.cycles, 19u);
  EXPECT_EQ(r.dram_bytes.partial_write, 0u);
  // B's two lines and the partial sum are written and read on chip; B is read twice.
  EXPECT_EQ(r.sram_bytes.write, 2 * 64u + 12u);
  EXPECT_EQ(r.sram_bytes.read, 2 * 2 * 64u + 12u);
}

TEST(InnerProductCycles, WaitsForTheWritesTwoBefore) {
  // A line every 16 cycles. A ptr s0, el s16, B ptr s32 s48, el s64 s80 s96, in 106. Folds of 16 columns, 3 lines of C:
  // fold 0 106-121, writes in 124, accepted 172; fold 1 122-137, writes in 140, accepted 220; fold 2 waits for 172 (34
  // cycles), 172-187, accepted 268; fold 3 waits for 220 (32), 220-235, writes in 238 s268-300, ptr s316, accepted 332.
  Config config = small_machine(1);
  config.machine.dram.flat.bandwidth.bytes_per_second = 4'000'000'000;
  const RunReport r = run(workload_of(full(4, 1), full(1, 16)), config);
  EXPECT_EQ(r.cycles, 332u);
  EXPECT_EQ(stall(r, Tensor::c, Cause::output_full), 66u);
  EXPECT_EQ(r.stalls.at("array").idle, 96u);
}

TEST(InnerProductCycles, TilesStreamAndLinesOfCLeaveAsTheyFill) {
  // Three tiles of a line; 5, 5 and 6 columns end in them. A ptr s0, el s1; tile 0 ptr s2, el s3, in 13; tile 1 s4, s5,
  // in 15. Tile 0 13-17; in 18 tile 2 is asked: ptr s18 s19, el s20, in 30. Tile 1 18-22; tile 2 waits 7; 30-35.
  // Results of tile 1 fill line 0 of C (10 x 12 B): written in 25. Lines 1, 2 in 38, ptr s40, accepted 41.
  Config config = small_machine(1);
  testing::stream_all(config, 1);
  const RunReport r = run(workload_of(full(1, 1), full(1, 16)), config);
  EXPECT_EQ(r.cycles, 41u);
  EXPECT_EQ(stall(r, Tensor::b, Cause::dram_timing), 10u + 7u);
  EXPECT_EQ(r.dram_bytes.pointers, (1 + 1 + 1 + 2 + 1) * 64u);
  EXPECT_EQ(r.dram_bytes.b, 3 * 64u);
}

TEST(InnerProductCycles, StreamedTilesComeOncePerFold) {
  // One tile per fold. A ptr s0, el s1; tile of fold 0 s2, s3, in 13; of fold 1 s4, s5, in 15. Fold 0 13-14, fold 1
  // 15-16 without a wait. Row 0 meets row 1 in the combining buffer; C s19, ptr s20, accepted 21.
  Config config = small_machine(2);
  testing::stream_all(config, 1);
  const RunReport r = run(workload_of(full(2, 2), full(2, 2)), config);
  EXPECT_EQ(r.cycles, 21u);
  EXPECT_EQ(r.dram_bytes.b, 2 * 64u);
  EXPECT_EQ(r.sram_bytes.write, 4 * 64u);
}

TEST(InnerProductCycles, EmptyRowsAndColumnsCostTheirPointersOnly) {
  // 40 rows, nonzeros in 15 and 31, a fold each; B 1 x 3 with one column. A ptr s0 s1, el s2, B ptr s3, el s4, in 14;
  // fold 0 14; A of fold 1 is one more ptr line, asked in 14, in 24 (9 cycles of wait); fold 1 24. Writes in 17: line 0
  // of C's pointers; in 27: C, lines 1 and 2 of the pointers, accepted 30.
  Csr a = empty(40, 1);
  a.coordinates = {0, 0};
  a.values = {1, 1};
  for (std::size_t r = 16; r < a.pointers.size(); ++r) a.pointers[r] = r <= 31 ? 1 : 2;
  const RunReport r = run(workload_of(a, from_dense(3, {{0, 1, 0}})), small_machine(1));
  EXPECT_EQ(r.cycles, 30u);
  EXPECT_EQ(stall(r, Tensor::pointers, Cause::dram_timing), 9u);
  EXPECT_EQ(r.stalls.at("array").busy, 2u);
  EXPECT_EQ(r.dram_bytes.pointers, (3 + 1 + 3) * 64u);
}

TEST(InnerProductCycles, WithoutNonzerosOnlyPointersAreWritten) {
  const auto cycles = [](Csr a, Csr b) {
    return run(workload_of(std::move(a), std::move(b)), small_machine(4)).cycles;
  };
  EXPECT_EQ(cycles(empty(0, 0), empty(0, 0)), 1u);
  EXPECT_EQ(cycles(empty(3, 3), full(3, 3)), 1u);
  EXPECT_EQ(cycles(full(3, 3), empty(3, 3)), 1u);
  EXPECT_EQ(cycles(empty(0, 3), full(3, 3)), 1u);
  EXPECT_EQ(cycles(empty(40, 40), empty(40, 40)), 3u);
}

}  // namespace
}  // namespace heddle
