#include "models/selector/closed_form.h"

#include <algorithm>
#include <cmath>

#include "dataflows/bounds.h"
#include "sim/memory/memory.h"

namespace heddle::selector {
namespace {

/// The quantities the three forms share.
struct Terms {
  Terms(const Measurement& measured, const Config& configured) : m(measured), config(configured) {
    const Machine& machine = config.machine;
    pes = machine.pe.count;
    multipliers = pes * machine.pe.multipliers;
    element = config.layout.element_bytes();
    pointer = config.layout.pointer_bytes;
    sram = double(machine.sram.capacity.count);
    bytes_per_cycle = dram_peak(machine).bytes_per_cycle;
    latency = machine.dram.flat.latency;
    miss_bytes_per_cycle = double(machine.sram.mshrs) * double(kLineBytes) / latency;
    products = std::max(1.0, m.products);
    nnz_c = products * m.fill;
    a_bytes = element * double(m.nnz_a) + pointer * double(m.rows);
    c_bytes = element * nnz_c + pointer * double(m.rows);
    a_row = double(m.nnz_a) / std::max(1.0, double(m.rows) * (1 - m.a_empty));
    b_row = m.nnz_a == 0 ? 0 : products / double(m.nnz_a);
  }
  double memory(double bytes) const { return bytes / bytes_per_cycle; }
  double conversion(double nnz, double from, double to, double least_passes) const {
    const double bytes = 2 * least_passes * element * nnz + pointer * (from + to);
    return std::max(memory(bytes), bytes / (2 * double(kLineBytes))) + latency;
  }
  double passes(double columns, double nnz) const {
    const double ways = std::max(2.0, sram / (2 * double(kLineBytes)));
    return nnz <= 0 || columns <= 1 ? 1 : std::max(1.0, std::ceil(std::log(columns) / std::log(ways) - 1e-9));
  }
  /// Bytes of the lines that a fiber of `elements` lies in.
  double fiber_lines(double elements) const {
    return elements <= 0 ? 0 : (std::max(0.0, elements * element - 1) / double(kLineBytes) + 1) * double(kLineBytes);
  }
  /// Levels of the merge tree beyond the first, averaged over nonzeros.
  double extra_levels(double beyond) const {
    const double longest = double(m.a_row_max);
    if (longest <= config.machine.pe.radix) return 0;
    return beyond * std::max(1.0, std::ceil(std::log(longest) / std::log(double(config.machine.pe.radix)) - 1e-9) - 1);
  }

  const Measurement& m;
  const Config& config;
  double pes, multipliers, element, pointer, sram, bytes_per_cycle, latency, miss_bytes_per_cycle;
  double products, nnz_c, a_bytes, c_bytes, a_row, b_row;
};

void inner_product(const Terms& t, ClosedForm& f) {
  const InnerProductConfig& options = t.config.inner_product;
  const double folds = std::max(1.0, std::ceil(double(t.m.nnz_a) / t.multipliers));
  const double columns = std::max(1.0, t.m.b_columns);
  const double length = double(t.m.nnz_b) / columns;
  const double scans = length <= options.scan_width ? 1 : length / options.scan_width + 0.5;
  f.ip_scan = folds * columns * scans;
  f.ip_match = t.products / options.distribution_width;
  const double b_bytes = t.element * double(t.m.nnz_b);
  const double room = t.sram - 2 * double(options.stream_tile.count) - double(options.partial_capacity.count);
  const double streamed = std::max(0.0, b_bytes + t.pointer * columns - room);
  f.ip_traffic = t.memory(t.a_bytes + t.c_bytes + b_bytes + (folds - 1) * streamed);
}

void outer_product(const Terms& t, ClosedForm& f) {
  const OuterProductConfig& options = t.config.outer_product;
  const double fibers = std::max(1.0, double(t.m.nnz_a));
  const double log = t.products * t.element + fibers * options.header_bytes;
  const double columns = double(t.m.inner) * std::min(1.0, fibers / std::max(1.0, double(t.m.inner)));
  f.op_multiply =
      std::max(columns + t.products / t.multipliers, log / double(kLineBytes) / double(t.config.machine.sram.banks));
  f.op_merge = (t.products + t.extra_levels(t.m.a_beyond_radix) * 0.5 * (t.products + t.nnz_c)) / t.pes;
  f.op_merge = std::max(f.op_merge, double(t.m.a_row_max) * t.b_row);
  f.op_traffic = t.memory(t.a_bytes + t.element * double(t.m.nnz_b) * t.m.touched_b + t.c_bytes +
                          2 * t.pointer * double(t.m.inner));
  const double spilled = std::max(0.0, log - t.sram);
  const double read_back = log <= 0 ? 0 : spilled / log * fibers * (t.fiber_lines(log / fibers / t.element));
  f.op_spill = t.memory(spilled) + std::max(t.memory(read_back), read_back / t.miss_bytes_per_cycle);
}

void row_wise(const Terms& t, ClosedForm& f) {
  f.rw_merge = (t.products + t.extra_levels(t.m.a_beyond_radix) * 0.5 * (t.products + t.nnz_c)) / t.pes;
  const double longest = double(std::min<std::uint64_t>(t.m.a_row_max, t.config.machine.pe.radix));
  f.rw_longest = std::max(longest * t.b_row, t.m.a_row_max <= t.config.machine.pe.radix ? t.m.row_products_max : 0);
  const double touched = t.element * double(t.m.nnz_b) * t.m.touched_b;
  const double fetched = double(t.m.nnz_a) * t.fiber_lines(t.b_row);
  // Of the fetches that are not first ones, those of a window repeat soon; the others hit as far as B fits.
  const double held = std::min(1.0, t.sram / std::max(1.0, touched));
  const double again = std::max(0.0, fetched * (1 - t.m.reuse) - touched) * (1 - held);
  const double b_bytes = touched + again;
  f.rw_traffic = t.memory(t.a_bytes + b_bytes + t.c_bytes + t.pointer * double(t.m.inner) * t.m.touched_b);
  f.rw_misses = (b_bytes + t.pointer * double(t.m.inner)) / t.miss_bytes_per_cycle;
}

}  // namespace

PerDataflow ClosedForm::cycles() const {
  return {2 * latency + convert_b + std::max({ip_scan, ip_match, ip_traffic}),
          3 * latency + convert_a + std::max(op_multiply, op_traffic) + std::max(op_merge, op_spill),
          2 * latency + std::max({rw_merge, rw_longest, rw_traffic, rw_misses})};
}

ClosedForm closed_form(const Measurement& m, const Config& config) {
  const Terms t(m, config);
  ClosedForm f;
  f.latency = t.latency;
  if (config.outer_product.convert == Convert::charged)
    f.convert_a =
        t.conversion(double(m.nnz_a), double(m.rows), double(m.inner), t.passes(double(m.inner), double(m.nnz_a)));
  if (config.inner_product.convert == Convert::charged)
    f.convert_b =
        t.conversion(double(m.nnz_b), double(m.inner), double(m.cols), t.passes(double(m.cols), double(m.nnz_b)));
  inner_product(t, f);
  outer_product(t, f);
  row_wise(t, f);
  return f;
}

Measurement uniform_view(const Measurement& m) {
  Measurement u = m;
  const double inner = std::max(1.0, double(m.inner));
  const double cells = std::max(1.0, double(m.rows) * double(m.cols));
  u.products = double(m.nnz_a) * double(m.nnz_b) / inner;
  u.fill = u.products <= 0 ? 1 : cells * -std::expm1(-u.products / cells) / u.products;
  u.a_row_max = static_cast<std::uint64_t>(std::ceil(double(m.nnz_a) / std::max(1.0, double(m.rows))));
  u.b_row_max = static_cast<std::uint64_t>(std::ceil(double(m.nnz_b) / inner));
  u.a_row_cv = u.b_row_cv = 0;
  u.a_beyond_radix = u.reuse = 0;
  u.a_empty = std::exp(-double(m.nnz_a) / std::max(1.0, double(m.rows)));
  u.b_empty = std::exp(-double(m.nnz_b) / inner);
  u.row_products_max = u.products / std::max(1.0, double(m.rows));
  u.touched_b = -std::expm1(-double(m.nnz_a) / inner);
  u.b_columns = double(m.cols) * -std::expm1(-double(m.nnz_b) / std::max(1.0, double(m.cols)));
  u.spread = 1.0 / std::max(1.0, double(m.nnz_a) / std::max(1.0, double(m.rows)));
  u.sampled_rows = u.sample_cycles = 0;
  return u;
}

}  // namespace heddle::selector
