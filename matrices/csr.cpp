#include "matrices/csr.h"

#include <numeric>

namespace heddle {

Csr transpose(const Csr& matrix) {
  Csr result;
  result.rows = matrix.cols;
  result.cols = matrix.rows;
  result.pointers.assign(std::size_t{matrix.cols} + 1, 0);
  for (const Coordinate column : matrix.coordinates) ++result.pointers[std::size_t{column} + 1];
  std::partial_sum(result.pointers.begin(), result.pointers.end(), result.pointers.begin());

  result.coordinates.resize(matrix.nnz());
  result.values.resize(matrix.nnz());
  std::vector<std::uint64_t> next(result.pointers.begin(), result.pointers.end() - 1);
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    for (std::uint64_t i = matrix.pointers[row]; i < matrix.pointers[row + 1]; ++i) {
      const std::uint64_t slot = next[matrix.coordinates[i]]++;
      result.coordinates[slot] = row;
      result.values[slot] = matrix.values[i];
    }
  }
  return result;
}

}  // namespace heddle
