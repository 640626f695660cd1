// Inner product in steps of one tile of A against one of B: control `tiled`, intersection at two levels, and control
// `bitmap`, folds packed from slices of A.
#pragma once

#include "dataflows/dataflow.h"

namespace heddle::inner_product {

/// One run; `report` gets everything that finish() does not compute.
void run_tiled(RunReport& report, const Workload& workload, const Config& config, ActivitySink* sink);

/// C in the order in which the hardware adds: within `side` coordinates of k (a micro tile, a slice) along k, then one
/// after the other.
Csr form_tiled_values(const Workload& workload, std::uint32_t side);

}  // namespace heddle::inner_product
