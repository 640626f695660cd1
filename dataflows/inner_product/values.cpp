#include "dataflows/inner_product/values.h"

#include <vector>

#include "dataflows/inner_product/row_sums.h"

namespace heddle::inner_product {
namespace {

/// Products of the present fold, kept per column until its adder trees run.
class FoldProducts {
 public:
  explicit FoldProducts(std::uint32_t columns) : products_(columns) {}

  void add_product(Coordinate column, double product) {
    if (products_[column].empty()) touched_.push_back(column);
    products_[column].push_back(product);
  }

  void end(RowSums& sums) {
    for (const Coordinate column : touched_) {
      sums.add(column, adder_tree(products_[column]));
      products_[column].clear();
    }
    touched_.clear();
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

  std::vector<std::vector<double>> products_;  // by column
  std::vector<Coordinate> touched_;
};

}  // namespace

Csr form_values(const Workload& workload, std::uint64_t fold_size) {
  return form_rows(workload, FoldProducts(workload.b->cols), [&](std::uint64_t n) { return (n + 1) % fold_size == 0; });
}

}  // namespace heddle::inner_product
