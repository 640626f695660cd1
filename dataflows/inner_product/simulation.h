// One simulation of the array on one DRAM: all folds, or a schedule of some.
#pragma once

#include <cstdint>
#include <vector>

#include "dataflows/inner_product/array.h"
#include "sim/memory/dram.h"
#include "sim/report/report.h"

namespace heddle::inner_product {

/// The workload as this machine sees it; fixed before the first cycle.
struct Problem {
  const Workload& workload;
  const Config& config;
  Layout layout;
  std::uint64_t fold_size;  ///< multipliers
  std::uint64_t folds;
  Tiling tiling;

  Problem(const Workload& workload, const Config& config);
  bool nothing_to_compute() const { return folds == 0 || tiling.tiles().empty(); }
  /// Every fold, once.
  std::vector<FoldRange> all_folds() const;
};

struct Simulated {
  Cycle cycles = 0;
  Cycle convert_cycles = 0;
  CycleAccount account;  ///< of the array, closed at `cycles`
  ArrayCounts counts;
  DramBytes dram_bytes;
  DramCommands dram_commands;
  std::vector<Cycle> fold_starts;  ///< MultiplierArray::fold_starts()
};

/// `sink`: timeline, or nullptr.
Simulated simulate(const Problem& problem, const DramConfig& dram_config, const std::vector<FoldRange>& schedule,
                   ActivitySink* sink);

}  // namespace heddle::inner_product
