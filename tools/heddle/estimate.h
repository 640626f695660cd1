// What runs would take, without running them.
#pragma once

#include <string>
#include <vector>

#include "tools/heddle/simulation.h"

namespace heddle {

/// Host seconds a run would take on one core; runs lie within about 3 x of it.
double estimate_seconds(const CatalogEntry& dataflow, const Workload& workload, const Config& config);

/// A table: expected and least cycles, host seconds and memory, per dataflow.
std::string estimate_text(const Experiment& experiment, const std::vector<const CatalogEntry*>& dataflows);

}  // namespace heddle
