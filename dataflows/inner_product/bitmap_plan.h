// Stationary folds packed from a bitmap: what each step of control `bitmap` loads, computes and writes (rules G1 to G6
// of dataflows/SEMANTICS.md). After SIGMA (Qin et al., HPCA 2020) as the TeAAL specification of it orders the loops.
#pragma once

#include <vector>

#include "dataflows/inner_product/tiled_plan.h"

namespace heddle::inner_product {

/// All steps in order: blocks of columns, slices of the inner rank, folds of A. `held_bytes` of a step are the sums
/// it writes back, `intersections` the bits of B compared, `result_bytes` counts layout.element_bytes() per final
/// result. O(nnz(A) + steps + columns x slices), and nnz(B) per fold where a slice is wider than the distribution.
/// Throws InputError when a step does not fit the SRAM.
std::vector<TiledStep> plan_bitmap(const Workload& workload, const Config& config);

}  // namespace heddle::inner_product
