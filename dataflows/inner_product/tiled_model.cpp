// Control `tiled` of the inner product, after ExTensor (Hegde et al., MICRO 2019).
//
//   for tile of columns n2:                                   B's tile (n2, k2) stays while m2 runs
//     for tile of the inner rank k2 where B has nonzeros:
//       for tile of rows m2 where A has nonzeros:             a step: A's tile in, C's touched micro tiles in and out
//         for micro tile of C (m1, n1):
//           for k1 where A(m1, k1) and B(k1, n1) both exist:  one item, to the PE that is free first
//             for nonempty row of one and column of the other:
//               intersect, skipping ahead; multiply and add   one step per cycle
//
// Who waits for whom: a step for the one before, for its tiles of A and B (asked for when the step before starts), for
// the partial results of C it goes on with, and for the writes of the step two before. Charged: A once for each n2, B
// once, every touched micro tile of C in and out for each k2. The operands lie in memory in tiles already.
//
// It should win over `scan` when most pairs of tiles are empty, for it skips them: its cycles follow the pairs of
// nonempty fibers in micro tiles that meet, not nnz(A) / W x nnz(B). It loses when partial results pass the chip often:
//
//   intersection steps / PEs  <  nnz(A) / W x sum over columns of max(1, ceil(nnz / scan_width))
//
// Control `bitmap`, after SIGMA (Qin et al., HPCA 2020), has the same steps, of other tiles:
//
//   for block of columns whose sums stay on chip:             C is written once
//     for slice of the inner rank:                            B's slice stays while folds change
//       for fold, W nonzeros of A's slice:                    packed into the multipliers, whatever their row
//         load the fold                                       ceil(nonzeros / distribution_width) cycles
//         for column of the block: deliver what meets         max(1, ceil(meeting / distribution_width)) cycles,
//           each value once to all that need it                   adder trees of any size add up the rows
//
// It should win over `scan` on operands of some ten per cent and more: a bitmap costs a bit where a coordinate costs
// 32, and values that several rows need are delivered once. It loses when most columns meet nothing: each costs a
// cycle.
#include "dataflows/inner_product/tiled_model.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "dataflows/finish.h"
#include "dataflows/inner_product/bitmap_plan.h"
#include "dataflows/inner_product/row_sums.h"
#include "dataflows/inner_product/tiled_array.h"
#include "sim/memory/dram.h"

namespace heddle::inner_product {
namespace {

Resources array_resources(const Config& config) {
  const Machine& machine = config.machine;
  Resources r;
  r.multipliers = machine.pe.all_multipliers();
  r.adders = r.multipliers;
  r.sram_bytes = machine.sram.capacity.count;
  r.sram_ports = machine.sram.banks;
  r.buffer_bytes = r.multipliers * 2 * config.layout.value_bytes;  // both operands of each multiplier
  return r;
}

Resources tiled_resources(const Config& config) {
  const Machine& machine = config.machine;
  Resources r;
  r.multipliers = matches_per_cycle(config);
  r.adders = r.multipliers;
  r.comparators = 2 * r.multipliers;  // two fingers each
  r.sram_bytes = machine.sram.capacity.count;
  r.sram_ports = machine.sram.banks;
  r.buffer_bytes = machine.pe.count * std::uint64_t{machine.pe.operand_lines} * kLineBytes;
  return r;
}

/// What only a machine of micro tiles has.
void describe_tiled(RunReport& report, const Config& config) {
  const LayoutConfig& layout = config.layout;
  report.actions.buffer_bytes =
      report.actions.intersections * 2 * layout.coordinate_bytes + report.products * 4 * layout.value_bytes;
  report.resources = tiled_resources(config);
  report.assumptions = {"A, B and C lie in memory in tiles; a nonempty micro tile has a coordinate and a pointer",
                        "a PE's buffer holds two micro tiles of each operand and the micro tile of C it adds to",
                        "micro tiles reach the PEs without conflicts"};
}

/// What only a machine of bitmaps has. Bits are compared 64 at a time.
void describe_bitmap(RunReport& report, const Config& config) {
  report.actions.intersections /= 64;
  report.actions.buffer_bytes = report.products * 2 * config.layout.value_bytes;
  report.resources = array_resources(config);
  report.assumptions = {"A, B and C lie in memory as bitmaps with values; compulsory traffic is that of csr",
                        "B lies by slices of inner_product.slice_k and blocks of columns",
                        "the distribution network delivers any " +
                            std::to_string(config.inner_product.distribution_width) +
                            " different values per cycle, each to any multipliers",
                        "the next fold is loaded into the multipliers after the one before has ended"};
}

/// Sums of the present micro tiles along k, added product by product.
class MicroTileSums {
 public:
  explicit MicroTileSums(std::uint32_t columns) : sums_(columns), touched_(columns, 0) {}

  void add_product(Coordinate column, double product) {
    if (touched_[column] == 0) {
      touched_[column] = 1;
      columns_.push_back(column);
      sums_[column] = 0;
    }
    sums_[column] += product;
  }

  void end(RowSums& sums) {
    for (const Coordinate column : columns_) {
      sums.add(column, sums_[column]);
      touched_[column] = 0;
    }
    columns_.clear();
  }

 private:
  std::vector<double> sums_;
  std::vector<std::uint8_t> touched_;
  std::vector<Coordinate> columns_;
};

}  // namespace

void run_tiled(RunReport& report, const Workload& workload, const Config& config, ActivitySink* sink) {
  const bool bitmap = config.inner_product.control == InnerControl::bitmap;
  const std::vector<TiledStep> steps = bitmap ? plan_bitmap(workload, config) : plan_tiled(workload, config);
  CycleAccount account;
  if (sink != nullptr) {
    sink->on_track(0, "array", 0);
    account.attach(sink, 0);
  }
  Kernel kernel;
  const std::unique_ptr<Dram> dram = make_dram(config.machine.dram, config.machine.clock, kernel, sink);
  TiledArray array(steps, config, *dram, kernel, account);
  const Cycle last_step = kernel.run();
  report.cycles = std::max(array.end(), dram->last_write_done());
  account.close(report.cycles);
  dram->close(std::max(report.cycles, last_step));
  const ArrayCounts& counts = array.counts();
  report.products = counts.products;
  report.nnz_c = counts.c_bytes / config.layout.element_bytes();
  report_memory(*dram, nullptr, report);
  report.sram_bytes = {.read = counts.sram_read, .write = counts.sram_written};
  report.actions.intersections = counts.intersections;
  report.actions.network_elements = counts.products;
  report.stalls["array"].add(account);
  bitmap ? describe_bitmap(report, config) : describe_tiled(report, config);
}

Csr form_tiled_values(const Workload& workload, std::uint32_t side) {
  const std::vector<Coordinate>& k = workload.a->coordinates;
  return form_rows(workload, MicroTileSums(workload.b->cols),
                   [&](std::uint64_t n) { return k[n + 1] / side != k[n] / side; });
}

}  // namespace heddle::inner_product
