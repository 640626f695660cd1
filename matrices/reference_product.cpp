#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "matrices/workload.h"
#include "sim/base/errors.h"

namespace heddle {
namespace {

/// One row of C: a dense accumulator and one bit per column that has a sum. Words of the bit map that are in use are
/// listed, so that a short row costs no pass over the whole map.
class RowAccumulator {
 public:
  explicit RowAccumulator(std::uint32_t cols) : cells_(cols), words_(cols / 64 + 1, 0) {}

  void add(Coordinate column, double product) {
    Cell& cell = cells_[column];
    cell.sum += product;
    cell.magnitude += std::abs(product);
    std::uint64_t& word = words_[column / 64];
    if (word == 0) used_.push_back(column / 64);
    word |= std::uint64_t{1} << (column % 64);
  }

  /// Write the row to `product` from offset `to` on, in column order, and start the next one; returns its end.
  std::uint64_t drain(ReferenceProduct& product, std::uint64_t to) {
    if (used_.size() * kScanShare > words_.size()) {
      for (std::uint32_t index = 0; index < words_.size(); ++index)
        if (words_[index] != 0) to = drain_word(product, index, to);
    } else {
      std::sort(used_.begin(), used_.end());
      for (const std::uint32_t index : used_) to = drain_word(product, index, to);
    }
    used_.clear();
    return to;
  }

 private:
  struct Cell {
    double sum = 0;
    double magnitude = 0;
  };
  /// Sorting the list of words costs about as much as looking at this many words for each of them.
  static constexpr std::size_t kScanShare = 16;

  std::uint64_t drain_word(ReferenceProduct& product, std::uint32_t index, std::uint64_t to) {
    for (std::uint64_t bits = words_[index]; bits != 0; bits &= bits - 1, ++to) {
      const Coordinate column = index * 64 + static_cast<Coordinate>(std::countr_zero(bits));
      product.c.coordinates[to] = column;
      product.c.values[to] = cells_[column].sum;
      product.magnitude[to] = cells_[column].magnitude;
      cells_[column] = {};
    }
    words_[index] = 0;
    return to;
  }

  std::vector<Cell> cells_;
  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> used_;
};

}  // namespace

ReferenceProduct reference_product(const Workload& workload) {
  const Csr& a = *workload.a;
  const Csr& b = *workload.b;
  ReferenceProduct product;
  product.c = unfilled_product(workload);
  product.magnitude.resize(workload.nnz_c());

  RowAccumulator accumulator(b.cols);
  std::uint64_t end = 0;
  for (std::uint32_t row = 0; row < a.rows; ++row) {
    for (std::uint64_t i = a.pointers[row]; i < a.pointers[row + 1]; ++i) {
      const Coordinate k = a.coordinates[i];
      for (std::uint64_t j = b.pointers[k]; j < b.pointers[k + 1]; ++j)
        accumulator.add(b.coordinates[j], a.values[i] * b.values[j]);
    }
    end = accumulator.drain(product, end);
    HEDDLE_CHECK(end == workload.c_pointers[row + 1]);
  }
  return product;
}

}  // namespace heddle
