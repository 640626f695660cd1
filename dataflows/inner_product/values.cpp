#include "dataflows/inner_product/values.h"

#include <algorithm>
#include <vector>

#include "sim/base/errors.h"

namespace heddle::inner_product {
namespace {

/// Sums of one row of C. Products of the present fold are kept per column until its adder trees run.
class Row {
 public:
  explicit Row(std::uint32_t columns) : sums_(columns), stamps_(columns, 0), products_(columns) {}

  void begin(std::uint32_t row) { stamp_ = row + 1; }

  void add_product(Coordinate column, double product) {
    if (products_[column].empty()) touched_.push_back(column);
    products_[column].push_back(product);
  }

  void end_fold() {
    for (const Coordinate column : touched_) {
      const double sum = adder_tree(products_[column]);
      products_[column].clear();
      if (stamps_[column] == stamp_) {
        sums_[column] += sum;
      } else {
        stamps_[column] = stamp_;
        sums_[column] = sum;
        columns_.push_back(column);
      }
    }
    touched_.clear();
  }

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
  static double adder_tree(std::vector<double>& inputs) {
    std::size_t count = inputs.size();
    for (; count > 1; count = (count + 1) / 2) {
      for (std::size_t i = 0; i < count / 2; ++i) inputs[i] = inputs[2 * i] + inputs[2 * i + 1];
      if (count % 2 != 0) inputs[count / 2] = inputs[count - 1];
    }
    return inputs.front();
  }

  std::vector<double> sums_;
  std::vector<std::uint32_t> stamps_;
  std::vector<std::vector<double>> products_;  // by column, of this fold
  std::vector<Coordinate> touched_, columns_;
  std::uint32_t stamp_ = 0;
};

}  // namespace

Csr form_values(const Workload& workload, std::uint64_t fold_size) {
  const Csr& a = *workload.a;
  const Csr& b = *workload.b;
  Csr c;
  c.rows = a.rows;
  c.cols = b.cols;
  c.coordinates.reserve(workload.nnz_c());
  c.values.reserve(workload.nnz_c());
  Row row(b.cols);
  for (std::uint32_t r = 0; r < a.rows; ++r) {
    row.begin(r);
    for (std::uint64_t n = a.pointers[r]; n < a.pointers[r + 1]; ++n) {
      const Fiber fiber = b.row(a.coordinates[n]);
      for (std::size_t i = 0; i < fiber.coordinates.size(); ++i)
        row.add_product(fiber.coordinates[i], a.values[n] * fiber.values[i]);
      if ((n + 1) % fold_size == 0 || n + 1 == a.pointers[r + 1]) row.end_fold();
    }
    row.drain(c);
  }
  HEDDLE_CHECK(c.pointers == workload.c_pointers);
  return c;
}

}  // namespace heddle::inner_product
