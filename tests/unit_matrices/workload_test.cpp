#include "matrices/workload.h"

#include <gtest/gtest.h>

#include <cmath>

#include "matrices/operands.h"
#include "sim/base/random.h"
#include "tests/unit_matrices/matrix_helpers.h"

namespace heddle {
namespace {

Csr random_matrix(std::uint32_t rows, std::uint32_t cols, double density, std::uint64_t seed) {
  GeneratorConfig config;
  config.rows = rows;
  config.cols = cols;
  config.density = density;
  config.seed = seed;
  return generate(config);
}

Csr of_ones(Csr matrix) {
  matrix.values.assign(matrix.nnz(), 1.0);
  return matrix;
}

/// Products by definition: sum over k of nnz(A(:,k)) x nnz(B(k,:)).
std::uint64_t products_by_definition(const Csr& a, const Csr& b) {
  const Csr columns = transpose(a);
  std::uint64_t sum = 0;
  for (std::uint32_t k = 0; k < b.rows; ++k) sum += columns.row_nnz(k) * b.row_nnz(k);
  return sum;
}

void expect_pattern(const Csr& c, const EigenMatrix& expected) {
  ASSERT_EQ(c.nnz(), static_cast<std::uint64_t>(expected.nonZeros()));
  for (std::uint32_t row = 0; row < c.rows; ++row) {
    std::uint64_t i = c.pointers[row];
    for (EigenMatrix::InnerIterator element(expected, row); element; ++element, ++i)
      ASSERT_EQ(c.coordinates[i], static_cast<Coordinate>(element.col()));
    ASSERT_EQ(i, c.pointers[row + 1]);
  }
}

void expect_equals_eigen(const Csr& a, const Csr& b) {
  const Workload workload = make_workload(shared(a), shared(b), "a", "b");
  EXPECT_EQ(workload.products, products_by_definition(a, b));
  const ReferenceProduct product = reference_product(workload);
  ASSERT_TRUE(well_formed(product.c));
  EXPECT_EQ(product.c.pointers, workload.c_pointers);

  // With ones for values no sum can vanish, so Eigen's pattern is the structural one.
  expect_pattern(product.c, EigenMatrix(to_eigen(of_ones(a)) * to_eigen(of_ones(b))));

  const EigenMatrix values = to_eigen(a) * to_eigen(b);
  for (std::uint32_t row = 0; row < a.rows; ++row)
    for (std::uint64_t i = product.c.pointers[row]; i < product.c.pointers[row + 1]; ++i)
      ASSERT_LE(std::abs(product.c.values[i] - values.coeff(row, product.c.coordinates[i])),
                1e-12 * product.magnitude[i]);
}

TEST(ReferenceProduct, EqualsEigenOnRandomMatrices) {
  Random random(11);
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const auto m = static_cast<std::uint32_t>(1 + random.uniform_u64(90));
    const auto k = static_cast<std::uint32_t>(1 + random.uniform_u64(90));
    const auto n = static_cast<std::uint32_t>(1 + random.uniform_u64(300));
    expect_equals_eigen(random_matrix(m, k, 0.3 * random.uniform_real(), seed),
                        random_matrix(k, n, 0.3 * random.uniform_real(), seed + 1000));
  }
}

TEST(ReferenceProduct, EqualsEigenOnEveryFamily) {
  for (const auto& family : enum_names(MatrixFamily{})) {
    GeneratorConfig config;
    config.family = family.value;
    config.rows = config.cols = 256;
    config.scale = 8;
    config.density = 0.05;
    config.grid_x = config.grid_y = config.grid_z = 6;
    SCOPED_TRACE(family.name);
    const Csr a = generate(config);
    expect_equals_eigen(a, a);
  }
}

TEST(ReferenceProduct, EqualsEigenOnLongRows) {
  expect_equals_eigen(random_matrix(5, 40, 0.9, 1), random_matrix(40, 20000, 0.4, 2));
  expect_equals_eigen(random_matrix(200, 40, 0.05, 3), random_matrix(40, 100000, 0.0005, 4));
}

TEST(ReferenceProduct, KeepsSumsThatVanish) {
  const Csr a{1, 2, {0, 2}, {0, 1}, {1.0, 1.0}};
  const Csr b{2, 1, {0, 1, 2}, {0, 0}, {3.0, -3.0}};
  const ReferenceProduct product = reference_product(make_workload(shared(a), shared(b), "a", "b"));
  ASSERT_EQ(product.c.nnz(), 1u);
  EXPECT_EQ(product.c.values[0], 0.0);
  EXPECT_EQ(product.magnitude[0], 6.0);
}

TEST(Workload, CountsTheRowsOfBThatAreTouched) {
  const Csr a{2, 3, {0, 1, 2}, {0, 0}, {1.0, 1.0}};
  const Csr b{3, 4, {0, 2, 5, 6}, {0, 1, 0, 1, 2, 3}, {1, 1, 1, 1, 1, 1}};
  const Workload workload = make_workload(shared(a), shared(b), "a", "b");
  EXPECT_EQ(workload.touched_b_nnz, 2u);
  EXPECT_EQ(workload.products, 4u);
  EXPECT_EQ(workload.nnz_c(), 4u);
  EXPECT_DOUBLE_EQ(workload.compression_factor(), 1.0);
}

TEST(Workload, OfNothing) {
  const Workload empty = square(Csr{});
  EXPECT_EQ(empty.products, 0u);
  EXPECT_EQ(empty.nnz_c(), 0u);
  EXPECT_EQ(empty.compression_factor(), 0.0);
  const Csr no_inner_a{3, 0, {0, 0, 0, 0}, {}, {}};
  const Csr no_inner_b{0, 4, {0}, {}, {}};
  const Workload no_inner = make_workload(shared(no_inner_a), shared(no_inner_b), "a", "b");
  EXPECT_EQ(no_inner.c_pointers, std::vector<std::uint64_t>(4, 0));
  EXPECT_EQ(reference_product(no_inner).c.cols, 4u);
}

TEST(Workload, OneByOne) {
  const Workload workload = square(Csr{1, 1, {0, 1}, {0}, {3.0}});
  EXPECT_EQ(workload.products, 1u);
  EXPECT_EQ(workload.nnz_c(), 1u);
  EXPECT_EQ(reference_product(workload).c.values[0], 9.0);
}

std::string mismatch(const std::string& a_name, const std::string& b_name) {
  const Csr a{2, 3, {0, 0, 0}, {}, {}};
  const Csr b{4, 5, {0, 0, 0, 0, 0}, {}, {}};
  try {
    make_workload(shared(a), a_name == b_name ? shared(a) : shared(b), a_name, b_name);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Workload, NamesBothShapesWhenInnerDimensionsDiffer) {
  EXPECT_EQ(mismatch("one.mtx", "two.mtx"),
            "inner dimensions differ: A (one.mtx) is 2 x 3, B (two.mtx) is 4 x 5; expected as many rows of B as "
            "columns of A");
}

TEST(Workload, OffersTheTransposeForASquareOfWhatIsNotSquare) {
  EXPECT_EQ(mismatch("one.mtx", "one.mtx"),
            "one.mtx: A*A needs a square matrix, this one is 2 x 3; expected another B (--b MATRIX) or A times its "
            "transpose (--b-transposed)");
}

TEST(Swapped, FormTheTransposedProduct) {
  const Csr a = random_matrix(30, 20, 0.15, 1), b = random_matrix(20, 25, 0.2, 2);
  const Operands other = swapped({shared(a), shared(b)});
  const Workload direct = make_workload(shared(a), shared(b), "a", "b");
  const Workload transposed = make_workload(other.a, other.b, "b'", "a'");
  EXPECT_EQ(transposed.products, direct.products);
  EXPECT_EQ(reference_product(transposed).c, transpose(reference_product(direct).c));
}

TEST(Swapped, ASquareStaysOneMatrix) {
  const auto a = shared(random_matrix(10, 10, 0.3, 3));
  const Operands other = swapped({a, a});
  EXPECT_EQ(other.a, other.b);
  EXPECT_EQ(*other.a, transpose(*a));
}

}  // namespace
}  // namespace heddle
