// The row-wise dataflow with `merge: windows`. The machine is described at the top of window_model.cpp.
#pragma once

#include "dataflows/dataflow.h"

namespace heddle::row_wise {

/// As run_row_wise(), of a config that has been validated.
RunResult run_windows(const Workload& workload, const Config& config, const RunOptions& options);

}  // namespace heddle::row_wise
