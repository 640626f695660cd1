// The outer product as a whole: cases followed by hand, and values, laws and corner cases on small machines.
#include "dataflows/outer_product/model.h"

#include <gtest/gtest.h>

#include "dataflows/finish.h"
#include "tests/small_cases.h"

namespace heddle {
namespace {

using testing::workload_of;

Config convert_free() {
  Config config = testing::small_machine();
  config.outer_product.convert = Convert::free;
  return config;
}

RunReport run(const Workload& workload, const Config& config) {
  RunResult result = run_outer_product(workload, config, {.carry_values = true, .sink = nullptr});
  finish(DataflowKind::outer_product, workload, config, result.report);
  check_product(reference_product(workload), *result.c);
  return result.report;
}

std::uint64_t stall(const RunReport& report, const char* group, Tensor tensor, Cause cause) {
  return report.stalls.at(group).stalls[std::size_t(tensor)][std::size_t(cause)];
}

/// Streams ask in cycle 0 for A' pointers, A' elements, B pointers, B elements: in at 10, 11, 12, 13. The product is
/// formed in 13, its line put in 14 and accepted in 15, where the phase ends. The row is dispatched in 16, taken in 17,
/// there in 21, consumed, in its line in 33 and written by 34.
TEST(OuterProduct, OneProductFollowedByHand) {
  Config config = convert_free();
  config.machine.pe.latency = 12;
  const RunReport report = run(workload_of(testing::full(1, 1), testing::full(1, 1)), config);
  EXPECT_EQ(report.cycles, 34U);
  const GroupStalls& array = report.stalls.at("array");
  EXPECT_EQ(array.busy, 1U);
  EXPECT_EQ(stall(report, "array", Tensor::b, Cause::dram_queue), 3U);
  EXPECT_EQ(stall(report, "array", Tensor::b, Cause::dram_timing), 10U);
  EXPECT_EQ(stall(report, "array", Tensor::partial, Cause::barrier), 2U);
  EXPECT_EQ(array.idle, 34U - 16U);
  EXPECT_EQ(stall(report, "pe", Tensor::partial, Cause::barrier), 32U * 16);
  EXPECT_EQ(report.dram_bytes.total(), 64U * 6);  // four streams, C's pointers, C
  EXPECT_EQ(report.dram_bytes.partial_write, 0U);
  EXPECT_EQ(report.sram_bytes.write, 64U);
  EXPECT_EQ(report.sram_bytes.read, 64U);
}

/// 8 x 8 products of one column and one row, four multipliers: 16 cycles, from the cycle in which all is in.
TEST(OuterProduct, MultipliersBoundProductsPerCycle) {
  Config config = convert_free();
  config.machine.pe.count = 2;
  config.machine.pe.multipliers = 2;
  const RunReport report = run(workload_of(testing::full(8, 1), testing::full(1, 8)), config);
  EXPECT_EQ(report.stalls.at("array").busy, 16U);
  EXPECT_EQ(report.bounds.compute_cycles, 16U);
}

/// Four fibers of one product. A' elements are in at 11, B's last line at 13; two chunks at a time take 5 cycles: there
/// at 16 and at 21, each time whatever came before has been there for some time.
TEST(OuterProduct, ChunksOfListsAreAllocatedFirst) {
  Config config = convert_free();
  config.outer_product.chunk_latency = 5;
  config.outer_product.chunk_requests = 2;
  const RunReport report = run(workload_of(testing::full(4, 1), testing::full(1, 1)), config);
  EXPECT_EQ(report.stalls.at("array").busy, 2U);
  EXPECT_EQ(stall(report, "array", Tensor::partial, Cause::dram_timing), 16U + 4U);
}

/// Two lines of append buffer, 28 B per product in the log: what was put in t is room again in t + 1.
TEST(OuterProduct, FullAppendBufferStallsTheArray) {
  Config config = convert_free();
  config.outer_product.append_lines = 2;
  const RunReport report = run(workload_of(testing::full(64, 1), testing::full(1, 1)), config);
  EXPECT_GT(stall(report, "array", Tensor::partial, Cause::output_full), 0U);
  // 1792 B of log: one product fits beside what two complete lines wait for.
  EXPECT_GE(report.stalls.at("array").busy, 1792U / 128);
}

/// A row of 100 elements through segments of (512 / 2 - 64) / 12 = 16: 7 segments, each with its own header.
TEST(OuterProduct, LongRowsOfBAreCutIntoSegments) {
  Config config = convert_free();
  config.outer_product.row_buffer.count = 512;
  const RunReport report = run(workload_of(testing::full(3, 1), testing::full(1, 100)), config);
  EXPECT_EQ(report.stalls.at("array").busy, 7U);
  EXPECT_EQ(report.sram_bytes.write, 64U * ((3 * (100 * 12 + 7 * 16) + 63) / 64));
}

/// Column k of A' is streamed again for every segment of row k of B.
TEST(OuterProduct, SegmentsReadTheColumnAgain) {
  Config config = convert_free();
  config.outer_product.row_buffer.count = 512;
  const Workload workload = workload_of(testing::full(40, 1), testing::full(1, 32));
  EXPECT_EQ(run(workload, config).dram_bytes.a, 2U * 64 * 8);  // 480 B in 8 lines, two segments
  config.outer_product.row_buffer.count = 1024;
  EXPECT_EQ(run(workload, config).dram_bytes.a, 64U * 8);
}

TEST(OuterProduct, WhatDoesNotFitIsSpilledAndReadBack) {
  Config config = convert_free();
  config.machine.sram = {.capacity = Bytes{16 * 64}, .banks = 2, .ways = 4, .mshrs = 4};
  const RunReport report = run(workload_of(testing::full(30, 10), testing::full(10, 30)), config);
  const std::uint64_t log_bytes = 300 * (16 + 30 * 12);
  EXPECT_GE(report.dram_bytes.partial_write, log_bytes - 16 * 64);
  EXPECT_GE(report.dram_bytes.partial_read, log_bytes - 16 * 64);
  EXPECT_EQ(report.cache.spills * 64, report.dram_bytes.partial_write);
}

/// As followed by hand above, but row 0, which is empty, is passed in cycle 0.
TEST(OuterProduct, PipelinedRowsWaitForTheirLastFiber) {
  Config config = convert_free();
  config.machine.pe.latency = 12;
  config.outer_product.phases = Phases::pipelined;
  const RunReport report = run(workload_of({2, 1, {0, 0, 1}, {0}, {1}}, testing::full(1, 1)), config);
  EXPECT_EQ(report.cycles, 34U);
  const GroupStalls& pes = report.stalls.at("pe");
  EXPECT_EQ(stall(report, "pe", Tensor::partial, Cause::barrier), 0U);
  EXPECT_EQ(pes.no_work, 17U);  // of the PE that has the row, which it sees the cycle after
  EXPECT_EQ(report.stalls.at("array").idle, 34U - 16U);
}

/// A log far larger than the buffer, and as many multipliers as merger inputs. Rows of a band are complete soon after
/// their first product; those of the other matrix need the last k.
TEST(OuterProduct, PipelinedMergesOfABandStayOnChip) {
  Config config = convert_free();
  config.machine.pe.multipliers = 1;
  config.machine.sram = {.capacity = Bytes{128 << 10}, .banks = 4, .ways = 4, .mshrs = 8};
  const Workload band = workload_of(testing::generated(MatrixFamily::banded, 400, 1, 1),
                                    testing::generated(MatrixFamily::banded, 400, 2, 1));
  const RunReport separate = run(band, config);
  EXPECT_GT(separate.dram_bytes.partial_write, 200'000U);
  config.outer_product.phases = Phases::pipelined;
  const RunReport pipelined = run(band, config);
  EXPECT_LT(pipelined.dram_bytes.partial_write, 10'000U);
  EXPECT_LT(3 * pipelined.cycles, 2 * separate.cycles);
  const Workload needs_all = workload_of(testing::full(60, 60), testing::full(60, 60));
  EXPECT_GT(run(needs_all, config).dram_bytes.partial_write, 200'000U);
}

TEST(OuterProduct, ConversionComesFirstAndIsCharged) {
  Config config = testing::small_machine();
  const Workload workload = workload_of(testing::full(20, 20), testing::full(20, 20));
  const RunReport charged = run(workload, config);
  config.outer_product.convert = Convert::free;
  const RunReport free = run(workload, config);
  EXPECT_GT(charged.convert_cycles, 0U);
  EXPECT_EQ(free.convert_cycles, 0U);
  EXPECT_EQ(charged.cycles, free.cycles + charged.convert_cycles);
  EXPECT_EQ(stall(charged, "array", Tensor::a, Cause::barrier), charged.convert_cycles);
  EXPECT_EQ(stall(charged, "pe", Tensor::a, Cause::barrier), 32 * charged.convert_cycles);
  EXPECT_EQ(charged.dram_bytes.a, free.dram_bytes.a + 2 * 64 * 75);
}

TEST(OuterProduct, EmptyMatrices) {
  const Config config = testing::small_machine();
  EXPECT_GT(run(workload_of(testing::empty(0, 0), testing::empty(0, 0)), config).cycles, 0U);
  EXPECT_GT(run(workload_of(testing::empty(3, 0), testing::empty(0, 5)), config).cycles, 0U);
  EXPECT_GT(run(workload_of(testing::empty(5, 4), testing::full(4, 4)), config).cycles, 0U);
  EXPECT_GT(run(workload_of(testing::full(4, 4), testing::empty(4, 7)), config).cycles, 0U);
}

/// Columns without a row of B, and rows without a column, between others, sharing lines with them.
TEST(OuterProduct, PassesOverColumnsWithoutProducts) {
  const Workload workload =
      workload_of(testing::from_dense(5, {{1, 2, 0, 0, 3}, {0, 4, 0, 5, 6}, {0, 7, 0, 0, 8}}),
                  testing::from_dense(3, {{1, 0, 2}, {0, 0, 0}, {3, 4, 5}, {0, 0, 0}, {0, 6, 7}}));
  const RunReport report = run(workload, testing::small_machine());
  EXPECT_EQ(report.products, 2U + 3 * 2);
}

TEST(OuterProduct, RefusesABrokenMachine) {
  Config config;
  config.outer_product.append_lines = 1;
  config.outer_product.header_bytes = 64;
  EXPECT_THROW(run_outer_product(workload_of(testing::full(1, 1), testing::full(1, 1)), config, {}), InputError);
}

struct SmallCase {
  Workload workload;
  Config config;
};

SmallCase small_case(std::uint64_t seed) {
  constexpr MatrixFamily kFamilies[] = {MatrixFamily::uniform, MatrixFamily::power_law, MatrixFamily::banded,
                                        MatrixFamily::block, MatrixFamily::rmat};
  Config config = testing::small_machine();
  Machine& machine = config.machine;
  machine.pe.count = 1 + static_cast<std::uint32_t>(seed % 4);
  machine.pe.multipliers = 1 + static_cast<std::uint32_t>(seed % 3);
  machine.pe.radix = 2 + static_cast<std::uint32_t>(seed % 5);
  machine.pe.burst_lines = 1 + static_cast<std::uint32_t>(seed / 2 % 4);
  machine.pe.operand_lines = (2 + static_cast<std::uint32_t>(seed % 7)) * machine.pe.radix;
  machine.pe.line_buffers = 1 + static_cast<std::uint32_t>(seed % 4);
  machine.pe.write_lines = 2 * machine.pe.burst_lines;
  machine.pe.fetch_ahead = static_cast<std::uint32_t>(seed % 3);
  machine.sram = {.capacity = Bytes{64 * 4 * (2 + seed % 3) * 2}, .banks = 2, .ways = 4, .mshrs = 4};
  machine.sram.capacity.count = std::uint64_t{64} * 2 * 4 * (1 + seed % 3);
  machine.dram.flat.channels = 1 + static_cast<std::uint32_t>(seed % 3);
  machine.stream_lines = 2 + static_cast<std::uint32_t>(seed % 3);
  machine.combining_lines = 1 + static_cast<std::uint32_t>(seed % 2);
  config.outer_product.append_lines = 2 + static_cast<std::uint32_t>(seed % 4);
  config.outer_product.row_buffer.count = 152 + 40 * (seed % 7);
  config.outer_product.header_bytes = static_cast<std::uint32_t>(seed * 4 % 17);
  config.outer_product.scheduler = seed % 3 == 0 ? Scheduler::static_tasks : Scheduler::dynamic_tasks;
  if (seed % 2 != 0) config.outer_product.convert = Convert::free;
  if (seed % 7 > 3) config.outer_product.phases = Phases::pipelined;
  const std::uint32_t size = seed % 5 == 4 ? 128 : 40;
  return {workload_of(testing::generated(kFamilies[seed % 5], size, seed, 0.05 + 0.02 * double(seed % 4)),
                      testing::generated(kFamilies[seed / 2 % 4], size, seed + 1000, 0.04)),
          config};
}

TEST(OuterProduct, ValuesAndLawsOnSmallMachines) {
  std::uint64_t spills = 0, full = 0;
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    const SmallCase c = small_case(seed);
    const RunReport report = run(c.workload, c.config);  // throws where a law or the product is wrong
    spills += report.cache.spills > 0;
    full += stall(report, "array", Tensor::partial, Cause::output_full) > 0;
  }
  EXPECT_GE(spills, 60U);
  EXPECT_GE(full, 20U);
}

}  // namespace
}  // namespace heddle
