// What a run cannot beat, and what it is expected to take, without running it.
#pragma once

#include <cstdint>

#include "dataflows/dataflow.h"

namespace heddle {

/// Lower bounds on the cycles of a run, true for every machine that passes validation. O(nnz) time.
///   compute    products over multipliers, or what the scan of an inner product needs
///   merge      inputs of the mergers over one per PE and cycle; 0 where nothing is merged
///   bandwidth  lines that must move at least once over the peak of the DRAM channels
Bounds inner_product_bounds(const Workload& workload, const Config& config);
Bounds outer_product_bounds(const Workload& workload, const Config& config);
Bounds row_wise_bounds(const Workload& workload, const Config& config);

/// Bytes of `compulsory_bytes` that this dataflow moves in every case: without the pointers of rows and columns it never
/// looks at. The law "traffic >= compulsory" is checked against this.
std::uint64_t unavoidable_bytes(DataflowKind kind, const Workload& workload, const Config& config);

/// Expected cycles from closed forms of traffic (re-reads, spills, re-streaming) and work; no bound. O(nnz) time.
double estimate_cycles(DataflowKind kind, const Workload& workload, const Config& config);

}  // namespace heddle
