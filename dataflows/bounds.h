// What a run cannot beat, and what it is expected to take, without running it.
#pragma once

#include <cstdint>

#include "dataflows/dataflow.h"

namespace heddle {

/// Lower bounds on the cycles of a run, true for every machine that passes validation. O(nnz) time.
///   compute    products over multipliers, column by column in an outer product; what the scan of an inner product
///   needs merge      inputs of the mergers over one per PE and cycle, and the longest single task; 0 where nothing is
///   merged bandwidth  lines that must move at least once over the peak of the DRAM channels
Bounds inner_product_bounds(const Workload& workload, const Config& config);
Bounds outer_product_bounds(const Workload& workload, const Config& config);
Bounds row_wise_bounds(const Workload& workload, const Config& config);

/// What the DRAM channels of a machine can move.
struct DramPeak {
  std::uint32_t channels = 0;
  double bytes_per_cycle = 0;  ///< all channels together, core cycles
};
DramPeak dram_peak(const Machine& machine);

/// Bytes, in whole lines, that this dataflow moves in every case: compulsory traffic without the pointers it never
/// looks at, conversion, re-streaming of what cannot be pinned, spills of what cannot stay on chip. The law "traffic >=
/// compulsory" is checked against this.
std::uint64_t unavoidable_bytes(DataflowKind kind, const Workload& workload, const Config& config);

/// Levels of the merge tree of a row with `fibers` fibers (rule 21 of sim/SEMANTICS.md); 1 for one task.
std::uint32_t merge_levels(std::uint64_t fibers, std::uint32_t radix);

/// Expected cycles from traffic (re-reads, spills, re-streaming) and work; no bound. O(nnz) time, without any run.
double estimate_cycles(DataflowKind kind, const Workload& workload, const Config& config);

}  // namespace heddle
