// Row-wise product with sorting queues instead of a merge tree and without a cache: MatRaptor (Srivastava et al., MICRO
// 2020). Or with a hash table, and a cache for rows of B: InnerSP (Baek et al., PACT 2021).
//
//   PE p has rows p, p + P, ... of A and C:
//     read pointers and elements of its rows of A                  two streams of its own
//     for nonzeros A(r,k): read the pointers, then the elements of row k of B
//       merge the scaled row with the shortest queue into the empty one, one entry per cycle (or add it into the table)
//     drain the queues of the row, one element of C per cycle, while the next row goes into the other set of queues
//
// Stationary: one row of C per PE and set of queues. Who waits for whom: a PE for lines of B, for a set of queues that
// is still being drained, the drain for a place of a result line. PEs share nothing but DRAM, and the cache if there is
// one. Charged: A and C once, every row of B as often as it is named (or not cached). With `elements: striped` (C2SR)
// the rows of a PE follow one another in lines of one channel; `packed` (CSR) they do not, and lines that rows share
// are read and written by several PEs.
//
// It should win over the cached merge tree when rows of B are hardly used twice and memory is wide, for it has no
// cache to pay for; it loses when rows of B would stay in one:
//
//   products x element_bytes / bandwidth  <  products / mergers
#include "dataflows/row_wise/queue_model.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "dataflows/finish.h"
#include "dataflows/row_wise/queue_pe.h"
#include "sim/memory/cache.h"
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
  const bool hash = options.merge == RowMerge::hash;
  r.comparators = pes * (hash ? 2 : options.queues + std::uint64_t{1});  // of a table: of a column, and to sort
  r.merge_inputs_per_cycle = 2 * pes;                                    // likewise
  const std::uint64_t lines =
      2 * (std::uint64_t{machine.stream_lines} + machine.pe.line_buffers) + machine.pe.write_lines;
  r.buffer_bytes =
      pes * (lines * kLineBytes + options.queue_sets * (hash ? 1 : options.queues) * options.queue_capacity.count);
  if (options.b_cached) {
    r.sram_bytes = machine.sram.capacity.count;
    r.sram_ports = machine.sram.banks;
  }
  return r;
}

std::vector<std::string> assumptions(const Config& config, const QueuePeStats& sum) {
  std::vector<std::string> list = {assumption(config.layout.c_layout),
                                   "each row has a pair of pointers, striped over the PEs"};
  if (sum.overflowed_rows != 0)
    list.push_back(std::to_string(sum.overflowed_rows) + " rows need more than " +
                   to_text(config.row_wise.queue_capacity) + ": merged as if they fitted (queue_overflow: grow)");
  return list;
}

}  // namespace

RunResult run_queues(const Workload& workload, const Config& config, const RunOptions& options) {
  RunResult result;
  if (options.carry_values) result.c = unfilled_product(workload);
  const QueueMachine machine(workload, config);
  Kernel kernel;
  const std::unique_ptr<Dram> dram = make_dram(config.machine.dram, config.machine.clock, kernel, options.sink);
  std::optional<Cache> b_cache;
  if (config.row_wise.b_cached) b_cache.emplace(config.machine.sram, *dram, kernel);
  Cache* const cache = b_cache ? &*b_cache : nullptr;
  std::deque<QueuePe> pes;
  for (std::uint32_t p = 0; p < machine.pes; ++p) {
    pes.emplace_back(machine, p, *dram, cache, kernel, result.c ? &*result.c : nullptr);
    if (options.sink == nullptr) continue;
    options.sink->on_track(p, "pe", p);
    pes.back().account().attach(options.sink, p);
  }
  const Cycle last_step = kernel.run();

  RunReport& report = result.report;
  report.cycles = dram->last_write_done();
  for (const QueuePe& pe : pes) report.cycles = std::max(report.cycles, pe.end_of_work());
  if (cache != nullptr) report.cycles = std::max(report.cycles, cache->last_service_end());
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
  report_memory(*dram, cache, report);
  report.resources = resources(config);
  report.assumptions = assumptions(config, sum);
  return result;
}

}  // namespace heddle::row_wise
