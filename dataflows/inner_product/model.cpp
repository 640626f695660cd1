// Inner product, loop order m-n-k, with A stationary: SIGMA (HPCA'20), the IP mode of Flexagon (ASPLOS'23), and, for
// intersection where the data lie, ExTensor (MICRO'19).
//
//   convert B to CSC                                          on the machine, unless given in CSC
//   for fold of A, W nonzeros in row order:                   stationary, one nonzero in each of W multipliers
//     for tile of B, columns in order:                        tile 0 pinned on chip, the others streamed once per fold
//       for column j of the tile:
//         scan its coordinates against the fold               max(1, ceil(nnz / scan_width),
//         distribute the matched values, multiply                 ceil(matched / distribution_width)) cycles
//         add up the products of each row in adder trees
//       write the lines of C that are complete for rows ending in the fold
//     keep, or spill, the partial sums of the row that continues in the next fold
//
// Who waits for whom: a (fold, tile) for the one before, for its tile (two tiles of buffer), at a fold's start for the
// fold of A and for spilled partial sums, and for the writes of the (fold, tile) two before. Charged: the conversion,
// A once, all of B but its pinned part once per fold, C once, spills. An unmatched column costs its scan: nothing is
// skipped, so cycles follow nnz(A) / W x nnz(B), not products.
//
// It should win when few folds meet a B that is on chip or cheap to stream and columns are matched well. With
// S = sum over columns of max(1, ceil(nnz / scan_width)) and L = streamed lines of B, a fold takes about
// max(S, 64 L / bandwidth) cycles, so against a row-wise machine of M merge inputs per cycle
//
//   ceil(nnz(A) / W) x max(S, 64 L / bandwidth) + conversion  <  products / M
//
// which for B on chip and columns no longer than scan_width is: products per nonzero of A > cols(B) M / W.
#include "dataflows/inner_product/model.h"

#include <optional>
#include <string>

#include "dataflows/finish.h"
#include "dataflows/inner_product/sampling.h"
#include "dataflows/inner_product/tiled_model.h"
#include "dataflows/inner_product/values.h"

namespace heddle {
namespace {

using inner_product::Problem;
using inner_product::Sampled;
using inner_product::Simulated;

/// Folds simulated on banked DRAM may stream this part of exact_lines: the rest of the time is for the flat run.
constexpr std::uint64_t kSampledShare = 4;

Resources resources(const Config& config) {
  const Machine& machine = config.machine;
  const std::uint64_t multipliers = machine.pe.all_multipliers();
  Resources r;
  r.multipliers = multipliers;
  r.adders = multipliers;  // a tree of W - 1 and the accumulator of the row that is split
  r.comparators = config.inner_product.scan_width;
  r.sram_bytes = machine.sram.capacity.count;
  r.sram_ports = machine.sram.banks;
  r.buffer_bytes = multipliers * config.layout.element_bytes() + machine.combining_lines * kLineBytes;
  return r;
}

std::vector<std::string> assumptions(const Problem& problem) {
  const InnerProductConfig& options = problem.config.inner_product;
  std::vector<std::string> list = {assumption(problem.config.layout.c_layout),
                                   "a fold's coordinates are looked up by the scanner without conflicts, " +
                                       std::to_string(options.scan_width) + " coordinates of a column per cycle",
                                   "the distribution network delivers any " +
                                       std::to_string(options.distribution_width) + " matched operands per cycle",
                                   "the next fold of A is held beside the present one"};
  if (options.convert == Convert::free) list.push_back("B lies in memory in CSC already (convert: free)");
  return list;
}

void fill(RunReport& report, const Problem& problem, const Simulated& run) {
  const Config& config = problem.config;
  report.cycles = run.cycles;
  report.convert_cycles = run.convert_cycles;
  report.products = run.counts.products;
  report.nnz_c = run.counts.c_bytes / config.layout.element_bytes();
  report.dram_bytes = run.dram_bytes;
  report.dram_commands = run.dram_commands;
  report.sram_bytes = {.read = run.counts.sram_read, .write = run.counts.sram_written};
  report.actions.intersections = run.counts.intersections;
  report.actions.network_elements = run.counts.products + run.counts.a_nonzeros;
  report.resources = resources(config);
  report.assumptions = assumptions(problem);
}

bool too_long_to_be_exact(const Problem& problem) {
  if (problem.config.machine.dram.kind == DramKind::flat || problem.nothing_to_compute()) return false;
  const std::uint64_t per_fold = problem.tiling.streamed_lines();
  return per_fold != 0 && problem.folds > problem.config.inner_product.exact_lines / per_fold;
}

/// False when sampling would leave nothing out: then `report` is untouched.
bool run_sampled(RunReport& report, const Problem& problem) {
  const std::optional<Sampled> sampled =
      simulate_sampled(problem, problem.config.inner_product.exact_lines / kSampledShare);
  if (!sampled) return false;
  fill(report, problem, sampled->whole);
  report.fidelity = "sampled";
  report.sampling_error_bound = sampled->error_bound;
  report.stalls["array"] = sampled->stalls;
  report.assumptions.push_back("cycles and stalls are extrapolated from " + std::to_string(sampled->folds_simulated) +
                               " of " + std::to_string(problem.folds) + " folds; traffic and counts are exact");
  return true;
}

void run_exact(RunReport& report, const Problem& problem, ActivitySink* sink) {
  const Simulated run = simulate(problem, problem.config.machine.dram, problem.all_folds(), sink);
  fill(report, problem, run);
  report.stalls["array"].add(run.account);
}

RunResult run_with_tiles(const Workload& workload, const Config& config, const RunOptions& options) {
  RunResult result;
  inner_product::run_tiled(result.report, workload, config, options.sink);
  finish(DataflowKind::inner_product, workload, config, result.report);
  if (options.carry_values) {
    const InnerProductConfig& inner = config.inner_product;
    result.c = inner_product::form_tiled_values(
        workload, inner.control == InnerControl::tiled ? inner.micro_tile : inner.slice_k);
  }
  return result;
}

}  // namespace

RunResult run_inner_product(const Workload& workload, const Config& config, const RunOptions& options) {
  validate_inner_product(config);
  if (config.inner_product.control != InnerControl::scan) return run_with_tiles(workload, config, options);
  const Problem problem(workload, config);
  RunResult result;
  if (!too_long_to_be_exact(problem) || !run_sampled(result.report, problem))
    run_exact(result.report, problem, options.sink);
  finish(DataflowKind::inner_product, workload, config, result.report);
  if (options.carry_values) result.c = inner_product::form_values(workload, problem.fold_size);
  return result;
}

}  // namespace heddle
