// Outer product, loop order k-m-n, the row of B stationary while the column of A streams past: OuterSPACE (HPCA'18),
// SpArch (HPCA'20), the OP mode of Flexagon (ASPLOS'23).
//
//   convert A to CSC                                   on the machine, unless given in CSC
//   multiply: for k, for segment of row k of B:        read once, broadcast to the multipliers
//               for A(r,k) in column k of A:           one product per multiplier and cycle
//                 append header and A(r,k) x segment to the log of partial fibers
//   barrier                                            unless phases: pipelined
//   merge:    for row r of C:                          tasks on the PEs, trees for more fibers than the radix
//               merge the partial fibers (r, k, segment), add equal coordinates, write C(r,:)
//
// Who waits for whom: the array for its pointers, for all lines of the segment, for the line of A' and for room in the
// append buffer, which empties into the banks of the partial-sum buffer, which spills to DRAM when its sets are full.
// The merge waits for the end of the multiply phase; with phases: pipelined each row, in order, for its last partial
// fiber. Charged: conversion, A' once per segment, B once, the part of the log that does not fit on chip twice (written
// and read back), C once.
//
// It should win when the log stays on chip, or nearly, and row-wise would read rows of B many times, or when B's rows
// are short and scattered. With L bytes of log (element_bytes per product, header_bytes per fiber), H bytes of SRAM,
// bandwidth W, M merge inputs and X multipliers, it takes about
//
//   conversion + max(products / X, (A + B + max(0, L - H)) / W) + max(products / M, (C + max(0, L - H)) / W)
//
// against max(products / M, (A + B + re-reads of B + C) / W) of row-wise: it wins if the re-reads of B exceed
// 2 max(0, L - H) and the conversion, and products / M stays below what the traffic takes.
#include "dataflows/outer_product/model.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "dataflows/converter.h"
#include "dataflows/finish.h"
#include "dataflows/merge_stage.h"
#include "dataflows/outer_product/merge_tree.h"
#include "dataflows/outer_product/multiplier_array.h"
#include "dataflows/outer_product/partial_rows.h"

namespace heddle {
namespace {

using outer_product::ColumnIndex;
using outer_product::CompleteRows;
using outer_product::MultiplierArray;
using outer_product::PartialRows;

constexpr std::uint64_t kStreams = 4;            // A' pointers and elements, B pointers and elements
constexpr std::uint32_t kArrayTrack = 1U << 16;  // of the timeline, beyond those of the PEs

std::uint64_t round_up_to_line(std::uint64_t byte) {
  return (byte + kLineBytes - 1) / kLineBytes * kLineBytes;
}

std::uint64_t buffer_bytes(const Config& config) {
  const std::uint64_t lines = (kStreams - 1) * config.machine.stream_lines + config.outer_product.append_lines;
  return lines * kLineBytes + config.outer_product.row_buffer.count;
}

std::vector<std::string> assumptions(const Config& config) {
  const bool pipelined = config.outer_product.phases == Phases::pipelined;
  std::vector<std::string> list = {
      assumption(config.layout.c_layout),
      pipelined ? "rows are merged in order while products are still being formed (phases: pipelined)"
                : "the multiply phase ends before the merge phase begins (phases: separate)"};
  if (config.outer_product.convert == Convert::free) list.push_back("A lies in memory in CSC already (convert: free)");
  return list;
}

/// The machine, in the order in which its agents act (rule O6).
class Simulation {
 public:
  Simulation(const Workload& workload, const Config& config, const RunOptions& options)
      : workload_(workload),
        config_(config),
        layout_(make_layout(workload, config.layout, workload.a->cols, workload.a->nnz())),
        index_(workload, config, layout_),
        rows_(workload, index_, options.carry_values, follow_rows()),
        dram_(make_dram(config.machine.dram, config.machine.clock, kernel_, options.sink)),
        partials_(config.machine.sram, *dram_, kernel_),
        combining_(make_combining_buffer(workload, config, layout_, *dram_, kernel_)) {
    const bool convert = config.outer_product.convert == Convert::charged;
    if (convert)
      converter_.emplace(make_conversion(config, *workload.a, layout_.a_pointers, layout_.a, layout_, Tensor::a),
                         *dram_, kernel_);
    if (options.sink != nullptr) {
      options.sink->on_track(kArrayTrack, "array", 0);
      account_.attach(options.sink, kArrayTrack);
    }
    array_.emplace(
        MultiplierArray::Neighbours{index_, config, layout_, *dram_, partials_, kernel_, account_, follow_rows()},
        workload.products, convert,
        MultiplierArray::Phase{[this](Cycle begin) { begin_multiply(begin); },
                               [this](Cycle end) { end_multiply(end); }});
    if (convert) converter_->set_successor(array_->id());
    merge_.emplace(MergeStageSpec{workload, config, options, layout_, config.outer_product.scheduler,
                                  round_up_to_line(index_.log_end())},
                   rows_, nullptr, partials_, *dram_, combining_, kernel_);
  }

  RunReport run() {
    const Cycle last_step = kernel_.run();
    RunReport report;
    report.cycles = std::max({merge_->last_work() + 1, array_->last_work_end(), dram_->last_write_done()});
    report.convert_cycles = converter_ ? converter_->end() : 0;
    report.products = array_->formed();
    dram_->close(std::max(report.cycles, last_step));
    report_memory(*dram_, &partials_, report);
    report.actions.network_elements = report.products;
    merge_->close(report.cycles, report);
    account_.close(report.cycles);
    report.stalls["array"].add(account_);
    report.resources = merge_resources(config_, buffer_bytes(config_));
    report.assumptions = assumptions(config_);
    return report;
  }

  Csr take_c() { return merge_->take_c(); }

 private:
  bool pipelined() const { return config_.outer_product.phases == Phases::pipelined; }
  /// What says when rows are complete; nullptr if they are merged after the multiply phase.
  CompleteRows* follow_rows() {
    if (pipelined() && !complete_rows_)
      complete_rows_.emplace(*workload_.a, index_, [this](Cycle at) { merge_->begin(at); });
    return complete_rows_ ? &*complete_rows_ : nullptr;
  }
  void begin_multiply(Cycle begin) {
    merge_->charge_all(begin, Tensor::a, Cause::barrier);
    if (pipelined()) merge_->begin(begin);
  }
  void end_multiply(Cycle end) {
    if (pipelined()) return;
    merge_->charge_all(end + 1, Tensor::partial, Cause::barrier);
    merge_->begin(end + 1);
  }

  const Workload& workload_;
  const Config& config_;
  Layout layout_;
  ColumnIndex index_;
  std::optional<CompleteRows> complete_rows_;
  PartialRows rows_;
  Kernel kernel_;
  CycleAccount account_;
  std::unique_ptr<Dram> dram_;
  Cache partials_;
  CombiningBuffer combining_;
  std::optional<Converter> converter_;
  std::optional<MultiplierArray> array_;
  std::optional<MergeStage> merge_;
};

}  // namespace

RunResult run_outer_product(const Workload& workload, const Config& config, const RunOptions& options) {
  validate_outer_product(config);
  if (config.outer_product.control == OuterControl::merge_tree)
    return outer_product::run_merge_tree(workload, config, options);
  Simulation simulation(workload, config, options);
  RunResult result;
  result.report = simulation.run();
  if (options.carry_values) result.c = simulation.take_c();
  return result;
}

}  // namespace heddle
