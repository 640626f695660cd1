#include <gtest/gtest.h>

#include "tests/unit_matrices/matrix_helpers.h"

namespace heddle {
namespace {

TEST(Csr, TheDefaultIsAMatrixWithoutRows) {
  const Csr matrix;
  EXPECT_TRUE(well_formed(matrix));
  EXPECT_EQ(matrix.nnz(), 0u);
}

TEST(Transpose, MovesEachNonzeroAcrossTheDiagonal) {
  const Csr matrix{2, 3, {0, 2, 3}, {0, 2, 1}, {1.0, 2.0, 3.0}};
  const Csr expected{3, 2, {0, 1, 2, 3}, {0, 1, 0}, {1.0, 3.0, 2.0}};
  EXPECT_EQ(transpose(matrix), expected);
}

TEST(Transpose, TwiceIsTheMatrixAgain) {
  GeneratorConfig config;
  config.family = MatrixFamily::rectangular;
  config.rows = 300;
  config.density = 0.05;
  for (config.seed = 1; config.seed <= 5; ++config.seed) {
    const Csr matrix = generate(config);
    EXPECT_TRUE(well_formed(transpose(matrix)));
    EXPECT_EQ(transpose(transpose(matrix)), matrix);
  }
}

TEST(Transpose, OfNoRowsAndOfNoColumns) {
  const Csr no_rows{0, 3, {0}, {}, {}};
  const Csr no_columns{3, 0, {0, 0, 0, 0}, {}, {}};
  EXPECT_EQ(transpose(no_rows), no_columns);
  EXPECT_EQ(transpose(no_columns), no_rows);
}

}  // namespace
}  // namespace heddle
