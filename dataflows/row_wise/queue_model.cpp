// Row-wise product with sorting queues instead of a merge tree and without a cache: MatRaptor (Srivastava et al., MICRO
// 2020).
//
//   PE p has rows p, p + P, ... of A and C:
//     read pointers and elements of its rows of A                  two streams of its own
//     for nonzeros A(r,k): read the pointers, then the elements of row k of B
//       merge the scaled row with the shortest queue into the empty one, one entry per cycle
//     drain the queues of the row, one element of C per cycle, while the next row goes into the other set of queues
//
// Stationary: one row of C per PE and set of queues. Who waits for whom: a PE for lines of B, for a set of queues that
// is still being drained, the drain for a place of a result line. PEs share nothing but DRAM. Charged: A and C once,
// every row of B as often as it is named. With `elements: striped` (C2SR) the rows of a PE follow one another in lines
// of one channel; `packed` (CSR) they do not, and lines that rows share are read and written by several PEs.
//
// It should win over the cached merge tree when rows of B are hardly used twice and memory is wide, for it has no
// cache to pay for; it loses when rows of B would stay in one:
//
//   products x element_bytes / bandwidth  <  products / mergers
#include "dataflows/row_wise/queue_model.h"

#include <algorithm>
#include <deque>
#include <memory>

#include "dataflows/finish.h"
#include "dataflows/row_wise/queue_pe.h"
#include "sim/memory/dram.h"

namespace heddle::row_wise {
namespace {

Resources resources(const Config& config) {
  const Machine& machine = config.machine;
  const RowWiseConfig& options = config.row_wise;
  const std::uint64_t pes = machine.pe.count;
  Resources r;
  r.multipliers = pes;
  r.adders = 2 * pes;  // one merges, one drains
  r.comparators = pes * (options.queues + std::uint64_t{1});
  r.merge_inputs_per_cycle = 2 * pes;  // likewise
  const std::uint64_t lines =
      2 * (std::uint64_t{machine.stream_lines} + machine.pe.line_buffers) + machine.pe.write_lines;
  r.buffer_bytes = pes * (lines * kLineBytes + options.queue_sets * options.queues * options.queue_capacity.count);
  return r;
}

std::vector<std::string> assumptions(const Config& config, const QueuePeStats& sum) {
  std::vector<std::string> list = {"C's row offsets are known before the run (c_layout: exact)",
                                   "each row has a pair of pointers, striped over the PEs"};
  if (sum.overflowed_rows != 0)
    list.push_back(std::to_string(sum.overflowed_rows) + " rows need a queue larger than " +
                   to_text(config.row_wise.queue_capacity) + ": merged as if it fitted (queue_overflow: grow)");
  return list;
}

}  // namespace

RunResult run_queues(const Workload& workload, const Config& config, const RunOptions& options) {
  RunResult result;
  if (options.carry_values) result.c = unfilled_product(workload);
  const QueueMachine machine(workload, config);
  Kernel kernel;
  const std::unique_ptr<Dram> dram = make_dram(config.machine.dram, config.machine.clock, kernel, options.sink);
  std::deque<QueuePe> pes;
  for (std::uint32_t p = 0; p < machine.pes; ++p) {
    pes.emplace_back(machine, p, *dram, kernel, result.c ? &*result.c : nullptr);
    if (options.sink == nullptr) continue;
    options.sink->on_track(p, "pe", p);
    pes.back().account().attach(options.sink, p);
  }
  const Cycle last_step = kernel.run();

  RunReport& report = result.report;
  report.cycles = dram->last_write_done();
  for (const QueuePe& pe : pes) report.cycles = std::max(report.cycles, pe.end_of_work());
  dram->close(std::max(report.cycles, last_step));
  QueuePeStats sum;
  for (QueuePe& pe : pes) {
    pe.account().close(report.cycles);
    report.stalls["pe"].add(pe.account());
    sum.products += pe.stats().products;
    sum.steps += pe.stats().steps;
    sum.drained += pe.stats().drained;
    sum.c_elements += pe.stats().c_elements;
    sum.overflowed_rows += pe.stats().overflowed_rows;
  }
  report.products = sum.products;
  report.nnz_c = sum.c_elements;
  report.actions.merge_inputs = sum.steps + sum.drained;
  report.dram_bytes = dram_bytes_of(*dram);
  report.dram_commands = dram_commands_of(*dram);
  report.resources = resources(config);
  report.assumptions = assumptions(config, sum);
  return result;
}

}  // namespace heddle::row_wise
