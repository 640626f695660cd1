// The two operands of a product.
#pragma once

#include <memory>

#include "matrices/csr.h"

namespace heddle {

struct Operands {
  std::shared_ptr<const Csr> a, b;  ///< may be the same object
};

/// Those of the transposed product, C' = B' A'. O(nnz + rows + cols).
Operands swapped(const Operands& operands);

}  // namespace heddle
