// Outer product, loop order k-m-n: see model.cpp.
#pragma once

#include "dataflows/dataflow.h"

namespace heddle {

/// Throws InputError for a config that validate_outer_product() refuses. Raw counts; finish() derives the rest.
RunResult run_outer_product(const Workload& workload, const Config& config, const RunOptions& options);

}  // namespace heddle
