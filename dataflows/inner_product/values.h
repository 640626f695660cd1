// The values of C in the order in which the array adds them.
#pragma once

#include <cstdint>

#include "matrices/workload.h"

namespace heddle::inner_product {

/// Within a fold the products of one row and column go through an adder tree: neighbours in coordinate order are added
/// level by level, an odd one moves up as it is. Over folds the sums are added in order. O(products + nnz(C) log) time;
/// `fold_size`: nonzeros of A per fold. Structural zeros are kept.
Csr form_values(const Workload& workload, std::uint64_t fold_size);

}  // namespace heddle::inner_product
