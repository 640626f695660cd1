#include "sim/report/energy.h"

#include <bit>

namespace heddle {

EnergyJoules energy_of(const RunReport& report, const EnergyConfig& config, const EnergyScale& scale) {
  constexpr double kJoulesPerPj = 1e-12;
  const auto tree_levels = static_cast<double>(std::bit_width(scale.radix - 1U));
  const double comparisons = double(report.actions.merge_inputs) * tree_levels + double(report.actions.intersections);
  const double network_bytes = double(report.actions.network_elements) * scale.element_bytes;
  const double additions = double(report.products) - double(report.nnz_c);

  EnergyJoules energy;
  energy.mac = kJoulesPerPj * (double(report.actions.macs) * config.multiply_pj + additions * config.add_pj);
  energy.merge = kJoulesPerPj * (comparisons * config.compare_pj + network_bytes * config.network_pj_per_byte);
  energy.sram = kJoulesPerPj * double(report.sram_bytes.read + report.sram_bytes.write) * config.sram_pj_per_byte;
  energy.dram = kJoulesPerPj * double(report.dram_bytes.total()) * 8 * config.dram_pj_per_bit;
  energy.leakage = config.static_watts_per_mm2 * report.area_mm2 * report.seconds;
  return energy;
}

}  // namespace heddle
