#include "dataflows/config.h"

#include <bit>
#include <string>

#include "sim/base/errors.h"

namespace heddle {
namespace {

/// Lines that `bytes` consecutive bytes lie in at worst, whatever their first byte.
std::uint64_t worst_lines(std::uint64_t bytes) {
  return bytes == 0 ? 0 : (bytes - 1 + kLineBytes - 1) / kLineBytes + 1;
}

void require(bool holds, const std::string& message) {
  if (!holds) throw InputError(message);
}

std::string text(std::uint64_t number) {
  return std::to_string(number);
}

void validate_pe(const PeConfig& pe) {
  require(pe.count >= 1, "machine.pe.count: " + text(pe.count) + "; expected at least 1");
  require(pe.multipliers >= 1, "machine.pe.multipliers: " + text(pe.multipliers) + "; expected at least 1");
  require(pe.radix >= 2, "machine.pe.radix: " + text(pe.radix) + "; a merger takes at least 2 fibers");
  require(pe.line_buffers >= 1, "machine.pe.line_buffers: " + text(pe.line_buffers) + "; expected at least 1");
  require(pe.operand_lines >= 2 * std::uint64_t{pe.radix},
          "machine.pe.operand_lines: " + text(pe.operand_lines) + "; expected at least two lines for each of " +
              "machine.pe.radix = " + text(pe.radix) + " fibers, " + text(2 * std::uint64_t{pe.radix}));
  require(pe.burst_lines >= 1, "machine.pe.burst_lines: 0; expected at least 1");
  require(pe.write_lines >= 2 * std::uint64_t{pe.burst_lines},
          "machine.pe.write_lines: " + text(pe.write_lines) + "; expected at least 2 x machine.pe.burst_lines = " +
              text(2 * std::uint64_t{pe.burst_lines}) + ", an element may straddle two bursts");
  require(pe.merge_width == 1 || pe.merge_interval == 1,
          "machine.pe.merge_width, machine.pe.merge_interval: " + text(pe.merge_width) + " and " +
              text(pe.merge_interval) + "; expected one of them to be 1");
}

void validate_sram(const SramConfig& sram) {
  require(sram.banks >= 1 && sram.ways >= 1, "machine.sram.banks, machine.sram.ways: expected at least 1 of each");
  const std::uint64_t one_set_each = std::uint64_t{sram.banks} * sram.ways * kLineBytes;
  require(sram.capacity.count >= one_set_each && sram.capacity.count % one_set_each == 0,
          "machine.sram.capacity: " + to_text(sram.capacity) + "; expected a multiple of machine.sram.banks x " +
              "machine.sram.ways x 64 B = " + text(one_set_each) + " B, at least one set per bank");
  require(sram.clusters >= 1 && sram.banks % sram.clusters == 0,
          "machine.sram.clusters: " + text(sram.clusters) +
              "; expected a divisor of machine.sram.banks = " + text(sram.banks));
  require(sram.mshrs >= sram.banks && sram.mshrs % sram.banks == 0,
          "machine.sram.mshrs: " + text(sram.mshrs) +
              "; expected a multiple of machine.sram.banks = " + text(sram.banks) + ", at least one per bank");
  // A way whose fill is under way holds an MSHR of its bank, so fewer MSHRs than ways leave a victim in every set, also
  // for a put, which needs no MSHR itself.
  require(sram.mshrs / sram.banks < sram.ways, "machine.sram.mshrs: " + text(sram.mshrs / sram.banks) +
                                                   " per bank; expected fewer than machine.sram.ways = " +
                                                   text(sram.ways) + ", so that a set always has a line to evict");
}

/// What reads through the SRAM as one cache.
void refuse_clusters(const Config& config, const std::string& what) {
  require(config.machine.sram.clusters == 1,
          "machine.sram.clusters: " + text(config.machine.sram.clusters) + "; expected 1 with " + what);
}

/// What packs results in an order of its own.
void refuse_upper_bound(const Config& config, const std::string& what) {
  require(config.layout.c_layout == CLayout::exact, "layout.c_layout: upper_bound; expected exact with " + what);
}

void refuse_formats(const Config& config, const std::string& dataflow) {
  require(!config.formats.any(), "formats.a, formats.b: " + dataflow +
                                     " takes csr only; expected --dataflow row_wise with row_wise.merge: tree");
}

/// Row-wise with windows: shapes are powers of two, and what one cycle may need fits.
void validate_windows(const Config& config) {
  refuse_formats(config, "row_wise with row_wise.merge: windows");
  refuse_clusters(config, "row_wise.merge: windows");
  const RowWiseConfig& options = config.row_wise;
  const PeConfig& pe = config.machine.pe;
  require(std::has_single_bit(options.lanes), "row_wise.lanes: " + text(options.lanes) + "; expected a power of two");
  require(std::has_single_bit(options.window_rows) && options.window_rows <= options.lanes,
          "row_wise.window_rows: " + text(options.window_rows) +
              "; expected a power of two up to row_wise.lanes = " + text(options.lanes));
  require(options.lane_lines >= 4 && options.stream_depth >= 1 && options.product_depth >= 3,
          "row_wise.lane_lines, row_wise.stream_depth, row_wise.product_depth: expected at least 4, 1 and 3");
  const std::uint64_t pointers = (std::uint64_t{options.lanes} + 1) * config.layout.pointer_bytes;
  require(config.machine.stream_lines >= worst_lines(pointers),
          "machine.stream_lines: " + text(config.machine.stream_lines) +
              "; expected room for the pointers of a window's rows: " + text(worst_lines(pointers)) + " lines");
  const std::uint64_t sums = 2 * std::uint64_t{options.lanes} * config.layout.element_bytes();
  const std::uint64_t bursts = sums / (pe.burst_lines * kLineBytes) + 2;
  require(pe.write_lines >= bursts * pe.burst_lines,
          "machine.pe.write_lines: " + text(pe.write_lines) +
              "; expected room for the bursts that the sums of one cycle may open: " + text(bursts * pe.burst_lines));
}

}  // namespace

void validate(const Config& config) {
  const Machine& machine = config.machine;
  require(machine.clock.hertz >= 1, "machine.clock: expected at least 1 Hz");
  validate_pe(machine.pe);
  validate_sram(machine.sram);
  require(machine.stream_lines >= 2, "machine.stream_lines: " + text(machine.stream_lines) +
                                         "; expected at least 2, an element may straddle two lines");
  require(machine.combining_lines >= 1, "machine.combining_lines: 0; expected at least 1");
  require(config.layout.element_bytes() <= kLineBytes, "layout.coordinate_bytes, layout.value_bytes: together " +
                                                           text(config.layout.element_bytes()) +
                                                           " B; expected at most a line, 64 B");
}

void validate_row_wise(const Config& config) {
  validate(config);
  if (one_row_of_b_at_a_time(config.row_wise.merge)) {
    refuse_formats(config, "row_wise with row_wise.merge: queues or hash");
    refuse_clusters(config, "row_wise.merge: queues or hash");
    refuse_upper_bound(config, "row_wise.merge: queues or hash");
    require(
        !config.row_wise.b_cached || config.machine.sram.replacement != Replacement::next_use,
        "machine.sram.replacement: next_use; expected another one with row_wise.merge: queues or hash, where no task "
        "says what it will read");
    require(config.machine.pe.line_buffers >= 2, "machine.pe.line_buffers: " + text(config.machine.pe.line_buffers) +
                                                     "; expected at least 2, an element may straddle two lines");
    require(config.row_wise.queues >= 2 && config.row_wise.queue_sets >= 1,
            "row_wise.queues, row_wise.queue_sets: expected at least 2 queues, one is filled from another, and 1 set");
    return;
  }
  if (config.row_wise.merge == RowMerge::windows) return validate_windows(config);
  if (config.machine.sram.replacement == Replacement::next_use)
    refuse_clusters(config, "machine.sram.replacement: next_use, which counts reads of a line wherever it is");
  require(config.machine.pe.multipliers >= config.machine.pe.merge_width,
          "machine.pe.multipliers: " + text(config.machine.pe.multipliers) +
              "; expected a multiplier for each of machine.pe.merge_width = " + text(config.machine.pe.merge_width) +
              " inputs");
  const std::uint64_t task_bytes = std::uint64_t{config.machine.pe.radix} * config.layout.element_bytes();
  require(config.machine.stream_lines >= worst_lines(task_bytes),
          "machine.stream_lines: " + text(config.machine.stream_lines) +
              "; expected room for the elements of A of one " +
              "task, machine.pe.radix = " + text(config.machine.pe.radix) + " of " +
              text(config.layout.element_bytes()) + " B: " + text(worst_lines(task_bytes)) + " lines");
}

void validate_outer_product(const Config& config) {
  validate(config);
  refuse_formats(config, "outer_product");
  const OuterProductConfig& options = config.outer_product;
  if (options.control == OuterControl::merge_tree) {
    refuse_upper_bound(config, "outer_product.control: merge_tree");
    require(options.convert == Convert::free,
            "outer_product.convert: charged; expected free with outer_product.control: "
            "merge_tree, which reads A row by row");
    require(config.machine.dram.kind == DramKind::flat,
            "machine.dram.kind: banked; expected flat with outer_product.control: merge_tree, whose reads of B are "
            "spread over the channels evenly");
    return;
  }
  require(options.chunk_requests >= 1, "outer_product.chunk_requests: 0; expected at least 1");
  const std::uint64_t element_bytes = config.layout.element_bytes();
  require(options.row_buffer.count / 2 >= kLineBytes + element_bytes,
          "outer_product.row_buffer: " + to_text(options.row_buffer) + "; expected half of it to hold an element of " +
              text(element_bytes) + " B and a line: at least " + text(2 * (kLineBytes + element_bytes)) + " B");
  // At most 63 bytes of an incomplete line are in the buffer when the next product needs room.
  const std::uint64_t append_bytes = kLineBytes - 1 + options.header_bytes + element_bytes;
  require(options.append_lines * kLineBytes >= append_bytes,
          "outer_product.append_lines: " + text(options.append_lines) +
              "; expected room for an incomplete line and a " + "product with outer_product.header_bytes: " +
              text(append_bytes) + " B, " + text((append_bytes + kLineBytes - 1) / kLineBytes) + " lines");
}

void validate_inner_product(const Config& config) {
  validate(config);
  refuse_formats(config, "inner_product");
  const InnerProductConfig& options = config.inner_product;
  if (options.control != InnerControl::scan) {
    const std::string control = "inner_product.control: " + std::string(enum_name(options.control));
    refuse_upper_bound(config, control);
    require(options.convert == Convert::free, "inner_product.convert: charged; expected free with " + control +
                                                  ", whose operands lie in memory in tiles already");
  }
  if (options.control == InnerControl::tiled)
    return require(options.fiber_group >= 1, "inner_product.fiber_group: 0; expected at least 1");
  require(options.scan_width >= 1 && options.distribution_width >= 1,
          "inner_product.scan_width, inner_product.distribution_width: expected at least 1 of each");
  if (options.control == InnerControl::bitmap) {
    require(options.slice_k >= 1, "inner_product.slice_k: 0; expected at least 1");
    require(options.partial_capacity.count < config.machine.sram.capacity.count,
            "inner_product.partial_capacity: " + to_text(options.partial_capacity) +
                "; expected less than machine.sram.capacity = " + to_text(config.machine.sram.capacity));
    return;
  }
  require(options.stream_tile.count >= kLineBytes,
          "inner_product.stream_tile: " + to_text(options.stream_tile) + "; expected at least one line, 64 B");
  const std::uint64_t capacity = config.machine.sram.capacity.count;
  require(
      options.stream_tile.count <= capacity / 2 &&
          options.partial_capacity.count <= capacity - 2 * options.stream_tile.count,
      "inner_product.stream_tile, inner_product.partial_capacity: two tiles of " + to_text(options.stream_tile) +
          " and " + to_text(options.partial_capacity) +
          " of partial sums; expected them to fit machine.sram.capacity = " + to_text(config.machine.sram.capacity));
}

}  // namespace heddle
