// What a selector chooses from: the dataflows of the catalog, in its order.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "dataflows/dataflow.h"

namespace heddle::selector {

inline constexpr std::size_t kDataflows = 3;

/// One number per dataflow, indexed by DataflowKind.
using PerDataflow = std::array<double, kDataflows>;

inline std::string_view dataflow_name(std::size_t dataflow) {
  return catalog()[dataflow].name;
}

/// Index of the smallest, the first of equals.
inline std::size_t smallest(const PerDataflow& values) {
  std::size_t best = 0;
  for (std::size_t d = 1; d < kDataflows; ++d)
    if (values[d] < values[best]) best = d;
  return best;
}

}  // namespace heddle::selector
