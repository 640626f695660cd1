// Runs the points of a plan that are due, on threads, each result into the store as soon as it is there.
#pragma once

#include <cstdint>

#include "tools/sweep/plan.h"
#include "tools/sweep/progress.h"

namespace heddle {

struct RunCounts {
  std::uint64_t ran = 0, failed = 0;  ///< failed ones are among those that ran
};

/// Matrices with the most to do first, and of each the longest points first. A point that cannot run (its configuration
/// is refused, or a fault of ours) is stored as failed, and the others go on. The store gets the plan, then the points;
/// without one nothing is kept. Throws InputError when the store cannot be written.
RunCounts run_plan(const Sweep& sweep, const Plan& plan, const PlanOptions& options, Shelf& shelf, Store* store,
                   Progress& progress);

}  // namespace heddle
