// Expected cycles without a run: each phase takes the larger of its work and its traffic. What is not exact in here:
// latencies, imbalance beyond the longest task, conflicts, and how much fibers shrink between levels of a merge tree.
#include <algorithm>
#include <vector>

#include "dataflows/bounds.h"
#include "dataflows/converter.h"
#include "dataflows/layout.h"
#include "dataflows/matrix_counts.h"
#include "sim/base/errors.h"

namespace heddle {
namespace {

/// Rows of B in a cache that evicts whole rows, least recently used first.
class RowCache {
 public:
  RowCache(std::uint32_t rows, std::uint64_t capacity_bytes)
      : older_(rows + std::size_t{1}),
        newer_(rows + std::size_t{1}),
        held_(rows, 0),
        ends_(rows),
        room_(capacity_bytes) {
    older_[ends_] = newer_[ends_] = ends_;
  }

  /// True if row k, `bytes` long, is held; it is from now on if it fits at all.
  bool access(std::uint32_t k, std::uint64_t bytes) {
    const bool hit = held_[k] != 0 || bytes == 0;
    if (bytes == 0) return hit;
    if (hit) unlink(k);
    if (!hit && bytes > room_) evict(bytes);
    if (!hit && bytes > room_) return false;
    if (!hit) room_ -= bytes;
    held_[k] = bytes;
    newer_[k] = ends_;
    older_[k] = older_[ends_];
    newer_[older_[k]] = k;
    older_[ends_] = k;
    return hit;
  }

 private:
  void unlink(std::uint32_t k) {
    newer_[older_[k]] = newer_[k];
    older_[newer_[k]] = older_[k];
  }
  void evict(std::uint64_t bytes) {
    while (room_ < bytes && newer_[ends_] != ends_) {
      const std::uint32_t oldest = newer_[ends_];
      unlink(oldest);
      room_ += held_[oldest];
      held_[oldest] = 0;
    }
  }

  std::vector<std::uint32_t> older_, newer_;  // a ring through `ends_`: newer_[ends_] is the oldest
  std::vector<std::uint64_t> held_;
  std::uint32_t ends_;
  std::uint64_t room_;
};

/// Lines `bytes` consecutive bytes lie in, on average over where they begin.
double mean_lines(double bytes) {
  return bytes == 0 ? 0 : (bytes - 1) / double(kLineBytes) + 1;
}

/// Lines of B that row-wise reads, re-reads included.
double row_wise_b_lines(const Workload& w, const Config& config) {
  const bool cached = !one_row_of_b_at_a_time(config.row_wise.merge) || config.row_wise.b_cached;
  RowCache cache(w.b->rows, cached ? config.machine.sram.capacity.count : 0);
  const double element_bytes = config.layout.element_bytes();
  double lines = 0;
  for (const Coordinate k : w.a->coordinates) {
    const std::uint64_t nonzeros = w.b->row_nnz(k);
    const double fiber_lines = mean_lines(double(nonzeros) * element_bytes);
    if (!cache.access(k, static_cast<std::uint64_t>(fiber_lines) * kLineBytes)) lines += fiber_lines;
  }
  return std::max(lines, double(w.touched_b_nnz) * element_bytes / double(kLineBytes));
}

struct MergeWork {
  double inputs = 0;   ///< of all mergers
  double longest = 0;  ///< products of the longest task
};

/// Between two levels of a tree fibers shrink to something between the products and the row of C: the mean is taken.
template <class CountsOf>
MergeWork merge_work(const Workload& w, const Config& config, CountsOf counts_of) {
  MergeWork work;
  for (std::uint32_t row = 0; row < w.a->rows; ++row) {
    const RowCounts counts = counts_of(row);
    const std::uint32_t levels = merge_levels(counts.fibers, config.machine.pe.radix);
    const double nnz_c = double(w.c_pointers[row + 1] - w.c_pointers[row]);
    work.inputs += double(counts.products) + (levels - 1) * (nnz_c + double(counts.products)) / 2;
    work.longest = std::max(work.longest, levels == 1 ? double(counts.products) : nnz_c);
  }
  return work;
}

double merge_cycles(const MergeWork& work, const Config& config) {
  const PeConfig& pe = config.machine.pe;
  return std::max(work.longest, work.inputs / pe.count) * pe.merge_interval / pe.merge_width;
}

double lines_of(double entries, double bytes_each) {
  return entries * bytes_each / double(kLineBytes);
}

/// Everything a run moves in every case, in lines, without conversion and spills.
struct Operands {
  double a, b, c, a_pointers, b_pointers;
  Operands(const Workload& w, const LayoutConfig& layout)
      : a(lines_of(double(w.a->nnz()), layout.element_bytes())),
        b(lines_of(double(w.touched_b_nnz), layout.element_bytes())),
        c(double(lines_of_c(w, layout)) + lines_of(double(w.a->rows), layout.pointer_bytes)),
        a_pointers(lines_of(double(w.a->rows), layout.pointer_bytes)),
        b_pointers(lines_of(double(w.b->rows), layout.pointer_bytes)) {}
};

double lines_per_cycle(const Config& config) {
  return dram_peak(config.machine).bytes_per_cycle / double(kLineBytes);
}

double conversion_cycles(const Csr& source, const Config& config, Convert convert) {
  if (convert == Convert::free) return 0;
  const double passes = conversion_passes(config, source.cols, source.nnz());
  const double lines = 2 * passes * lines_of(double(source.nnz()), config.layout.element_bytes()) +
                       lines_of(double(source.rows) + double(source.cols), config.layout.pointer_bytes);
  return std::max(lines / lines_per_cycle(config), lines / 2);  // one line read and one written per cycle
}

double row_wise_cycles(const Workload& w, const Config& config) {
  const Operands operands(w, config.layout);
  const double lines =
      operands.a + operands.a_pointers + operands.b_pointers + row_wise_b_lines(w, config) + operands.c;
  if (config.row_wise.merge == RowMerge::windows) {
    const double lanes = double(config.row_wise.arrays) * config.row_wise.lanes;
    return std::max(double(w.products) / lanes, lines / lines_per_cycle(config));
  }
  const MergeWork work = merge_work(w, config, [&](std::uint32_t row) {
    return RowCounts{w.a->row_nnz(row), row_products(w, row)};
  });
  return std::max(merge_cycles(work, config), lines / lines_per_cycle(config));
}

double outer_product_cycles(const Workload& w, const Config& config) {
  const Operands operands(w, config.layout);
  const PartialLog log = partial_log(w, config);
  const std::uint64_t segment = segment_elements(config);
  const MergeWork work = merge_work(w, config, [&](std::uint32_t row) { return partial_fibers(w, row, segment); });
  const double log_lines = double(log.bytes) / double(kLineBytes);
  const double spilled = std::max(0.0, log_lines - double(config.machine.sram.capacity.count) / double(kLineBytes));
  // A spilled line is read once for each fiber that has bytes in it.
  const double read_back =
      log_lines == 0 ? 0
                     : spilled / log_lines * double(log.fibers) * mean_lines(double(log.bytes) / double(log.fibers));
  const double multiply_lines = operands.a + operands.b + 2 * operands.b_pointers + spilled;
  const double ports = log_lines / config.machine.sram.banks;
  const double multiply = std::max(double(log.least_cycles), ports);
  const double merge = merge_cycles(work, config);
  const double merge_lines = operands.c + read_back;
  const double conversion = conversion_cycles(*w.a, config, config.outer_product.convert);
  if (config.outer_product.phases == Phases::pipelined)
    return conversion + std::max({multiply, merge, (multiply_lines + merge_lines) / lines_per_cycle(config)});
  return conversion + std::max(multiply, multiply_lines / lines_per_cycle(config)) +
         std::max(merge, merge_lines / lines_per_cycle(config));
}

double inner_product_cycles(const Workload& w, const Config& config) {
  const InnerProductConfig& options = config.inner_product;
  const Operands operands(w, config.layout);
  const double conversion = conversion_cycles(*w.b, config, options.convert);
  const double b_lines = lines_of(double(w.b->nnz()), config.layout.element_bytes());
  const double pinned = (double(config.machine.sram.capacity.count) - 2 * double(options.stream_tile.count) -
                         double(options.partial_capacity.count)) /
                        double(kLineBytes);
  const double folds = double(w.a->nnz()) / (double(config.machine.pe.count) * config.machine.pe.multipliers);
  const double streamed = std::max(0.0, b_lines - pinned) *
                          (1 + lines_of(double(w.b->cols), config.layout.pointer_bytes) / std::max(1.0, b_lines));
  const double lines = operands.a + operands.c + b_lines + std::max(0.0, folds - 1) * streamed;
  const double compute = double(inner_product_bounds(w, config).compute_cycles);
  return conversion + std::max(compute, lines / lines_per_cycle(config));
}

}  // namespace

double estimate_cycles(DataflowKind kind, const Workload& workload, const Config& config) {
  const double latency = config.machine.dram.flat.latency + config.machine.pe.latency;
  switch (kind) {
    case DataflowKind::inner_product:
      return latency + inner_product_cycles(workload, config);
    case DataflowKind::outer_product:
      return 2 * latency + outer_product_cycles(workload, config);
    case DataflowKind::row_wise:
      return latency + row_wise_cycles(workload, config);
  }
  throw InternalError("unknown dataflow");
}

}  // namespace heddle
