#include "sim/report/area.h"

namespace heddle {

AreaParts area_of(const Resources& resources, const AreaConfig& config) {
  constexpr double kMm2PerUm2 = 1e-6;
  constexpr double kBytesPerKib = 1024;
  AreaParts area;
  area.multipliers = kMm2PerUm2 * double(resources.multipliers) * config.multiplier_um2;
  area.adders = kMm2PerUm2 * double(resources.adders) * config.adder_um2;
  area.comparators = kMm2PerUm2 * double(resources.comparators) * config.comparator_um2;
  area.sram = kMm2PerUm2 * double(resources.sram_bytes) / kBytesPerKib * config.sram_um2_per_kib;
  area.ports = kMm2PerUm2 * double(resources.sram_ports) * config.sram_port_um2;
  area.buffers = kMm2PerUm2 * double(resources.buffer_bytes) / kBytesPerKib * config.buffer_um2_per_kib;
  return area;
}

}  // namespace heddle
