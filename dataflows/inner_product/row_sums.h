// How the values of C are formed row by row: products go into parts, parts are added in order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "matrices/workload.h"
#include "sim/base/errors.h"

namespace heddle::inner_product {

/// Sums of one row of C.
class RowSums {
 public:
  explicit RowSums(std::uint32_t columns) : sums_(columns), stamps_(columns, 0) {}

  void begin(std::uint32_t row) { stamp_ = row + 1; }

  void add(Coordinate column, double part) {
    if (stamps_[column] == stamp_) {
      sums_[column] += part;
    } else {
      stamps_[column] = stamp_;
      sums_[column] = part;
      columns_.push_back(column);
    }
  }

  /// Appends the row, structural zeros kept.
  void drain(Csr& c) {
    std::sort(columns_.begin(), columns_.end());
    for (const Coordinate column : columns_) {
      c.coordinates.push_back(column);
      c.values.push_back(sums_[column]);
    }
    columns_.clear();
    c.pointers.push_back(c.nnz());
  }

 private:
  std::vector<double> sums_;
  std::vector<std::uint32_t> stamps_;
  std::vector<Coordinate> columns_;
  std::uint32_t stamp_ = 0;
};

/// `part.add_product(column, product)` is called for every product of a row of A, in its order, and `part.end(sums)`
/// after nonzero n of A when `ends(n)` (not the last of its row), and after the last of every row.
template <class Part, class Ends>
Csr form_rows(const Workload& workload, Part part, Ends ends) {
  const Csr& a = *workload.a;
  const Csr& b = *workload.b;
  Csr c;
  c.rows = a.rows;
  c.cols = b.cols;
  c.coordinates.reserve(workload.nnz_c());
  c.values.reserve(workload.nnz_c());
  RowSums sums(b.cols);
  for (std::uint32_t r = 0; r < a.rows; ++r) {
    sums.begin(r);
    const std::uint64_t end = a.pointers[r + 1];
    for (std::uint64_t n = a.pointers[r]; n < end; ++n) {
      const Fiber fiber = b.row(a.coordinates[n]);
      for (std::size_t i = 0; i < fiber.coordinates.size(); ++i)
        part.add_product(fiber.coordinates[i], a.values[n] * fiber.values[i]);
      if (n + 1 == end || ends(n)) part.end(sums);
    }
    sums.drain(c);
  }
  HEDDLE_CHECK(c.pointers == workload.c_pointers);
  return c;
}

}  // namespace heddle::inner_product
