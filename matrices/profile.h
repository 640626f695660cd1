// Structure of a matrix and of a product, as numbers that explain how hardware will fare.
#pragma once

#include <cstdint>

#include "matrices/csr.h"
#include "matrices/workload.h"

namespace heddle {

/// How nonzeros are spread over rows (or columns).
struct LengthProfile {
  std::uint64_t empty = 0;
  std::uint64_t max = 0;
  double mean = 0;
  double cv = 0;    ///< standard deviation / mean
  double gini = 0;  ///< 0: all alike, towards 1: all in one
};

template <class V>
void describe(V& v, LengthProfile& p) {
  v.field("empty", p.empty, "count", "fibers without a nonzero");
  v.field("max", p.max, "count", "nonzeros of the longest");
  v.field("mean", p.mean, "count", "nonzeros per fiber");
  v.field("cv", p.cv, "", "standard deviation of the lengths over their mean");
  v.field("gini", p.gini, "fraction", "inequality of the lengths: 0 all alike, towards 1 all in one");
}

struct MatrixProfile {
  std::uint64_t rows = 0;
  std::uint64_t cols = 0;
  std::uint64_t nnz = 0;
  double density = 0;
  std::uint64_t explicit_zeros = 0;
  LengthProfile row_length;
  LengthProfile column_length;
  std::uint64_t bandwidth = 0;
  double diagonal_share = 0;
  double pattern_symmetry = 0;
};

template <class V>
void describe(V& v, MatrixProfile& p) {
  v.field("rows", p.rows, "count", "rows");
  v.field("cols", p.cols, "count", "columns");
  v.field("nnz", p.nnz, "count", "stored nonzeros, explicit zeros included");
  v.field("density", p.density, "fraction", "nnz / (rows x cols)");
  v.field("explicit_zeros", p.explicit_zeros, "count", "stored elements whose value is 0");
  v.section("row_length", p.row_length, "nonzeros per row");
  v.section("column_length", p.column_length, "nonzeros per column");
  v.field("bandwidth", p.bandwidth, "count", "largest |row - column| of a nonzero");
  v.field("diagonal_share", p.diagonal_share, "fraction", "nonzeros on the diagonal / its length");
  v.field("pattern_symmetry", p.pattern_symmetry, "fraction",
          "nonzeros off the diagonal whose mirror image is a nonzero too; 1 when there are none, 0 when not square");
}

struct WorkloadProfile {
  std::uint64_t rows = 0;
  std::uint64_t inner = 0;
  std::uint64_t cols = 0;
  std::uint64_t nnz_a = 0;
  std::uint64_t nnz_b = 0;
  std::uint64_t products = 0;
  std::uint64_t nnz_c = 0;
  double compression_factor = 0;
  double row_products_mean = 0;
  std::uint64_t row_products_max = 0;
  std::uint64_t row_nnz_c_max = 0;
  std::uint64_t touched_b_nnz = 0;
};

template <class V>
void describe(V& v, WorkloadProfile& p) {
  v.field("rows", p.rows, "count", "rows of A and C");
  v.field("inner", p.inner, "count", "columns of A, rows of B");
  v.field("cols", p.cols, "count", "columns of B and C");
  v.field("nnz_a", p.nnz_a, "count", "nonzeros of A");
  v.field("nnz_b", p.nnz_b, "count", "nonzeros of B");
  v.field("products", p.products, "count", "effectual multiplications");
  v.field("nnz_c", p.nnz_c, "count", "nonzeros of C, structurally");
  v.field("compression_factor", p.compression_factor, "", "products / nnz_c");
  v.field("row_products_mean", p.row_products_mean, "count", "products per row of C");
  v.field("row_products_max", p.row_products_max, "count", "products of the heaviest row of C");
  v.field("row_nnz_c_max", p.row_nnz_c_max, "count", "nonzeros of the longest row of C");
  v.field("touched_b_nnz", p.touched_b_nnz, "count", "nonzeros of B in rows that A names");
}

/// O(nnz + rows log rows + cols log cols).
MatrixProfile profile(const Csr& matrix);
/// O(nnz(A)).
WorkloadProfile profile(const Workload& workload);

}  // namespace heddle
