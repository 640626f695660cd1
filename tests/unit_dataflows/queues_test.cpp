// Row-wise with sorting queues: the queues step by step, a run followed by hand, its product, overflow.
#include <gtest/gtest.h>

#include "dataflows/finish.h"
#include "dataflows/row_wise/model.h"
#include "dataflows/row_wise/sorting_queues.h"
#include "tests/small_cases.h"

namespace heddle {
namespace {

using row_wise::SortingQueues;
using testing::workload_of;

/// Push a fiber; the steps it takes.
int push(SortingQueues& queues, std::initializer_list<Entry> fiber) {
  queues.begin_fiber();
  int steps = 0;
  for (const auto& entry : fiber) {
    for (; queues.queue_first(entry.column); ++steps) queues.move();
    queues.take(entry);
    ++steps;
  }
  for (; queues.left(); ++steps) queues.move();
  queues.end_fiber();
  return steps;
}

TEST(SortingQueues, FillThenMergeWithTheShortest) {
  SortingQueues queues(3);
  EXPECT_EQ(push(queues, {{1, 1}, {5, 1}}), 2);  // the first two fibers find a queue of their own
  EXPECT_EQ(push(queues, {{2, 1}}), 1);
  EXPECT_EQ(push(queues, {{0, 1}, {2, 2}, {9, 1}}), 3);  // into the third, with the second: 0, 2 + 2, 9
  EXPECT_EQ(queues.take_most(), 3u);
  EXPECT_EQ(push(queues, {{3, 1}}), 3);  // with the first, now the shortest: 1, 3, 5
  EXPECT_EQ(queues.entries(), 6u);
  const auto sums = queues.drain();
  ASSERT_EQ(sums.size(), 6u);
  EXPECT_EQ(sums[2].column, 2u);
  EXPECT_EQ(sums[2].value, 3);
  EXPECT_EQ(queues.entries(), 0u);
}

Config small_queues(std::uint32_t pes) {
  Config config;
  Machine& machine = config.machine;
  machine.clock.hertz = 1'000'000'000;
  machine.pe.count = pes;
  machine.pe.line_buffers = 8;
  machine.pe.latency = 2;
  machine.dram.kind = DramKind::flat;
  machine.dram.flat.channels = 1;
  machine.dram.flat.bandwidth.bytes_per_second = 64'000'000'000;
  machine.dram.flat.latency = 10;
  config.row_wise.merge = RowMerge::queues;
  return config;
}

/// A = B = the identity of 2, one channel of a line per cycle, 10 cycles of latency, one PE.
TEST(Queues, OnPaper) {
  const Csr eye = testing::identity(2);
  const RunReport report = run_row_wise(workload_of(eye, eye), small_queues(1), {}).report;
  // 0: pairs of A, in at 10. 10: A, one line, in at 20. 20, 21: pairs of B for both nonzeros, in at 30, 31.
  // 30, 31: rows of B, in at 40, 41. Steps in 40 and 41. Row 0 leaves in 41, row 1 in 42; both lines of C (elements and
  // pairs) are due in 44, accepted in 45 and 46.
  EXPECT_EQ(report.cycles, 46u);
  const GroupStalls& pe = report.stalls.at("pe");
  EXPECT_EQ(pe.busy, 2u);
  EXPECT_EQ(pe.idle, 4u);
  const auto stalled = [&](Tensor tensor, Cause cause) {
    return pe.stalls[static_cast<std::size_t>(tensor)][static_cast<std::size_t>(cause)];
  };
  EXPECT_EQ(stalled(Tensor::pointers, Cause::port), 20u);
  EXPECT_EQ(stalled(Tensor::pointers, Cause::dram_timing), 10u);
  EXPECT_EQ(stalled(Tensor::b, Cause::dram_timing), 10u);
  EXPECT_EQ(report.dram_bytes.a, 64u);
  EXPECT_EQ(report.dram_bytes.b, 128u);
  EXPECT_EQ(report.dram_bytes.c, 64u);
  EXPECT_EQ(report.dram_bytes.pointers, 64u * 4);
}

/// Eight rows of one element: striped over four PEs a PE's two elements are in one line, packed they are not.
TEST(Queues, StripingSavesLines) {
  const Csr eye = testing::identity(8);
  Config config = small_queues(4);
  const RunReport striped = run_row_wise(workload_of(eye, eye), config, {}).report;
  config.row_wise.elements = RowElements::packed;
  const RunReport packed = run_row_wise(workload_of(eye, eye), config, {}).report;
  EXPECT_EQ(striped.dram_bytes.a, 4u * 64);
  EXPECT_EQ(striped.dram_bytes.c, 4u * 64);
  EXPECT_EQ(packed.dram_bytes.c, 9u * 64);  // row 5, bytes 60 to 72, lies in two lines
  EXPECT_EQ(packed.dram_bytes.a, 7u * 64);  // PE 0 needs line 0 only, the others both lines
}

TEST(Queues, TheProductEqualsTheReference) {
  for (const MatrixFamily family : {MatrixFamily::uniform, MatrixFamily::power_law, MatrixFamily::banded}) {
    for (const auto& [elements, merge] :
         {std::pair{RowElements::striped, RowMerge::queues}, std::pair{RowElements::packed, RowMerge::queues},
          std::pair{RowElements::packed, RowMerge::hash}}) {
      GeneratorConfig generator;
      generator.family = family;
      generator.rows = 150;
      generator.density = 0.05;
      const Workload work = workload_of(generate(generator), generate(generator));
      Config config = small_queues(5);
      config.row_wise.elements = elements;
      config.row_wise.merge = merge;
      config.row_wise.b_cached = merge == RowMerge::hash;
      config.row_wise.queues = 4;
      RunOptions options;
      options.carry_values = true;
      const RunResult result = find_dataflow("row_wise").run(work, config, options);
      check_product(reference_product(work), *result.c);
    }
  }
}

TEST(Queues, OverflowIsRefusedOrCounted) {
  Config config = small_queues(2);
  config.row_wise.queue_capacity.count = 4 * 12;
  const Workload fits = workload_of(testing::full(3, 3), testing::full(3, 4));
  EXPECT_NO_THROW(run_row_wise(fits, config, {}));
  const Workload longer = workload_of(testing::full(3, 3), testing::full(3, 5));
  EXPECT_NE(testing::message_of<InputError>([&] { run_row_wise(longer, config, {}); }).find("row_wise.queue_capacity"),
            std::string::npos);
  config.row_wise.queue_overflow = QueueOverflow::grow;
  const RunReport report = run_row_wise(longer, config, {}).report;
  EXPECT_EQ(report.assumptions.back().substr(0, 6), "3 rows");
}

TEST(Queues, ValidationNamesTheKeys) {
  Config config = small_queues(2);
  config.machine.pe.line_buffers = 1;
  EXPECT_NE(testing::message_of<InputError>([&] { validate_row_wise(config); }).find("machine.pe.line_buffers"),
            std::string::npos);
  config = small_queues(2);
  config.formats.b = OperandFormat::tile_bitmap;
  EXPECT_NE(testing::message_of<InputError>([&] { validate_row_wise(config); }).find("formats"), std::string::npos);
}

}  // namespace
}  // namespace heddle
