// The row-wise dataflow. The machine is described at the top of model.cpp.
#pragma once

#include "dataflows/dataflow.h"

namespace heddle {

/// Throws InputError for a machine this dataflow cannot run on. `report` has the counts of this model only; finish()
/// adds what follows from them.
RunResult run_row_wise(const Workload& workload, const Config& config, const RunOptions& options);

}  // namespace heddle
