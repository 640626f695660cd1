#include "matrices/profile.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit_matrices/matrix_helpers.h"

namespace heddle {
namespace {

TEST(MatrixProfile, OfASmallMatrixByHand) {
  // x . x .
  // . . . .
  // 0 x x x
  const Csr matrix{3, 4, {0, 2, 2, 6}, {0, 2, 0, 1, 2, 3}, {1, 2, 0, 3, 4, 5}};
  const MatrixProfile p = profile(matrix);
  EXPECT_EQ(p.rows, 3u);
  EXPECT_EQ(p.cols, 4u);
  EXPECT_EQ(p.nnz, 6u);
  EXPECT_DOUBLE_EQ(p.density, 0.5);
  EXPECT_EQ(p.explicit_zeros, 1u);
  EXPECT_EQ(p.row_length.empty, 1u);
  EXPECT_EQ(p.row_length.max, 4u);
  EXPECT_DOUBLE_EQ(p.row_length.mean, 2.0);
  EXPECT_DOUBLE_EQ(p.row_length.cv, std::sqrt(8.0 / 3.0) / 2.0);
  EXPECT_DOUBLE_EQ(p.row_length.gini, 4.0 / 9.0);  // mean |x - y| over pairs / (2 mean) = (16 / 9) / 4
  EXPECT_EQ(p.column_length.empty, 0u);
  EXPECT_EQ(p.column_length.max, 2u);
  EXPECT_DOUBLE_EQ(p.column_length.mean, 1.5);
  EXPECT_EQ(p.bandwidth, 2u);
  EXPECT_DOUBLE_EQ(p.diagonal_share, 2.0 / 3.0);
  EXPECT_EQ(p.pattern_symmetry, 0.0);
}

TEST(MatrixProfile, SymmetryIsTheShareOfMirroredNonzeros) {
  const Csr half{3, 3, {0, 2, 4, 5}, {0, 1, 0, 2, 2}, {1, 1, 1, 1, 1}};
  EXPECT_DOUBLE_EQ(profile(half).pattern_symmetry, 2.0 / 3.0);
  const Csr diagonal{2, 2, {0, 1, 2}, {0, 1}, {1, 1}};
  EXPECT_DOUBLE_EQ(profile(diagonal).pattern_symmetry, 1.0);
  EXPECT_DOUBLE_EQ(profile(diagonal).diagonal_share, 1.0);
}

TEST(MatrixProfile, OfNothingIsZero) {
  for (const Csr& matrix : {Csr{}, Csr{0, 3, {0}, {}, {}}, Csr{2, 0, {0, 0, 0}, {}, {}}, Csr{1, 1, {0, 0}, {}, {}}}) {
    const MatrixProfile p = profile(matrix);
    EXPECT_EQ(p.nnz, 0u);
    EXPECT_EQ(p.density, 0.0);
    EXPECT_EQ(p.row_length.cv, 0.0);
    EXPECT_EQ(p.row_length.gini, 0.0);
  }
}

TEST(MatrixProfile, GiniGrowsWithInequality) {
  Csr alike{4, 4, {0, 1, 2, 3, 4}, {0, 1, 2, 3}, {1, 1, 1, 1}};
  EXPECT_DOUBLE_EQ(profile(alike).row_length.gini, 0.0);
  Csr one{4, 4, {0, 4, 4, 4, 4}, {0, 1, 2, 3}, {1, 1, 1, 1}};
  EXPECT_DOUBLE_EQ(profile(one).row_length.gini, 0.75);
}

TEST(WorkloadProfile, OfASmallProductByHand) {
  const Csr a{2, 2, {0, 2, 3}, {0, 1, 1}, {1, 1, 1}};
  const WorkloadProfile p = profile(square(a));
  EXPECT_EQ(p.rows, 2u);
  EXPECT_EQ(p.inner, 2u);
  EXPECT_EQ(p.products, 4u);
  EXPECT_EQ(p.nnz_c, 3u);
  EXPECT_DOUBLE_EQ(p.compression_factor, 4.0 / 3.0);
  EXPECT_DOUBLE_EQ(p.row_products_mean, 2.0);
  EXPECT_EQ(p.row_products_max, 3u);
  EXPECT_EQ(p.row_nnz_c_max, 2u);
  EXPECT_EQ(p.touched_b_nnz, 3u);
}

/// A visitor that only collects names, as every described struct must allow.
struct NameCollector {
  std::vector<std::string> names;
  template <class T>
  void field(std::string_view name, T&, std::string_view, std::string_view, Range = any_value) {
    names.emplace_back(name);
  }
  template <class T>
  void section(std::string_view name, T& nested, std::string_view) {
    names.emplace_back(name);
    describe(*this, nested);
  }
};

TEST(Describe, ListsEveryFieldOfTheProfiles) {
  NameCollector matrix;
  MatrixProfile m;
  describe(matrix, m);
  EXPECT_EQ(matrix.names.size(), 20u);
  NameCollector workload;
  WorkloadProfile w;
  describe(workload, w);
  EXPECT_EQ(workload.names.size(), 12u);
  NameCollector generator;
  GeneratorConfig g;
  describe(generator, g);
  EXPECT_EQ(generator.names.size(), 23u);
}

}  // namespace
}  // namespace heddle
