// A machine small enough to count on paper: one flat channel, one line per cycle, latency 10, results 2 cycles after
// the end of a tile, B given in CSC.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "dataflows/inner_product/model.h"
#include "matrices/workload.h"

namespace heddle::testing {

/// From dense rows; zeros are left out.
inline Csr from_dense(std::uint32_t cols, std::initializer_list<std::initializer_list<double>> rows) {
  Csr m;
  m.rows = static_cast<std::uint32_t>(rows.size());
  m.cols = cols;
  for (const auto& row : rows) {
    Coordinate column = 0;
    for (const double value : row) {
      if (value != 0) {
        m.coordinates.push_back(column);
        m.values.push_back(value);
      }
      ++column;
    }
    m.pointers.push_back(m.nnz());
  }
  return m;
}

inline Workload workload_of(Csr a, Csr b) {
  return make_workload(std::make_shared<const Csr>(std::move(a)), std::make_shared<const Csr>(std::move(b)), "a", "b");
}

inline Config small_machine(std::uint32_t multipliers) {
  Config config;
  Machine& machine = config.machine;
  machine.clock.hertz = 1'000'000'000;
  machine.pe.count = 1;
  machine.pe.multipliers = multipliers;
  machine.pe.latency = 2;
  machine.dram.kind = DramKind::flat;
  machine.dram.flat.channels = 1;
  machine.dram.flat.bandwidth.bytes_per_second = 64'000'000'000;
  machine.dram.flat.latency = 10;
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
