// Results for people.
#pragma once

#include <string>

#include "tools/heddle/simulation.h"

namespace heddle {

/// Index of the run with the fewest cycles, the first of equals. There must be one.
std::size_t fastest_run(const Experiment& experiment);

/// Workload and machine in a few lines, before anything has run.
std::string experiment_header(const Experiment& experiment);

/// The table of runs, what binds each, where the cycles went, what each is made of, and the assumptions.
std::string experiment_tables(const Experiment& experiment, bool colour, bool with_host);

}  // namespace heddle
