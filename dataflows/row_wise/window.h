// A window: some nonzeros of some rows of A, worked on by one array at a time. Rule W2 of dataflows/SEMANTICS.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "matrices/csr.h"

namespace heddle::row_wise {

struct Window {
  std::uint64_t number = 0;     ///< in the order in which windows are cut
  std::uint64_t block = 0;      ///< likewise
  std::uint32_t first_row = 0;  ///< of the block
  std::uint32_t height = 1;     ///< rows of the block: groups
  std::uint32_t width = 1;      ///< lanes of a group
  std::uint32_t index = 0;      ///< within the block

  /// The elements of A, counted in row order, that a group has: [first, last), none if equal.
  std::pair<std::uint64_t, std::uint64_t> elements(const Csr& a, std::uint32_t group) const {
    const std::uint64_t end = a.pointers[first_row + group + 1];
    const std::uint64_t first = std::min(a.pointers[first_row + group] + std::uint64_t{index} * width, end);
    return {first, std::min(first + width, end)};
  }
};

}  // namespace heddle::row_wise
