// Energy of a run: what happened, times what it costs. A table in pJ per action, one number per action, each with its
// source; derived and guessed numbers say so.
#pragma once

#include <cstdint>

#include "sim/base/describe.h"
#include "sim/report/report.h"

namespace heddle {

/// 45 nm, 0.9 V. [H14] M. Horowitz, "Computing's energy problem", ISSCC 2014. [K11] Keckler et al., "GPUs and the
/// future of parallel computing", IEEE Micro 2011. [O17] O'Connor et al., "Fine-grained DRAM", MICRO 2017.
struct EnergyConfig {
  double multiply_pj = 18.0;         // [H14] 32-bit 3.7 pJ, times (53/24)^2 significand bits: derived
  double add_pj = 2.0;               // [H14] 32-bit 0.9 pJ, times 53/24: derived
  double compare_pj = 0.1;           // [H14] 32-bit integer add
  double sram_pj_per_byte = 2.5;     // [H14] 20 pJ per 64 bits from 32 KiB
  double buffer_pj_per_byte = 1.25;  // [H14] 10 pJ per 64 bits from 8 KiB
  double dram_pj_per_bit = 3.9;      // [O17] HBM2, average
  double dram_activate_pj = 909;     // [O17] HBM2, a row of 1 KiB
  double dram_transfer_pj_per_bit =
      3.48;                        // [O17] HBM2: 1.51 to and 1.17 from the global sense amplifiers, 0.80 on the pins
  double dram_refresh_pj = 58200;  // derived: 4 Gb per pseudo-channel in rows of 1 KiB, 8192 refreshes: 64 rows each
  double network_pj_per_byte = 1;  // [K11] 0.12 pJ per bit and mm at 40 nm; assumption: 1 mm
  double static_watts_per_mm2 = 0.02;  // assumption
};
template <class V>
void describe(V& v, EnergyConfig& c) {
  v.field("multiply_pj", c.multiply_pj, "pJ", "one 64-bit floating-point multiplication", at_least(0));
  v.field("add_pj", c.add_pj, "pJ", "one 64-bit floating-point addition", at_least(0));
  v.field("compare_pj", c.compare_pj, "pJ", "one comparison of two coordinates", at_least(0));
  v.field("sram_pj_per_byte", c.sram_pj_per_byte, "pJ/B", "on-chip memory read or written", at_least(0));
  v.field("buffer_pj_per_byte", c.buffer_pj_per_byte, "pJ/B", "operand buffer of a PE read or written", at_least(0));
  v.field("dram_pj_per_bit", c.dram_pj_per_bit, "pJ/bit", "flat DRAM: moved, rows opened and refreshes included",
          at_least(0));
  v.field("dram_activate_pj", c.dram_activate_pj, "pJ", "banked DRAM: a row opened and closed", at_least(0));
  v.field("dram_transfer_pj_per_bit", c.dram_transfer_pj_per_bit, "pJ/bit",
          "banked DRAM: moved out of or into an open row", at_least(0));
  v.field("dram_refresh_pj", c.dram_refresh_pj, "pJ", "banked DRAM: an all-bank refresh of one channel", at_least(0));
  v.field("network_pj_per_byte", c.network_pj_per_byte, "pJ/B", "moved by distribution and reduction networks",
          at_least(0));
  v.field("static_watts_per_mm2", c.static_watts_per_mm2, "W/mm2", "leakage and clock, while the run lasts",
          at_least(0));
}

/// What the pJ table is applied to, beside the report's own counts.
struct EnergyScale {
  std::uint32_t radix = 2;           ///< of the mergers: an input passes ceil(log2 radix) comparators
  std::uint32_t element_bytes = 12;  ///< moved by a network
};

/// From actions, sram_bytes, dram_bytes, dram_commands, products, nnz_c, seconds and area_mm2 of the report. Additions
/// = products - nnz_c. A DRAM with commands is charged by command, one without by the bit.
EnergyParts energy_of(const RunReport& report, const EnergyConfig& config, const EnergyScale& scale);

}  // namespace heddle
