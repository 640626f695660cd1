// What the comparisons of the three dataflows have in common: blocks of seeds, coverage, planted mutants.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/twin/twin_cases.h"

namespace heddle {

inline void PrintTo(DramKind kind, std::ostream* out) {
  *out << enum_name(kind);
}

}  // namespace heddle

namespace heddle::twin {

inline constexpr std::size_t kLeastMutants = 25;  ///< of the config, for each dataflow
inline constexpr int kBlocks = 12;                ///< test parameters per dataflow and kind of DRAM
inline constexpr int kCasesPerBlock = 100;        ///< seeds are block * kCasesPerBlock + 0 ...

using Names = std::vector<std::string>;

/// The figures in which fast model and twin differ on seed `seed`, with the case; empty when all are equal.
std::string difference_of_seed(DataflowKind dataflow, DramKind dram, std::uint64_t seed);
/// The same for the first seed of the block that differs.
std::string difference_of_block(DataflowKind dataflow, DramKind dram, int block);

/// Runs the twin on all seeds of both kinds of DRAM, prints in how many cases each event occurred, and returns those
/// of `events` that occurred in less than 30 cases. Throws when the twin breaks a law of its own.
Names rare_events(DataflowKind dataflow, const Names& events);
/// Events of PEs, cache and DRAM that row-wise and outer product share.
Names merge_events();

/// A change of the config that must be noticed: the fast model runs the changed one, the twin the original.
struct ConfigMutant {
  std::string name;
  DramKind dram;
  std::function<void(Config&)> change;
};
/// Mutants of the machine for every dataflow, and those of PEs and cache for row-wise and outer product.
std::vector<ConfigMutant> machine_mutants();
std::vector<ConfigMutant> merge_mutants();
/// Names of the mutants that no case tells from the original.
Names unnoticed(DataflowKind dataflow, const std::vector<ConfigMutant>& mutants);

/// A change of one key by its name, and how an option's twin comes to its cases and runs them.
using Change = std::pair<const char*, std::function<void(Config&)>>;
struct OptionTwin {
  DataflowKind dataflow;
  std::function<Case(std::uint64_t seed)> make;
  std::function<TwinResult(const Case&)> run;
};
/// Names of the changes that no case tells from the original. A config that is refused tells nothing.
Names unnoticed(const OptionTwin& twin, const std::vector<Change>& changes);

/// A deviation of the twin from the rules that must be noticed.
struct RuleMutant {
  std::string name;
  std::function<void(Mutation&)> change;
};
std::vector<RuleMutant> merge_rule_mutants();
/// Of replacement `next_use`, where lines of B are read through the cache.
std::vector<RuleMutant> next_use_rule_mutants();
void next_use_becomes_lru(Config& config);
Names unnoticed(DataflowKind dataflow, const std::vector<RuleMutant>& mutants);

}  // namespace heddle::twin
