// An outer product whose partial matrices are merged as they are formed, `radix` at a time, in rounds that a tree
// orders (rules M1 to M7 of dataflows/SEMANTICS.md). After SpArch (Zhang et al., HPCA 2020).
#pragma once

#include <cstdint>
#include <vector>

#include "dataflows/dataflow.h"
#include "dataflows/inner_product/tiled_plan.h"

namespace heddle::outer_product {

/// Which partial matrices each round merges. Inputs 0 .. leaves - 1 are leaves, leaves + i is the result of round i.
struct MergeTree {
  std::vector<std::vector<std::uint32_t>> rounds;  ///< inputs of each, ascending; in order of execution
};

/// Of leaves with these weights, `radix` inputs a round. `huffman`: the lightest inputs first, the first round just as
/// many as leave full ones; a result weighs what its inputs do. `sequential`: in order, results after the leaves.
MergeTree make_merge_tree(const std::vector<std::uint64_t>& weights, std::uint32_t radix, MergeOrder order);

/// What the rounds do, cut into steps of some rows each.
struct MergeTreePlan {
  std::vector<inner_product::TiledStep> steps;
  std::uint64_t merge_inputs = 0;
  std::uint64_t leaves = 0, rounds = 0;
  std::uint64_t row_hits = 0, row_misses = 0;  ///< rows of B asked for that the buffer held; that it did not
};

/// `c` is filled in the order in which the rounds add, unless it is nullptr. O(products x levels of the tree) time.
MergeTreePlan plan_merge_tree(const Workload& workload, const Config& config, Csr* c);

/// As run_outer_product(), of a config that has been validated.
RunResult run_merge_tree(const Workload& workload, const Config& config, const RunOptions& options);

}  // namespace heddle::outer_product
