// Inner product with tiles at two levels and intersection at each of them: control `tiled`.
#pragma once

#include "dataflows/dataflow.h"

namespace heddle::inner_product {

/// One run; `report` gets everything that finish() does not compute.
void run_tiled(RunReport& report, const Workload& workload, const Config& config, ActivitySink* sink);

/// C in the order in which the hardware adds: within a micro tile along k, then micro tile by micro tile.
Csr form_tiled_values(const Workload& workload, std::uint32_t micro_tile);

}  // namespace heddle::inner_product
