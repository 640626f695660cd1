#include <gtest/gtest.h>

#include <cmath>

#include "dataflows/inner_product/values.h"
#include "matrices/generate.h"
#include "tests/unit_inner/small_machine.h"

namespace heddle {
namespace {

using testing::from_dense;
using testing::generated;
using testing::identity;
using testing::small_machine;
using testing::workload_of;

TEST(InnerProductValues, TimesIdentityIsItself) {
  const Csr a = generated(MatrixFamily::power_law, 300, 1, 0.02);
  for (const std::uint32_t multipliers : {1u, 7u, 64u}) {
    RunOptions options;
    options.carry_values = true;
    const RunResult result = run_inner_product(workload_of(a, identity(300)), small_machine(multipliers), options);
    ASSERT_TRUE(result.c.has_value());
    EXPECT_EQ(*result.c, a);
  }
}

TEST(InnerProductValues, AgreesWithTheReference) {
  const Workload workload =
      workload_of(generated(MatrixFamily::uniform, 200, 1, 0.05), generated(MatrixFamily::power_law, 200, 1, 0.05));
  const ReferenceProduct reference = reference_product(workload);
  for (const std::uint64_t fold_size : {1u, 3u, 16u, 1000u}) {
    const Csr c = inner_product::form_values(workload, fold_size);
    ASSERT_EQ(c.coordinates, reference.c.coordinates);
    for (std::size_t i = 0; i < c.values.size(); ++i)
      ASSERT_LE(std::abs(c.values[i] - reference.c.values[i]), 1e-9 * reference.magnitude[i]);
  }
}

TEST(InnerProductValues, AddsInTheOrderOfTheTreeThenOfTheFolds) {
  // In doubles 2^53 + 1 = 2^53, so the order shows: a tree over four adds (2^53 + 1) + (1 + 1), folds of three add
  // ((2^53 + 1) + 1) and then 1, folds of two (2^53 + 1) and then (1 + 1).
  const double big = 0x1p53;
  const Workload workload = workload_of(from_dense(4, {{big, 1, 1, 1}}), from_dense(1, {{1}, {1}, {1}, {1}}));
  EXPECT_EQ(inner_product::form_values(workload, 4).values[0], big + 2);
  EXPECT_EQ(inner_product::form_values(workload, 3).values[0], big);
  EXPECT_EQ(inner_product::form_values(workload, 2).values[0], big + 2);
  EXPECT_EQ(inner_product::form_values(workload, 1).values[0], big);
}

TEST(InnerProductValues, KeepsStructuralZeros) {
  const Workload workload = workload_of(from_dense(2, {{1, 1}}), from_dense(1, {{1}, {-1}}));
  const Csr c = inner_product::form_values(workload, 2);
  ASSERT_EQ(c.nnz(), 1u);
  EXPECT_EQ(c.values[0], 0.0);
}

}  // namespace
}  // namespace heddle
