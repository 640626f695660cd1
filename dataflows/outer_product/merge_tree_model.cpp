// The outer product that merges while it multiplies (SpArch, HPCA 2020).
//
//   for round of a tree over the partial matrices:            up to radix of them, the lightest first
//     for rows in order, some at a time:                      a step
//       read elements of A, rows of B that are not on chip    a buffer that knows the next use of each row
//       read what earlier rounds left of these rows
//       multiply and merge, merge_width inputs per cycle
//       write the merged rows: partials, or C in the last round
//
// Stationary: nothing but rows of B in the buffer. Who waits for whom: a step for the one before, for its reads (asked
// for when that starts), for what earlier rounds wrote, and for the writes two steps before. Condensed columns make as
// many partial matrices as A's longest row has nonzeros: up to `radix` one round suffices and nothing is spilled, and
// the loop becomes the row-wise one.
//
// It should win over the log when products do not fit on chip, for what is spilled is merged already; it loses to
// row-wise when the longest row makes many rounds for few rows that need them:
//
//   rounds x C's rows spilled and read back  <  2 max(0, products x element_bytes - SRAM)
#include <memory>

#include "dataflows/finish.h"
#include "dataflows/inner_product/tiled_array.h"
#include "dataflows/outer_product/merge_tree.h"
#include "sim/memory/dram.h"

namespace heddle::outer_product {

RunResult run_merge_tree(const Workload& workload, const Config& config, const RunOptions& options) {
  RunResult result;
  if (options.carry_values) result.c = unfilled_product(workload);
  const MergeTreePlan plan = plan_merge_tree(workload, config, result.c ? &*result.c : nullptr);
  CycleAccount account;
  if (options.sink != nullptr) {
    options.sink->on_track(0, "array", 0);
    account.attach(options.sink, 0);
  }
  Kernel kernel;
  const std::unique_ptr<Dram> dram = make_dram(config.machine.dram, config.machine.clock, kernel, options.sink);
  inner_product::TiledArray array(plan.steps, config, *dram, kernel, account);
  const Cycle last_step = kernel.run();

  RunReport& report = result.report;
  report.cycles = std::max(array.end(), dram->last_write_done());
  account.close(report.cycles);
  dram->close(std::max(report.cycles, last_step));
  report.products = array.counts().products;
  report.nnz_c = array.counts().c_bytes / config.layout.element_bytes();
  report_memory(*dram, nullptr, report);
  report.sram_bytes = {.read = array.counts().sram_read, .write = array.counts().sram_written};
  report.cache.hits = plan.row_hits;
  report.cache.misses = plan.row_misses;
  report.actions.merge_inputs = plan.merge_inputs;
  report.stalls["array"].add(account);
  report.resources = merge_resources(config, 2 * config.outer_product.row_buffer.count);
  report.assumptions = {
      std::to_string(plan.leaves) + " partial matrices are merged in " + std::to_string(plan.rounds) + " rounds",
      "the buffer of rows of B knows every next use; its hits and misses are counted by row",
      "rows are found by their lengths beside A's elements; no pointers are read or written",
      "rows of B are spread over the channels evenly"};
  return result;
}

}  // namespace heddle::outer_product
