// Row-wise product, window by window: Spada (Li et al., ASPLOS 2023).
//
//   A is cut into blocks of h rows and those into windows of L / h nonzeros of each row     scheduler
//     an array of L lanes takes a window: a lane fetches the row of B that its nonzero      arrays
//     names and multiplies; the products of a row leave in order of column, several per
//     cycle, and are added up into a partial fiber
//   the partial fibers of a row are merged into the row of C                                dispatcher and PEs
//
// h = 1 is an inner loop over the nonzeros of a row (many partial sums meet in the array), h = L an outer product of
// sorts (each lane a row of its own); `profiled` tries heights on a few blocks and keeps what did best. Stationary: a
// window of A. Who waits for whom: a lane for lines of B, all lanes for the longest row of B of the window, products
// for those of other lanes that may come before them, a row's merge for all its windows. Charged: A and B through the
// cache, C once, pointers, partial fibers that do not fit on chip. Nothing is converted: A, B and C are CSR.
//
// It should win over one merger per row when a multiplier is cheaper than a merger input that takes any row of B:
//
//   products / (arrays x lanes)  <  products / PEs,   while rows of B in a window are alike in length and
//   partial fibers, about products / (products per element of C), stay on chip.
#include "dataflows/row_wise/window_model.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "dataflows/finish.h"
#include "dataflows/merge_stage.h"
#include "dataflows/row_wise/window_array.h"
#include "dataflows/row_wise/window_rows.h"
#include "dataflows/row_wise/window_scheduler.h"
#include "sim/memory/dram.h"

namespace heddle::row_wise {
namespace {

MergePeConfig lane_config(MergePeConfig config, const RowWiseConfig& options) {
  config.pe.radix = 1;
  config.pe.operand_lines = options.lane_lines;
  return config;
}

/// Where the partial fibers of the dispatcher's own tasks begin: behind those of the windows.
std::uint64_t merge_base(const Workload& workload, const Config& config, const Layout& layout) {
  const std::uint64_t bytes = workload.products * config.layout.element_bytes() + kLineBytes * workload.a->nnz();
  return layout.partial_base + packed_lines(bytes) * kLineBytes;
}

Resources resources(const Config& config) {
  const RowWiseConfig& options = config.row_wise;
  const std::uint64_t lanes = std::uint64_t{options.arrays} * options.lanes;
  Resources r = merge_resources(config, config.machine.stream_lines * kLineBytes);
  r.multipliers = lanes;
  r.adders += lanes;
  r.comparators += 2 * lanes;  // the two products a lane lets go of in a cycle
  r.buffer_bytes +=
      lanes * (kLineBytes * (options.lane_lines + std::uint64_t{config.machine.pe.write_lines}) +
               (options.stream_depth + std::uint64_t{options.product_depth}) * config.layout.element_bytes());
  return r;
}

/// The machine, in the order in which its agents act (rule W1).
class Simulation {
 public:
  Simulation(const Workload& workload, const Config& config, const RunOptions& options)
      : config_(config),
        layout_(make_layout(workload, config.layout, 0, 0)),
        rows_(*workload.a),
        pe_config_(merge_pe_config(config, layout_)),
        dram_(make_dram(config.machine.dram, config.machine.clock, kernel_, options.sink)),
        cache_(config.machine.sram, *dram_, kernel_),
        combining_(make_combining_buffer(workload, config, layout_, *dram_, kernel_)),
        planner_(workload.b->cols, {pe_config_.element_bytes, pe_config_.pe.burst_lines, options.carry_values}),
        scheduler_(workload, config, layout_, options.carry_values, rows_, cache_, *dram_, kernel_) {
    add_arrays(options.sink);
    merge_.emplace(MergeStageSpec{workload, config, options, layout_, config.row_wise.scheduler,
                                  merge_base(workload, config, layout_), config.row_wise.arrays},
                   rows_, nullptr, cache_, *dram_, combining_, kernel_);
    rows_.set_rouse([this](Cycle at) { merge_->begin(at); });
    merge_->begin(0);
  }

  RunReport run() {
    const Cycle last_step = kernel_.run();
    RunReport report;
    Cycle last_work = std::max(merge_->last_work(), scheduler_.last_work());
    for (const WindowArray& array : arrays_) last_work = std::max(last_work, array.last_work());
    report.cycles = std::max({last_work + 1, cache_.last_service_end(), dram_->last_write_done()});
    dram_->close(std::max(report.cycles, last_step));
    report_memory(*dram_, &cache_, report);
    merge_->close(report.cycles, report);
    for (WindowArray& array : arrays_) {
      array.account().close(report.cycles);
      report.stalls["array"].add(array.account());
      report.products += array.products();
      report.actions.merge_inputs += array.summed();
    }
    report.resources = resources(config_);
    report.assumptions = {assumption(config_.layout.c_layout),
                          "a row's partial fibers are merged when its last window has ended"};
    return report;
  }

  Csr take_c() { return merge_->take_c(); }

 private:
  void add_arrays(ActivitySink* sink) {
    const MergePeConfig lanes = lane_config(pe_config_, config_.row_wise);
    const WindowOutputNeighbours neighbours{pe_config_, cache_, *dram_, combining_, rows_, planner_, kernel_};
    std::vector<WindowArray*> arrays;
    for (std::uint32_t number = 0; number < config_.row_wise.arrays; ++number) {
      arrays.push_back(&arrays_.emplace_back(config_.row_wise, lanes, number, neighbours, scheduler_));
      if (sink == nullptr) continue;
      sink->on_track(number, "array", number);
      arrays.back()->account().attach(sink, number);
    }
    scheduler_.set_arrays(std::move(arrays));
  }

  const Config& config_;
  Layout layout_;
  WindowRows rows_;
  MergePeConfig pe_config_;
  Kernel kernel_;
  std::unique_ptr<Dram> dram_;
  Cache cache_;
  CombiningBuffer combining_;
  MergePlanner planner_;
  WindowScheduler scheduler_;
  std::deque<WindowArray> arrays_;
  std::optional<MergeStage> merge_;
};

}  // namespace

RunResult run_windows(const Workload& workload, const Config& config, const RunOptions& options) {
  Simulation simulation(workload, config, options);
  RunResult result;
  result.report = simulation.run();
  if (options.carry_values) result.c = simulation.take_c();
  return result;
}

}  // namespace heddle::row_wise
