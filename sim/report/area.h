// Area of a machine as one dataflow uses it: what it is made of, times what that takes.
#pragma once

#include "sim/base/describe.h"
#include "sim/report/report.h"

namespace heddle {

/// 45 nm. [H14] M. Horowitz, "Computing's energy problem", ISSCC 2014, areas of the same units: 32-bit floating-point
/// multiplier 7700 um2 and adder 4184 um2, 32-bit integer adder 137 um2. [M07] Mistry et al., IEDM 2007: 0.346 um2 per
/// SRAM cell.
struct AreaConfig {
  double multiplier_um2 = 37500;      // [H14] times (53/24)^2 significand bits: derived
  double adder_um2 = 9200;            // [H14] times 53/24: derived
  double comparator_um2 = 137;        // [H14] integer adder
  double sram_um2_per_kib = 5700;     // [M07], assumption: half of an array is cells
  double sram_port_um2 = 20000;       // assumption: one 64 B port with its share of the crossbar
  double buffer_um2_per_kib = 17000;  // assumption: small buffers take three times the area of large arrays
};
template <class V>
void describe(V& v, AreaConfig& c) {
  v.field("multiplier_um2", c.multiplier_um2, "um2", "one 64-bit floating-point multiplier", at_least(0));
  v.field("adder_um2", c.adder_um2, "um2", "one 64-bit floating-point adder", at_least(0));
  v.field("comparator_um2", c.comparator_um2, "um2", "one comparator of coordinates", at_least(0));
  v.field("sram_um2_per_kib", c.sram_um2_per_kib, "um2/KiB", "on-chip memory", at_least(0));
  v.field("sram_port_um2", c.sram_port_um2, "um2", "one port of a bank of on-chip memory", at_least(0));
  v.field("buffer_um2_per_kib", c.buffer_um2_per_kib, "um2/KiB", "operand, stream and result buffers", at_least(0));
}

AreaParts area_of(const Resources& resources, const AreaConfig& config);

}  // namespace heddle
