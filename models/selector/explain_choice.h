// One decision, for people and programs.
#pragma once

#include <string>
#include <vector>

#include "matrices/workload.h"
#include "models/selector/model.h"
#include "sim/base/describe.h"

namespace heddle::selector {

struct Choice {
  std::size_t dataflow = 0;       ///< what to run: fewest predicted cycles, the tree deciding among near-ties
  std::size_t by_tree = 0;        ///< what the classification tree says
  PerDataflow predicted{};        ///< cycles of each dataflow
  double gain = 1;                ///< predicted cycles of the second over those of the chosen
  double agreement = 0;           ///< share of the tree's cost at its leaf that speaks for its choice: 0.5 torn, 1 sure
  std::uint64_t cost_cycles = 0;  ///< of selecting
  Measurement measured;
  std::vector<std::string> reasons;
};

Choice choose(const Model& model, const Csr& a, const Csr& b, bool same, const Config& config);

/// {"tree": ..., "cycles": {...}, "reasons": [...]} of a result's `selection`.
Json choice_json(const Choice& choice);

}  // namespace heddle::selector
