#include <algorithm>
#include <array>

#include "sim/memory/dram_part.h"
#include "tools/heddle/explain.h"

namespace heddle {
namespace {

bool always(DataflowKind, const Config&) {
  return true;
}
bool merges(DataflowKind kind, const Config&) {
  return kind != DataflowKind::inner_product;
}
bool has_array(DataflowKind kind, const Config& config) {
  return kind != DataflowKind::row_wise || config.row_wise.merge == RowMerge::windows;
}
bool scans(DataflowKind kind, const Config&) {
  return kind == DataflowKind::inner_product;
}

bool twice_bandwidth(Config& config) {
  DramConfig& dram = config.machine.dram;
  if (dram.kind == DramKind::flat)
    dram.flat.bandwidth.bytes_per_second *= 2;
  else
    dram.banked.channels = 2 * resolve_part(dram.banked).channels;
  return true;
}

std::uint32_t half(std::uint32_t clocks) {
  return std::max<std::uint32_t>(1, clocks / 2);
}

/// What an unloaded request waits for; the width of bursts and the rate of refreshes stay.
bool half_latency(Config& config) {
  DramConfig& dram = config.machine.dram;
  if (dram.kind == DramKind::flat) {
    dram.flat.latency = half(dram.flat.latency);
    return true;
  }
  const DramTiming preset = resolve_part(dram.banked).timing;
  DramTiming& timing = dram.banked.timing;
  for (const auto field : {&DramTiming::cl, &DramTiming::cwl, &DramTiming::rcd_rd, &DramTiming::rcd_wr, &DramTiming::rp,
                           &DramTiming::ras, &DramTiming::rc, &DramTiming::rtp, &DramTiming::wr})
    timing.*field = half(preset.*field);
  return true;
}

/// Line buffers of the PEs, stream and row buffers, MSHRs as far as the ways of a set allow.
bool twice_requests(Config& config) {
  Machine& machine = config.machine;
  machine.pe.line_buffers *= 2;
  machine.pe.fetch_ahead = std::min(64u, 2 * machine.pe.fetch_ahead);
  machine.stream_lines *= 2;
  config.outer_product.row_buffer.count *= 2;
  config.outer_product.append_lines *= 2;
  const std::uint32_t per_bank = machine.sram.mshrs / machine.sram.banks;
  machine.sram.mshrs = machine.sram.banks * std::min(2 * per_bank, std::max(per_bank, machine.sram.ways - 1));
  return true;
}

bool twice_capacity(Config& config) {
  config.machine.sram.capacity.count *= 2;
  config.inner_product.partial_capacity.count *= 2;
  return true;
}

/// The same bytes and MSHRs in twice as many banks.
bool twice_ports(Config& config) {
  SramConfig& sram = config.machine.sram;
  const std::uint64_t set_bytes = std::uint64_t{2} * sram.banks * sram.ways * kLineBytes;
  if (sram.capacity.count < set_bytes || sram.capacity.count % set_bytes != 0 || sram.banks >= 2048) return false;
  sram.banks *= 2;
  sram.mshrs = std::max(sram.mshrs / sram.banks, 1u) * sram.banks;
  return true;
}

/// The multipliers of all PEs together stay as many as they were, if they can.
bool twice_pes(Config& config) {
  config.machine.pe.count *= 2;
  config.machine.pe.multipliers = half(config.machine.pe.multipliers);
  return true;
}

bool twice_multipliers(Config& config) {
  config.machine.pe.multipliers *= 2;
  config.row_wise.arrays *= 2;
  return true;
}

bool twice_scan(Config& config) {
  config.inner_product.scan_width *= 2;
  config.inner_product.distribution_width *= 2;
  return true;
}

constexpr std::array kResources = {
    Resource{"dram_bandwidth", "DRAM bandwidth", always, twice_bandwidth},
    Resource{"dram_latency", "DRAM latency", always, half_latency},
    Resource{"requests", "requests in flight (line buffers, MSHRs, stream buffers)", always, twice_requests},
    Resource{"sram_capacity", "on-chip memory", always, twice_capacity},
    Resource{"sram_ports", "ports of the on-chip memory", merges, twice_ports},
    Resource{"mergers", "mergers (PEs)", merges, twice_pes},
    Resource{"multipliers", "multipliers", has_array, twice_multipliers},
    Resource{"scan_width", "scan and distribution width", scans, twice_scan},
};

}  // namespace

std::span<const Resource> resources() {
  return kResources;
}

}  // namespace heddle
