// Rows of a matrix dealt to stripes, as C2SR does (Srivastava et al., MatRaptor, MICRO 2020): row r is in stripe r mod
// S, packed after the rows of its stripe that come before. Rule Q1 of dataflows/SEMANTICS.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "matrices/csr.h"
#include "sim/memory/memory.h"

namespace heddle::row_wise {

/// An array of rows and where its lines lie. Line v of stripe s is line `base` + v S + s; packed (CSR), it is
/// `base` + v whatever the stripe.
class StripedRows {
 public:
  /// `pointers`: rows + 1 offsets. The array begins at line `base`.
  StripedRows(const std::vector<std::uint64_t>& pointers, std::uint32_t element_bytes, std::uint32_t stripes,
              bool packed, LineAddr base)
      : stripes_(stripes), packed_(packed), base_(base), first_(pointers.size() - 1) {
    std::vector<std::uint64_t> next(stripes, 0);
    std::uint64_t longest = 0;
    for (std::size_t row = 0; row + 1 < pointers.size(); ++row) {
      std::uint64_t& bytes = next[packed ? 0 : row % stripes];
      first_[row] = bytes;
      bytes += (pointers[row + 1] - pointers[row]) * element_bytes;
      longest = std::max(longest, bytes);
    }
    lines_ = (longest + kLineBytes - 1) / kLineBytes * (packed ? 1 : stripes);
  }

  /// First byte of a row, counted within its stripe (or, packed, within the array).
  std::uint64_t first(std::uint32_t row) const { return first_[row]; }
  LineAddr line(std::uint32_t row, std::uint64_t v) const {
    return packed_ ? base_ + v : base_ + v * stripes_ + row % stripes_;
  }
  bool packed() const { return packed_; }
  /// One past the last line.
  LineAddr end() const { return base_ + lines_; }

 private:
  std::uint64_t stripes_;
  bool packed_;
  LineAddr base_;
  std::vector<std::uint64_t> first_;  // by row
  std::uint64_t lines_ = 0;
};

}  // namespace heddle::row_wise
