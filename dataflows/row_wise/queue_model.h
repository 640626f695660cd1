// The row-wise dataflow with `merge: queues`. The machine is described at the top of queue_model.cpp.
#pragma once

#include "dataflows/dataflow.h"

namespace heddle::row_wise {

/// As run_row_wise(), of a config that has been validated. Throws InputError when a queue overflows and may not.
RunResult run_queues(const Workload& workload, const Config& config, const RunOptions& options);

}  // namespace heddle::row_wise
