// What runs would take, without running them.
#pragma once

#include <string>
#include <vector>

#include "tools/heddle/simulation.h"

namespace heddle {

/// A table: expected and least cycles, host seconds and memory, per dataflow.
std::string estimate_text(const Experiment& experiment, const std::vector<const CatalogEntry*>& dataflows);

}  // namespace heddle
