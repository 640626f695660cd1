// The inner product of the small machine: results 2 cycles after the end of a tile, B given in CSC.
#pragma once

#include <cstdint>

#include "dataflows/inner_product/model.h"
#include "tests/small_cases.h"

namespace heddle::testing {

inline Config small_machine(std::uint32_t multipliers) {
  Config config = small_machine();
  PeConfig& pe = config.machine.pe;
  pe.count = 1;
  pe.multipliers = multipliers;
  pe.latency = 2;
  config.inner_product.convert = Convert::free;
  return config;
}

/// SRAM that pins nothing and streams tiles of `tile_lines`.
inline void stream_all(Config& config, std::uint64_t tile_lines) {
  config.machine.sram.banks = 1;
  config.machine.sram.mshrs = 1;
  config.machine.sram.ways = 2;
  const std::uint64_t lines = 2 * tile_lines;
  config.machine.sram.capacity.count = lines * 64;
  config.inner_product.stream_tile.count = tile_lines * 64;
  config.inner_product.partial_capacity.count = 0;
}

inline RunReport run(const Workload& workload, const Config& config) {
  return run_inner_product(workload, config, {}).report;
}

inline std::uint64_t stall(const RunReport& report, Tensor tensor, Cause cause) {
  return report.stalls.at("array").stalls[static_cast<std::size_t>(tensor)][static_cast<std::size_t>(cause)];
}

}  // namespace heddle::testing
