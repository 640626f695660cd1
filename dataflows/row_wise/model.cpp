// Row-wise product, loop order m-k-n, a row of C stationary in a merger while rows of B stream past (Gustavson): Gamma
// (ASPLOS'21), MatRaptor (MICRO'20), InnerSP (PACT'21).
//
//   for row r of A, in order, to the PE with the fewest tasks:        dispatcher, fed by two streams of A
//     for nonzeros A(r,k), up to `radix` of them:                     one task
//       read the pointers of B(k,:), then its first two lines         loader, some tasks ahead, through the cache
//     merge the scaled rows B(k,:), one element per cycle:            multiply, merge and add in one pipeline
//       as the merge leaves a line of a row, request the line after next
//       write full lines of C(r,:) to DRAM, its ends to the combining buffer
//   a row with more nonzeros than `radix` is a tree of such tasks; their partial fibers stay in the cache, lines are
//   allocated without a fill, freed when read, spilled when evicted
//
// Stationary: one row of C per PE. Who waits for whom: a PE for the operands of its task, for the next line of a fiber
// and for a free output line; a parent task for its children; the dispatcher for A and for room at a PE. Charged: A
// once, rows of B as often as the cache does not hold them, C once, pointers, partial fibers that do not fit on chip.
// Nothing is converted: A, B and C are CSR.
//
// It should win when products per merge input is what limits everybody, or when B is reused from the cache. With M
// merge inputs per cycle, W bytes per cycle, and D <= products x element_bytes the bytes of B's rows read from DRAM,
//
//   max(products / M, (A + D + C) / W) < multiply + merge of the outer product, which moves its products off chip and
//                                        back unless they fit:  2 max(0, products x element_bytes - SRAM) > D - B
//   max(products / M, (A + D + C) / W) < nonzeros of A / multipliers x columns of B of the inner product, which scans
//                                        every column once per fold
//
// so it loses to outer product when rows of B are scattered and the products fit on chip, and to inner product when C
// is nearly dense and small.
#include "dataflows/row_wise/model.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "dataflows/encoded_operands.h"
#include "dataflows/finish.h"
#include "dataflows/merge_stage.h"
#include "dataflows/row_streams.h"
#include "dataflows/row_wise/queue_model.h"
#include "dataflows/row_wise/rows_of_b.h"
#include "dataflows/row_wise/window_model.h"
#include "sim/base/errors.h"
#include "sim/memory/dram.h"

namespace heddle {
namespace {

constexpr std::uint64_t kStreams = 2;  // pointers and elements of A

/// The machine, in the order in which its agents act (rule R3).
class Simulation {
 public:
  Simulation(const Workload& workload, const Config& config, const RunOptions& options)
      : config_(config),
        layout_(make_layout(workload, config.layout, 0, 0)),
        dram_(make_dram(config.machine.dram, config.machine.clock, kernel_, options.sink)),
        decoder_(make_decoder(workload)),
        cache_(config.machine.sram, operand_memory(), kernel_),
        rows_(workload, layout_, options.carry_values, cache_),
        combining_(make_combining_buffer(workload, config, layout_, *dram_, kernel_)),
        streams_(layout_.a_pointers, layout_.a, workload.a->rows, workload.a->nnz(), config.machine.stream_lines,
                 operand_memory(), kernel_),
        merge_(MergeStageSpec{workload, config, options, layout_, config.row_wise.scheduler, layout_.partial_base},
               rows_, &streams_, cache_, *dram_, combining_, kernel_) {
    merge_.begin(0);
  }

  RunReport run() {
    const Cycle last_step = kernel_.run();
    RunReport report;
    report.cycles = std::max({merge_.last_work() + 1, cache_.last_service_end(), dram_->last_write_done()});
    dram_->close(std::max(report.cycles, last_step));
    report_memory(*dram_, &cache_, report);
    report.products = merge_.close(report.cycles, report);
    report.resources = merge_resources(config_, kStreams * config_.machine.stream_lines * kLineBytes);
    report.assumptions = {assumption(config_.layout.c_layout), "a parent task starts when all its children have ended"};
    if (decoder_) {
      report.decoder = decoder_->counts();
      report.resources.buffer_bytes += config_.formats.decoder.line_buffers * kLineBytes;
      report.assumptions.push_back("encoded operands keep row pointers; compulsory traffic is that of csr");
    }
    return report;
  }

  Csr take_c() { return merge_.take_c(); }

 private:
  std::optional<TileDecoder> make_decoder(const Workload& workload) {
    const FormatsConfig& formats = config_.formats;
    if (!formats.any()) return std::nullopt;
    if (formats.a != OperandFormat::csr) operands_.add(*workload.a, layout_.a, config_.layout);
    if (formats.b != OperandFormat::csr) operands_.add(*workload.b, layout_.b, config_.layout);
    return std::optional<TileDecoder>(std::in_place, formats.decoder, operands_, *dram_, kernel_);
  }
  /// What lines of A and B are read from.
  Memory& operand_memory() {
    if (decoder_) return *decoder_;
    return *dram_;
  }

  const Config& config_;
  Layout layout_;
  Kernel kernel_;
  std::unique_ptr<Dram> dram_;
  TiledOperands operands_;
  std::optional<TileDecoder> decoder_;
  Cache cache_;
  row_wise::RowsOfB rows_;
  CombiningBuffer combining_;
  RowStreams streams_;
  MergeStage merge_;
};

}  // namespace

RunResult run_row_wise(const Workload& workload, const Config& config, const RunOptions& options) {
  validate_row_wise(config);
  if (one_row_of_b_at_a_time(config.row_wise.merge)) return row_wise::run_queues(workload, config, options);
  if (config.row_wise.merge == RowMerge::windows) return row_wise::run_windows(workload, config, options);
  Simulation simulation(workload, config, options);
  RunResult result;
  result.report = simulation.run();
  if (options.carry_values) result.c = simulation.take_c();
  return result;
}

}  // namespace heddle
