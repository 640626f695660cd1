// Counts of a workload that bounds, estimates and models have in common, each in one pass over pointers or coordinates.
#pragma once

#include <cstdint>
#include <vector>

#include "dataflows/config.h"
#include "matrices/workload.h"

namespace heddle {

/// Nonzeros by column. O(nnz + cols).
std::vector<std::uint32_t> column_counts(const Csr& matrix);

/// One row of C: the fibers that make it, and their elements.
struct RowCounts {
  std::uint64_t fibers = 0;
  std::uint64_t products = 0;
};

std::uint64_t row_products(const Workload& workload, std::uint32_t row);

/// Elements of a row of B in one segment of the outer product, at most (rule O2 of dataflows/SEMANTICS.md); at least 1
/// for a config that passes validation.
std::uint64_t segment_elements(const Config& config);

/// The partial fibers of an outer product that belong to `row` of C, rows of B cut into segments.
RowCounts partial_fibers(const Workload& workload, std::uint32_t row, std::uint64_t segment_elements);

/// The log of partial fibers that the multiply phase of an outer product writes.
struct PartialLog {
  std::uint64_t bytes = 0;  ///< headers and elements, packed
  std::uint64_t fibers = 0;
  std::uint64_t segments = 0;      ///< (k, segment) pairs
  std::uint64_t least_cycles = 0;  ///< to form it: each (k, segment) by itself, all multipliers busy
};
PartialLog partial_log(const Workload& workload, const Config& config);

}  // namespace heddle
