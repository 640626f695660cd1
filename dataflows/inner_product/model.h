// The inner-product dataflow (m-n-k): rules I1 to I8 of dataflows/SEMANTICS.md.
#pragma once

#include "dataflows/dataflow.h"

namespace heddle {

/// Throws InputError when the machine cannot run it (validate_inner_product()).
RunResult run_inner_product(const Workload& workload, const Config& config, const RunOptions& options);

}  // namespace heddle
