// Beyond one decision per product: swapped operands and a dataflow per block of rows, from labels of plans with these
// variants; and the network that decides single products.
#pragma once

#include "models/selector/evaluate.h"
#include "models/selector/policy.h"

namespace heddle::selector {

/// {"swap": ..., "blocks": ...}; sections without labels are absent.
///
/// Swapped, a product starts from the same operands in CSR: row-wise needs both of them converted, outer product the
/// former A, inner product the former B; C ends up in CSC.
/// Blocks run one after another from cold caches; conversions are paid once per product; changing the dataflow between
/// blocks costs kModeSwitch.
Json evaluate_parts(const Table& table, const EvaluateOptions& options);

/// Cycles of an on-chip mode switch (Harmonia: 20 to 50).
inline constexpr double kModeSwitch = 50;

/// On the fold of families it was not trained on.
Json evaluate_one_step(const Table& table, const Policy& policy);

}  // namespace heddle::selector
