// Inner product on banked DRAM when B passes by so often that simulating every line would take too long: some folds are
// simulated, the others extrapolated.
//
// The whole run is first simulated on a flat DRAM of the same channels and peak, which is cheap and exact in everything
// but time: products, results, traffic and computing cycles. Folds are then cut into strata of neighbours; in each, at
// a place drawn with a fixed seed, a group of consecutive folds runs on the banked DRAM after one fold that warms it
// up. Within a stratum, cycles of a fold are taken to be in proportion to those it needs on the flat DRAM (a ratio
// estimator); the first and the last folds are always simulated.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dataflows/inner_product/simulation.h"
#include "sim/report/report.h"

namespace heddle::inner_product {

/// A stratum and the folds of it that are simulated.
struct Stratum {
  FoldRange folds;
  FoldRange simulated;
  std::uint64_t warm_folds = 1;  ///< of those simulated, from the first: not measured
};

/// Strata for about `budget` simulated folds, at least `least` in each; empty when that leaves nothing out.
std::vector<Stratum> choose_strata(std::uint64_t folds, std::uint64_t budget, std::uint64_t least);

struct Estimate {
  double cycles = 0;       ///< from the start of the first fold to the end of the last
  double error_bound = 0;  ///< absolute, in cycles
};
/// `flat`, `banked`: fold starts of all folds and of the simulated ones (MultiplierArray::fold_starts()).
Estimate extrapolate(const std::vector<Stratum>& strata, const std::vector<Cycle>& flat,
                     const std::vector<Cycle>& banked);

struct Sampled {
  Simulated whole;         ///< exact counts; `cycles` estimated; `account` is that of the flat run and not used
  GroupStalls stalls;      ///< computing exact, waits in the proportions of the simulated folds
  double error_bound = 0;  ///< relative, on cycles
  std::uint64_t folds_simulated = 0;
};
/// Folds that stream about `lines` lines, but groups of many refresh intervals, are simulated; none, when that would be
/// all of them.
std::optional<Sampled> simulate_sampled(const Problem& problem, std::uint64_t lines);

}  // namespace heddle::inner_product
