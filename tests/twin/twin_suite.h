// What the comparisons of the three dataflows have in common: blocks of seeds, coverage, planted mutants.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/twin/twin_cases.h"

namespace heddle::twin {

inline constexpr int kBlocks = 12;          ///< test parameters per dataflow and kind of DRAM
inline constexpr int kCasesPerBlock = 100;  ///< seeds are block * kCasesPerBlock + 0 ...

/// Every figure of every case of the block is equal.
void compare_block(DataflowKind dataflow, DramKind dram, int block);
/// The same for one seed, also beyond those of the blocks.
void compare_seed(DataflowKind dataflow, DramKind dram, std::uint64_t seed);

/// Runs the twin on all seeds of both kinds of DRAM, prints in how many cases each event occurred, checks the twin's
/// own laws, and demands that each of `events` occurred in at least 30 cases.
void check_coverage(DataflowKind dataflow, const std::vector<std::string>& events);

/// A change of the config that must be noticed: the fast model runs the changed one, the twin the original.
struct ConfigMutant {
  std::string name;
  DramKind dram;
  std::function<void(Config&)> change;
};
/// Mutants of the machine for every dataflow, and those of PEs and cache for row-wise and outer product.
std::vector<ConfigMutant> machine_mutants();
std::vector<ConfigMutant> merge_mutants();
/// Every mutant is told from the original by at least one case; there are at least 25.
void catch_config_mutants(DataflowKind dataflow, const std::vector<ConfigMutant>& mutants);

/// A deviation of the twin from the rules that must be noticed.
struct RuleMutant {
  std::string name;
  std::function<void(Mutation&)> change;
};
std::vector<RuleMutant> merge_rule_mutants();
void catch_rule_mutants(DataflowKind dataflow, const std::vector<RuleMutant>& mutants);

}  // namespace heddle::twin
