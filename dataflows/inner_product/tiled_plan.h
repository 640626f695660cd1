// Tiles of tiles: what each step of control `tiled` loads, computes and writes (rules T1 to T4 of
// dataflows/SEMANTICS.md). After ExTensor (MICRO 2019).
#pragma once

#include <cstdint>
#include <vector>

#include "dataflows/config.h"
#include "dataflows/layout.h"

namespace heddle::inner_product {

/// Consecutive lines; none when count = 0.
struct LineBlock {
  LineAddr first = 0;
  std::uint64_t count = 0;
};

/// One tile of A against one of B.
struct TiledStep {
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  LineBlock a, b;                             ///< b.count = 0: the tile of the step before
  LineBlock partial_in, partial_out, result;  ///< partial results read, written; final ones written
  std::uint32_t waits_for = kNone;            ///< last step before that wrote partials of the same tile of C
  std::uint64_t b_tile_lines = 0;             ///< of the tile of B in use
  std::uint64_t held_bytes = 0;               ///< of results after the step
  std::uint64_t result_bytes = 0;             ///< of final results
  std::uint64_t products = 0, intersections = 0;
  std::uint64_t item_bytes = 0;  ///< of the micro tiles that the items read
  Cycle compute_cycles = 0;
  bool writes() const { return partial_out.count + result.count != 0; }
};

/// All steps in order, with tile_m halved until two of a step's tiles of each kind fit the SRAM (rule T3). Throws
/// InputError when they do not with tile_m = 1.
std::vector<TiledStep> plan_tiled(const Workload& workload, const Config& config);

/// Matches the PEs find in a cycle at most: one each, or one for each multiplier.
std::uint64_t matches_per_cycle(const Config& config);

/// Steps of a two-finger intersection that skips ahead: each step finds a match, or moves the finger that lags to the
/// first coordinate not below the other one.
struct Intersection {
  std::uint64_t steps = 0, matches = 0;
};
Intersection skip_ahead(const Coordinate* a, const Coordinate* a_end, const Coordinate* b, const Coordinate* b_end);

}  // namespace heddle::inner_product
