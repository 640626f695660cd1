#include "matrices/operands.h"

namespace heddle {

Operands swapped(const Operands& operands) {
  const auto a = std::make_shared<const Csr>(transpose(*operands.b));
  return {a, operands.a == operands.b ? a : std::make_shared<const Csr>(transpose(*operands.a))};
}

}  // namespace heddle
