#include "dataflows/merge_stage.h"

#include <algorithm>

namespace heddle {
namespace {

/// Bytes of C in lines that hold bytes of more than one row: a line the rows change in is counted once, where its first
/// such change is.
std::uint64_t shared_bytes(std::uint32_t rows, const RowsOfC& c) {
  if (c.apart()) return 0;
  const std::uint64_t end = c.end();
  std::uint64_t bytes = 0;
  LineAddr counted = ~LineAddr{0};
  for (std::uint32_t row = 1; row < rows; ++row) {
    const std::uint64_t boundary = c.begin(row);
    const LineAddr line = line_of(boundary);
    if (boundary % kLineBytes == 0 || boundary == end || line == counted) continue;
    counted = line;
    bytes += std::min((line + 1) * kLineBytes, end) - line * kLineBytes;
  }
  return bytes;
}

}  // namespace

MergePeConfig merge_pe_config(const Config& config, const Layout& layout) {
  return {config.machine.pe,
          config.layout.element_bytes(),
          config.layout.pointer_bytes,
          {.apart = layout.c.apart(), .end = layout.c.end()}};
}

CombiningBuffer make_combining_buffer(const Workload& workload, const Config& config, const Layout& layout,
                                      Memory& dram, Kernel& kernel) {
  return CombiningBuffer(config.machine.combining_lines, layout.c.base(), layout.c.end(),
                         shared_bytes(workload.a->rows, layout.c), dram, kernel);
}

DispatcherSpec MergeStage::dispatcher_spec(const MergeStageSpec& spec) {
  const PeConfig& pe = spec.config.machine.pe;
  DispatcherSpec result;
  result.rows = spec.workload.a->rows;
  result.c_pointers = spec.workload.c_pointers;
  result.c_pointer_array = spec.layout.c_pointers;
  result.c = spec.layout.c;
  result.element_bytes = spec.config.layout.element_bytes();
  result.radix = pe.radix;
  result.write_lines = pe.write_lines;
  result.places = pe.fetch_ahead + 1;
  result.scheduler = spec.scheduler;
  result.partial_base = spec.partial_base;
  if (spec.options.carry_values) result.c_coordinates = c_.coordinates.data(), result.c_values = c_.values.data();
  return result;
}

MergeStage::MergeStage(const MergeStageSpec& spec, RowSource& rows, RowStreams* streams, Cache& cache, Memory& dram,
                       CombiningBuffer& combining, Kernel& kernel)
    : c_(spec.options.carry_values ? unfilled_product(spec.workload) : Csr{}),
      planner_(spec.workload.b->cols,
               {spec.config.layout.element_bytes(), spec.config.machine.pe.burst_lines, spec.options.carry_values}),
      dispatcher_(dispatcher_spec(spec), rows, streams, dram, kernel) {
  const MergePeNeighbours neighbours{cache, dram, combining, planner_, dispatcher_, kernel};
  const std::uint64_t count = spec.config.machine.pe.count;
  MergePeConfig config = merge_pe_config(spec.config, spec.layout);
  std::vector<MergePe*> pes;
  for (std::uint32_t p = 0; p < count; ++p) {
    config.cluster = static_cast<std::uint32_t>(std::uint64_t{p} * spec.config.machine.sram.clusters / count);
    pes.push_back(&pes_.emplace_back(config, p, neighbours));
    if (spec.options.sink == nullptr) continue;
    spec.options.sink->on_track(spec.first_track + p, "pe", p);
    pes.back()->account().attach(spec.options.sink, spec.first_track + p);
  }
  dispatcher_.set_pes(std::move(pes));
}

void MergeStage::charge_all(Cycle until, Tensor tensor, Cause cause) {
  for (MergePe& pe : pes_) pe.account().stall(until, tensor, cause);
}

Cycle MergeStage::last_work() const {
  Cycle last = dispatcher_.last_work();
  for (const MergePe& pe : pes_) last = std::max(last, pe.last_work());
  return last;
}

std::uint64_t MergeStage::close(Cycle total, RunReport& report) {
  std::uint64_t products = 0;
  for (MergePe& pe : pes_) {
    pe.account().close(total);
    report.stalls["pe"].add(pe.account());
    report.nnz_c += pe.stats().c_elements;
    report.actions.merge_inputs += pe.stats().consumed;
    products += pe.stats().products;
  }
  return products;
}

}  // namespace heddle
