#include "sim/report/area.h"

namespace heddle {

double area_of(const Resources& resources, const AreaConfig& config) {
  constexpr double kMm2PerUm2 = 1e-6;
  constexpr double kBytesPerKib = 1024;
  return kMm2PerUm2 *
         (double(resources.multipliers) * config.multiplier_um2 + double(resources.adders) * config.adder_um2 +
          double(resources.comparators) * config.comparator_um2 +
          double(resources.sram_bytes) / kBytesPerKib * config.sram_um2_per_kib +
          double(resources.sram_ports) * config.sram_port_um2 +
          double(resources.buffer_bytes) / kBytesPerKib * config.buffer_um2_per_kib);
}

}  // namespace heddle
