// C's pattern, row by row: one stamp per column of B says in which row of C the column was last seen. A row with a
// single nonzero of A copies the length of one row of B; the first fiber of a row is only stamped, the last only looked
// up, because the coordinates of a fiber are unique.
#include "matrices/workload.h"

#include <utility>

#include "sim/base/errors.h"

namespace heddle {
namespace {

constexpr std::uint64_t kPrefetchDistance = 8;  // nonzeros of A ahead of the one at work

std::string shape(const Csr& matrix) {
  return std::to_string(matrix.rows) + " x " + std::to_string(matrix.cols);
}

void check_shapes(const Csr& a, const Csr& b, const std::string& a_name, const std::string& b_name) {
  if (a.cols == b.rows) return;
  if (&a == &b || a_name == b_name)
    throw InputError(a_name + ": A*A needs a square matrix, this one is " + shape(a) +
                     "; expected another B (--b MATRIX) or A times its transpose (--b-transposed)");
  throw InputError("inner dimensions differ: A (" + a_name + ") is " + shape(a) + ", B (" + b_name + ") is " +
                   shape(b) + "; expected as many rows of B as columns of A");
}

class PatternCounter {
 public:
  PatternCounter(const Csr& a, const Csr& b) : a_(a), b_(b), stamps_(b.cols, 0) {}

  /// Distinct columns in row `row` of C.
  std::uint64_t count(std::uint32_t row) {
    const std::uint64_t begin = a_.pointers[row];
    const std::uint64_t end = a_.pointers[row + 1];
    if (begin == end) return 0;
    if (end - begin == 1) return b_.row_nnz(a_.coordinates[begin]);
    const std::uint32_t stamp = row + 1;
    std::uint64_t distinct = b_.row_nnz(a_.coordinates[begin]);
    mark(a_.coordinates[begin], stamp);
    for (std::uint64_t i = begin + 1; i + 1 < end && distinct < b_.cols; ++i)
      distinct += mark_new(a_.coordinates[i], stamp, i);
    if (distinct == b_.cols) return distinct;  // full
    return distinct + count_new(a_.coordinates[end - 1], stamp);
  }

 private:
  void mark(Coordinate k, std::uint32_t stamp) {
    for (std::uint64_t j = b_.pointers[k]; j < b_.pointers[k + 1]; ++j) stamps_[b_.coordinates[j]] = stamp;
  }

  std::uint64_t mark_new(Coordinate k, std::uint32_t stamp, std::uint64_t i) {
    if (i + kPrefetchDistance < a_.nnz())
      __builtin_prefetch(b_.coordinates.data() + b_.pointers[a_.coordinates[i + kPrefetchDistance]]);
    const Coordinate* coordinate = b_.coordinates.data() + b_.pointers[k];
    const Coordinate* const end = b_.coordinates.data() + b_.pointers[k + 1];
    std::uint32_t* const stamps = stamps_.data();
    std::uint64_t found = 0;
    for (; coordinate != end; ++coordinate) {
      found += stamps[*coordinate] != stamp;
      stamps[*coordinate] = stamp;
    }
    return found;
  }

  std::uint64_t count_new(Coordinate k, std::uint32_t stamp) const {
    std::uint64_t found = 0;
    for (std::uint64_t j = b_.pointers[k]; j < b_.pointers[k + 1]; ++j) found += stamps_[b_.coordinates[j]] != stamp;
    return found;
  }

  const Csr& a_;
  const Csr& b_;
  std::vector<std::uint32_t> stamps_;  // by column of B: 1 + the last row of C that has it
};

void count_products(Workload& workload) {
  const Csr& b = *workload.b;
  std::vector<std::uint8_t> touched(b.rows, 0);
  for (const Coordinate k : workload.a->coordinates) {
    workload.products += b.row_nnz(k);
    touched[k] = 1;
  }
  for (std::uint32_t k = 0; k < b.rows; ++k)
    if (touched[k]) workload.touched_b_nnz += b.row_nnz(k);
}

}  // namespace

Workload make_workload(std::shared_ptr<const Csr> a, std::shared_ptr<const Csr> b, std::string a_name,
                       std::string b_name) {
  check_shapes(*a, *b, a_name, b_name);
  Workload workload;
  workload.a_name = std::move(a_name);
  workload.b_name = std::move(b_name);
  workload.a = std::move(a);
  workload.b = std::move(b);
  count_products(workload);

  const std::uint32_t rows = workload.a->rows;
  workload.c_pointers.resize(std::size_t{rows} + 1, 0);
  PatternCounter counter(*workload.a, *workload.b);
  for (std::uint32_t row = 0; row < rows; ++row)
    workload.c_pointers[row + 1] = workload.c_pointers[row] + counter.count(row);
  return workload;
}

Csr unfilled_product(const Workload& workload) {
  Csr c;
  c.rows = workload.a->rows;
  c.cols = workload.b->cols;
  c.pointers = workload.c_pointers;
  c.coordinates.resize(workload.nnz_c());
  c.values.resize(workload.nnz_c());
  return c;
}

}  // namespace heddle
