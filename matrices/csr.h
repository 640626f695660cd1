// Compressed sparse rows: the one in-memory matrix. A CSC matrix is the Csr of the transpose.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace heddle {

using Coordinate = std::uint32_t;

/// The nonzeros of one row in ascending coordinate order.
struct Fiber {
  std::span<const Coordinate> coordinates;
  std::span<const double> values;
};

struct Csr {
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  std::vector<std::uint64_t> pointers = {0};  ///< rows + 1 offsets into coordinates and values
  std::vector<Coordinate> coordinates;        ///< ascending and unique within a row
  std::vector<double> values;                 ///< explicit zeros are kept; all 1 for a pattern file

  std::uint64_t nnz() const { return coordinates.size(); }
  std::uint64_t row_nnz(std::uint32_t row) const { return pointers[row + 1] - pointers[row]; }
  Fiber row(std::uint32_t r) const {
    return {std::span(coordinates).subspan(pointers[r], row_nnz(r)),
            std::span(values).subspan(pointers[r], row_nnz(r))};
  }
  friend bool operator==(const Csr&, const Csr&) = default;
};

/// O(nnz + rows + cols).
Csr transpose(const Csr& matrix);

}  // namespace heddle
