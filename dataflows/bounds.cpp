// Lines that must move are counted region by region; regions begin at line boundaries, so their lines add up. Where
// only part of a region is certain to move, its bytes packed as densely as can be are counted.
#include "dataflows/bounds.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "dataflows/converter.h"
#include "dataflows/inner_product/tiled_plan.h"
#include "dataflows/layout.h"
#include "dataflows/matrix_counts.h"
#include "sim/base/errors.h"
#include "sim/memory/dram.h"

namespace heddle {
namespace {

/// What every dataflow writes: C and its pointers.
std::uint64_t result_lines(const Workload& w, const LayoutConfig& layout) {
  return lines_of_c(w, layout) + packed_lines((w.a->rows + std::uint64_t{1}) * layout.pointer_bytes);
}

std::uint64_t conversion_lines(const Csr& source, const Config& config, Convert convert) {
  if (convert == Convert::free) return 0;
  const LayoutConfig& layout = config.layout;
  const std::uint64_t passes = conversion_passes(config, source.cols, source.nnz());
  return 2 * passes * packed_lines(source.nnz() * layout.element_bytes()) +
         packed_lines((source.rows + std::uint64_t{1}) * layout.pointer_bytes) +
         packed_lines((source.cols + std::uint64_t{1}) * layout.pointer_bytes);
}

/// Bytes of `nnz` nonzeros of an operand that move in every case: of an encoded one its values.
std::uint64_t element_bytes(std::uint64_t nnz, OperandFormat format, const LayoutConfig& layout) {
  return nnz * (format == OperandFormat::csr ? layout.element_bytes() : layout.value_bytes);
}

std::uint64_t row_wise_lines(const Workload& w, const Config& config) {
  const LayoutConfig& layout = config.layout;
  std::uint64_t touched_rows = 0;
  for (const std::uint32_t nonzeros : column_counts(*w.a)) touched_rows += nonzeros != 0;
  if (one_row_of_b_at_a_time(config.row_wise.merge)) {  // a pair of pointers per row of A, of C, and per row of B named
    const std::uint64_t pair = 2 * std::uint64_t{layout.pointer_bytes};
    return packed_lines(w.nnz_c() * layout.element_bytes()) + packed_lines(w.a->nnz() * layout.element_bytes()) +
           packed_lines(w.touched_b_nnz * layout.element_bytes()) + 2 * packed_lines(w.a->rows * pair) +
           packed_lines(touched_rows * pair);
  }
  if (w.a->rows == 0) return result_lines(w, layout);
  return result_lines(w, layout) + packed_lines(element_bytes(w.a->nnz(), config.formats.a, layout)) +
         packed_lines((w.a->rows + std::uint64_t{1}) * layout.pointer_bytes) +
         packed_lines(element_bytes(w.touched_b_nnz, config.formats.b, layout)) +
         packed_lines(touched_rows * layout.pointer_bytes);
}

std::uint64_t outer_product_lines(const Workload& w, const Config& config) {
  const LayoutConfig& layout = config.layout;
  if (config.outer_product.control == OuterControl::merge_tree)  // no pointers: see its assumptions
    return packed_lines(w.nnz_c() * layout.element_bytes()) + packed_lines(w.a->nnz() * layout.element_bytes()) +
           packed_lines(w.touched_b_nnz * layout.element_bytes());
  std::uint64_t lines = result_lines(w, layout) + conversion_lines(*w.a, config, config.outer_product.convert);
  if (w.a->cols == 0) return lines;
  lines += packed_lines(w.a->nnz() * layout.element_bytes()) + packed_lines(w.touched_b_nnz * layout.element_bytes()) +
           2 * packed_lines((w.a->cols + std::uint64_t{1}) * layout.pointer_bytes);
  if (config.outer_product.phases == Phases::pipelined) return lines;
  // No partial is read before all are put, so what exceeds the buffer is written and read back.
  const std::uint64_t log_lines = packed_lines(partial_log(w, config).bytes);
  const std::uint64_t held = config.machine.sram.capacity.count / kLineBytes;
  return lines + 2 * (log_lines - std::min(log_lines, held));
}

std::uint64_t folds_of(const Workload& w, const Config& config) {
  return divide_up(w.a->nnz(), config.machine.pe.all_multipliers());
}

/// C has no pointers in tiles. A tile of A or B without a counterpart is never read.
std::uint64_t tiled_product_lines(const Workload& w, const Config& config) {
  return packed_lines(w.nnz_c() * config.layout.element_bytes()) + (w.nnz_c() == 0 ? 0 : 2);
}

/// Values without their bitmaps.
std::uint64_t bitmap_product_lines(const Workload& w, const Config& config) {
  if (w.a->nnz() == 0 || w.b->nnz() == 0) return 0;
  const std::uint64_t bytes = config.layout.value_bytes;
  return packed_lines(w.a->nnz() * bytes) + packed_lines(w.touched_b_nnz * bytes) + packed_lines(w.nnz_c() * bytes);
}

std::uint64_t inner_product_lines(const Workload& w, const Config& config) {
  const LayoutConfig& layout = config.layout;
  const InnerProductConfig& options = config.inner_product;
  if (options.control == InnerControl::tiled) return tiled_product_lines(w, config);
  if (options.control == InnerControl::bitmap) return bitmap_product_lines(w, config);
  std::uint64_t lines = result_lines(w, layout) + conversion_lines(*w.b, config, options.convert);
  if (w.a->nnz() == 0 || w.b->nnz() == 0) return lines;
  std::uint32_t last_row = w.a->rows - 1;
  while (w.a->row_nnz(last_row) == 0) --last_row;
  std::uint64_t columns = 0;
  for (const std::uint32_t nonzeros : column_counts(*w.b)) columns += nonzeros != 0;
  const std::uint64_t b_lines = packed_lines(w.b->nnz() * layout.element_bytes());
  const std::uint64_t most_pinned =
      (config.machine.sram.capacity.count - 2 * options.stream_tile.count - options.partial_capacity.count) /
      kLineBytes;
  const std::uint64_t streamed = b_lines - std::min(b_lines, most_pinned);
  return lines + packed_lines(w.a->nnz() * layout.element_bytes()) +
         packed_lines((last_row + std::uint64_t{2}) * layout.pointer_bytes) +
         packed_lines((columns + 1) * layout.pointer_bytes) + b_lines + (folds_of(w, config) - 1) * streamed;
}

std::uint64_t unavoidable_lines(DataflowKind kind, const Workload& w, const Config& config) {
  switch (kind) {
    case DataflowKind::inner_product:
      return inner_product_lines(w, config);
    case DataflowKind::outer_product:
      return outer_product_lines(w, config);
    case DataflowKind::row_wise:
      return row_wise_lines(w, config);
  }
  throw InternalError("unknown dataflow");
}

/// Some channel moves at least its even share. The last of its lines may still be on the pins of a flat channel when
/// the run ends, if it was read and arrived before that.
std::uint64_t bandwidth_cycles(DataflowKind kind, const Workload& w, const Config& config) {
  const DramPeak peak = dram_peak(config.machine);
  const std::uint64_t share = divide_up(unavoidable_lines(kind, w, config), peak.channels);
  if (share == 0) return 0;
  const double interval = double(kLineBytes) * peak.channels / peak.bytes_per_cycle;
  const double last = config.machine.dram.kind == DramKind::flat
                          ? std::min(interval, double(config.machine.dram.flat.latency) + 1)
                          : interval;
  constexpr double kRounding = 1 - 1e-12;
  return static_cast<std::uint64_t>((double(share - 1) * interval + last) * kRounding);
}

/// Inputs of all levels of all rows' merge trees, one per PE and cycle, and the longest task known to run on one PE.
/// Between two levels at least the nonzeros of C's row are handed on.
template <class FibersOf>
std::uint64_t merge_cycles(const Workload& w, const Config& config, FibersOf fibers_of) {
  std::uint64_t inputs = w.products;
  std::uint64_t longest = 0;
  for (std::uint32_t row = 0; row < w.a->rows; ++row) {
    const std::uint64_t row_nnz_c = w.c_pointers[row + 1] - w.c_pointers[row];
    if (row_nnz_c == 0) continue;
    const RowCounts counts = fibers_of(row);
    const std::uint32_t levels = merge_levels(counts.fibers, config.machine.pe.radix);
    inputs += (levels - 1) * row_nnz_c;
    longest = std::max(longest, levels == 1 ? counts.products : row_nnz_c);
  }
  const PeConfig& pe = config.machine.pe;
  const auto cycles = [&](std::uint64_t elements, std::uint64_t mergers) {
    return divide_up(elements * pe.merge_interval, mergers * pe.merge_width);
  };
  return std::max(cycles(longest, 1), cycles(inputs, pe.count));
}

}  // namespace

std::uint32_t merge_levels(std::uint64_t fibers, std::uint32_t radix) {
  std::uint32_t levels = 1;
  for (; fibers > radix; fibers = divide_up(fibers, radix)) ++levels;
  return levels;
}

DramPeak dram_peak(const Machine& machine) {
  Kernel scratch;
  const std::unique_ptr<Dram> dram = make_dram(machine.dram, machine.clock, scratch);
  return {dram->channels(), dram->peak_bytes_per_cycle()};
}

std::uint64_t unavoidable_bytes(DataflowKind kind, const Workload& workload, const Config& config) {
  return unavoidable_lines(kind, workload, config) * kLineBytes;
}

Bounds inner_product_bounds(const Workload& workload, const Config& config) {
  const InnerProductConfig& options = config.inner_product;
  if (options.control != InnerControl::scan) {
    const bool tiled = options.control == InnerControl::tiled;
    Bounds bounds;
    bounds.compute_cycles = divide_up(
        workload.products, tiled ? inner_product::matches_per_cycle(config) : config.machine.pe.all_multipliers());
    bounds.bandwidth_cycles = bandwidth_cycles(DataflowKind::inner_product, workload, config);
    return bounds;
  }
  std::uint64_t scan = 0;
  for (const std::uint32_t nonzeros : column_counts(*workload.b)) scan += divide_up(nonzeros, options.scan_width);
  const std::uint64_t width = std::min<std::uint64_t>(config.machine.pe.all_multipliers(), options.distribution_width);
  Bounds bounds;
  bounds.compute_cycles = std::max(folds_of(workload, config) * scan, divide_up(workload.products, width));
  bounds.bandwidth_cycles = bandwidth_cycles(DataflowKind::inner_product, workload, config);
  return bounds;
}

Bounds outer_product_bounds(const Workload& workload, const Config& config) {
  Bounds bounds;
  if (config.outer_product.control == OuterControl::merge_tree) {
    const PeConfig& pe = config.machine.pe;
    bounds.compute_cycles = divide_up(workload.products, config.machine.pe.all_multipliers());
    bounds.merge_cycles = divide_up(workload.products * pe.merge_interval, std::uint64_t{pe.count} * pe.merge_width);
    bounds.bandwidth_cycles = bandwidth_cycles(DataflowKind::outer_product, workload, config);
    return bounds;
  }
  const PartialLog log = partial_log(workload, config);
  const std::uint64_t ports = divide_up(packed_lines(log.bytes), config.machine.sram.banks);
  bounds.compute_cycles = std::max(log.least_cycles, ports);
  const std::uint64_t segment = segment_elements(config);
  bounds.merge_cycles =
      merge_cycles(workload, config, [&](std::uint32_t row) { return partial_fibers(workload, row, segment); });
  bounds.bandwidth_cycles = bandwidth_cycles(DataflowKind::outer_product, workload, config);
  return bounds;
}

Bounds row_wise_bounds(const Workload& workload, const Config& config) {
  Bounds bounds;
  if (one_row_of_b_at_a_time(config.row_wise.merge)) {  // a product is a step of the PE that has its row
    std::vector<std::uint64_t> products(config.machine.pe.count, 0);
    for (std::uint32_t row = 0; row < workload.a->rows; ++row)
      products[row % products.size()] += row_products(workload, row);
    bounds.merge_cycles = *std::max_element(products.begin(), products.end());
    bounds.bandwidth_cycles = bandwidth_cycles(DataflowKind::row_wise, workload, config);
    return bounds;
  }
  if (config.row_wise.merge == RowMerge::windows) {  // a lane a product, a PE at least the elements of C
    const PeConfig& pe = config.machine.pe;
    bounds.compute_cycles = divide_up(workload.products, std::uint64_t{config.row_wise.arrays} * config.row_wise.lanes);
    bounds.merge_cycles = divide_up(workload.nnz_c() * pe.merge_interval, std::uint64_t{pe.count} * pe.merge_width);
    bounds.bandwidth_cycles = bandwidth_cycles(DataflowKind::row_wise, workload, config);
    return bounds;
  }
  bounds.compute_cycles = divide_up(workload.products, config.machine.pe.all_multipliers());
  bounds.merge_cycles = merge_cycles(workload, config, [&](std::uint32_t row) {
    return RowCounts{workload.a->row_nnz(row), row_products(workload, row)};
  });
  bounds.bandwidth_cycles = bandwidth_cycles(DataflowKind::row_wise, workload, config);
  return bounds;
}

}  // namespace heddle
