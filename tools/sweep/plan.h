// Which points a sweep has, which of them are missing in the store, and what each is expected to cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/store/store.h"
#include "tools/sweep/shelf.h"
#include "tools/sweep/sweep_file.h"

namespace heddle {

/// Part `index` (from 1) of `count`.
struct Shard {
  std::uint32_t index = 1, count = 1;
};

struct PlannedRun {
  std::size_t matrix = 0;
  const Variant* variant = nullptr;
  std::string key;
  std::optional<PointStatus> status;  ///< in the store; none: missing
  double seconds = 0;                 ///< expected on one core of the host; 0 when nobody needs it
  std::uint32_t shard = 1;
};

struct Plan {
  std::vector<PlannedRun> runs;  ///< matrices in the order written, variants within; keys are distinct
  std::uint64_t duplicates = 0;  ///< points left out because an equal one is in the plan already

  std::string label(const Sweep& sweep, const PlannedRun& run) const;
  /// For Store::put_plan.
  std::vector<PlannedPoint> points(const Sweep& sweep) const;
};

struct PlanOptions {
  Shard shard;
  bool all_costs = false;  ///< expected seconds of every point, not only of those that will run
  bool retry = false;      ///< a failed point counts as missing
  unsigned jobs = 1;
};

/// Reads every matrix (on `jobs` threads), which then waits on the shelf if there is room. `store` may be nullptr: all
/// missing. With several shards each point is given to one, so that the expected cost of all is about the same; the
/// result depends on the sweep and its matrices only. Throws InputError.
Plan make_plan(const Sweep& sweep, Shelf& shelf, Store* store, const PlanOptions& options);

/// Will this run happen here and now?
bool is_due(const PlannedRun& run, const PlanOptions& options);

}  // namespace heddle
