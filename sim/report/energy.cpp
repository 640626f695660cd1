#include "sim/report/energy.h"

#include <bit>

namespace heddle {

EnergyJoules EnergyParts::groups() const {
  return {multiply + add, compare + network, sram + buffer, dram_activate + dram_transfer + dram_refresh, leakage};
}

EnergyParts energy_of(const RunReport& report, const EnergyConfig& config, const EnergyScale& scale) {
  constexpr double kJoulesPerPj = 1e-12;
  const auto tree_levels = static_cast<double>(std::bit_width(scale.radix - 1U));
  const ActionCounts& actions = report.actions;
  const double comparisons = double(actions.merge_inputs) * tree_levels + double(actions.intersections);
  const bool commands = report.dram_commands.activates + report.dram_commands.refreshes != 0;
  const double bits = double(report.dram_bytes.total()) * 8;

  EnergyParts energy;
  energy.multiply = kJoulesPerPj * double(actions.macs) * config.multiply_pj;
  energy.add = kJoulesPerPj * (double(report.products) - double(report.nnz_c)) * config.add_pj;
  energy.compare = kJoulesPerPj * comparisons * config.compare_pj;
  energy.network = kJoulesPerPj * double(actions.network_elements) * scale.element_bytes * config.network_pj_per_byte;
  energy.sram = kJoulesPerPj * double(report.sram_bytes.read + report.sram_bytes.write) * config.sram_pj_per_byte;
  energy.buffer = kJoulesPerPj * double(actions.buffer_bytes) * config.buffer_pj_per_byte;
  energy.dram_activate = kJoulesPerPj * double(report.dram_commands.activates) * config.dram_activate_pj;
  energy.dram_transfer = kJoulesPerPj * bits * (commands ? config.dram_transfer_pj_per_bit : config.dram_pj_per_bit);
  energy.dram_refresh = kJoulesPerPj * double(report.dram_commands.refreshes) * config.dram_refresh_pj;
  energy.leakage = config.static_watts_per_mm2 * report.area_mm2 * report.seconds;
  return energy;
}

}  // namespace heddle
