#include <algorithm>
#include <cmath>

#include "matrices/workload.h"
#include "sim/base/errors.h"

namespace heddle {
namespace {

/// One row of C: a dense accumulator with the list of columns it holds.
class RowAccumulator {
 public:
  explicit RowAccumulator(std::uint32_t cols) : sums_(cols, 0.0), magnitudes_(cols, 0.0), stamps_(cols, 0) {}

  void add(Coordinate column, double product, std::uint32_t stamp) {
    if (stamps_[column] != stamp) {
      stamps_[column] = stamp;
      sums_[column] = product;
      magnitudes_[column] = std::abs(product);
      columns_.push_back(column);
    } else {
      sums_[column] += product;
      magnitudes_[column] += std::abs(product);
    }
  }

  /// Append the row to `product` in column order and start the next one.
  void drain(ReferenceProduct& product) {
    std::sort(columns_.begin(), columns_.end());
    for (const Coordinate column : columns_) {
      product.c.coordinates.push_back(column);
      product.c.values.push_back(sums_[column]);
      product.magnitude.push_back(magnitudes_[column]);
    }
    columns_.clear();
  }

 private:
  std::vector<double> sums_;
  std::vector<double> magnitudes_;
  std::vector<std::uint32_t> stamps_;
  std::vector<Coordinate> columns_;
};

}  // namespace

ReferenceProduct reference_product(const Workload& workload) {
  const Csr& a = *workload.a;
  const Csr& b = *workload.b;
  ReferenceProduct product;
  product.c.rows = a.rows;
  product.c.cols = b.cols;
  product.c.pointers = workload.c_pointers;
  product.c.coordinates.reserve(workload.nnz_c());
  product.c.values.reserve(workload.nnz_c());
  product.magnitude.reserve(workload.nnz_c());

  RowAccumulator accumulator(b.cols);
  for (std::uint32_t row = 0; row < a.rows; ++row) {
    for (std::uint64_t i = a.pointers[row]; i < a.pointers[row + 1]; ++i) {
      const Coordinate k = a.coordinates[i];
      for (std::uint64_t j = b.pointers[k]; j < b.pointers[k + 1]; ++j)
        accumulator.add(b.coordinates[j], a.values[i] * b.values[j], row + 1);
    }
    accumulator.drain(product);
    HEDDLE_CHECK(product.c.coordinates.size() == workload.c_pointers[row + 1]);
  }
  return product;
}

}  // namespace heddle
