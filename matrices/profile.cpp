#include "matrices/profile.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace heddle {
namespace {

std::vector<std::uint64_t> lengths_of(const Csr& matrix) {
  std::vector<std::uint64_t> lengths(matrix.rows);
  for (std::uint32_t row = 0; row < matrix.rows; ++row) lengths[row] = matrix.row_nnz(row);
  return lengths;
}

/// Gini coefficient of ascending lengths: sum of (2 i - n + 1) length(i) over n x total, i from 0.
double gini(const std::vector<std::uint64_t>& ascending, double total) {
  const auto n = static_cast<double>(ascending.size());
  double weighted = 0;
  for (std::size_t i = 0; i < ascending.size(); ++i)
    weighted += (2.0 * static_cast<double>(i) - n + 1.0) * static_cast<double>(ascending[i]);
  return weighted / (n * total);
}

LengthProfile profile_lengths(std::vector<std::uint64_t> lengths) {
  LengthProfile result;
  if (lengths.empty()) return result;
  std::sort(lengths.begin(), lengths.end());
  result.empty = static_cast<std::uint64_t>(std::upper_bound(lengths.begin(), lengths.end(), 0u) - lengths.begin());
  result.max = lengths.back();
  const auto total = static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), std::uint64_t{0}));
  if (total == 0) return result;
  const auto count = static_cast<double>(lengths.size());
  result.mean = total / count;
  double squares = 0;
  for (const std::uint64_t length : lengths) {
    const double deviation = static_cast<double>(length) - result.mean;
    squares += deviation * deviation;
  }
  result.cv = std::sqrt(squares / count) / result.mean;
  result.gini = gini(lengths, total);
  return result;
}

/// Elements that two ascending lists share.
std::uint64_t count_common(std::span<const Coordinate> x, std::span<const Coordinate> y) {
  std::uint64_t common = 0;
  auto i = x.begin();
  auto j = y.begin();
  while (i != x.end() && j != y.end()) {
    if (*i == *j) {
      ++common;
      ++i;
      ++j;
    } else if (*i < *j) {
      ++i;
    } else {
      ++j;
    }
  }
  return common;
}

std::uint64_t count_diagonal(const Csr& matrix, std::uint64_t& bandwidth) {
  std::uint64_t diagonal = 0;
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    for (const Coordinate column : matrix.row(row).coordinates) {
      diagonal += column == row;
      bandwidth = std::max<std::uint64_t>(bandwidth, column > row ? column - row : row - column);
    }
  }
  return diagonal;
}

double pattern_symmetry(const Csr& matrix, const Csr& transposed, std::uint64_t diagonal) {
  if (matrix.rows != matrix.cols) return 0;
  if (matrix.nnz() == diagonal) return 1;
  std::uint64_t common = 0;
  for (std::uint32_t row = 0; row < matrix.rows; ++row)
    common += count_common(matrix.row(row).coordinates, transposed.row(row).coordinates);
  return static_cast<double>(common - diagonal) / static_cast<double>(matrix.nnz() - diagonal);
}

}  // namespace

MatrixProfile profile(const Csr& matrix) {
  const Csr transposed = transpose(matrix);
  MatrixProfile result;
  result.rows = matrix.rows;
  result.cols = matrix.cols;
  result.nnz = matrix.nnz();
  const double positions = static_cast<double>(matrix.rows) * static_cast<double>(matrix.cols);
  result.density = positions == 0 ? 0 : static_cast<double>(result.nnz) / positions;
  result.explicit_zeros = static_cast<std::uint64_t>(std::count(matrix.values.begin(), matrix.values.end(), 0.0));
  result.row_length = profile_lengths(lengths_of(matrix));
  result.column_length = profile_lengths(lengths_of(transposed));
  const std::uint64_t diagonal = count_diagonal(matrix, result.bandwidth);
  const std::uint32_t shorter = std::min(matrix.rows, matrix.cols);
  result.diagonal_share = shorter == 0 ? 0 : static_cast<double>(diagonal) / shorter;
  result.pattern_symmetry = pattern_symmetry(matrix, transposed, diagonal);
  return result;
}

WorkloadProfile profile(const Workload& workload) {
  const Csr& a = *workload.a;
  WorkloadProfile result;
  result.rows = a.rows;
  result.inner = a.cols;
  result.cols = workload.b->cols;
  result.nnz_a = a.nnz();
  result.nnz_b = workload.b->nnz();
  result.products = workload.products;
  result.nnz_c = workload.nnz_c();
  result.compression_factor = workload.compression_factor();
  result.touched_b_nnz = workload.touched_b_nnz;
  result.row_products_mean = a.rows == 0 ? 0 : static_cast<double>(workload.products) / a.rows;
  for (std::uint32_t row = 0; row < a.rows; ++row) {
    std::uint64_t products = 0;
    for (const Coordinate k : a.row(row).coordinates) products += workload.b->row_nnz(k);
    result.row_products_max = std::max(result.row_products_max, products);
    result.row_nnz_c_max = std::max(result.row_nnz_c_max, workload.c_pointers[row + 1] - workload.c_pointers[row]);
  }
  return result;
}

}  // namespace heddle
