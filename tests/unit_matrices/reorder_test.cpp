#include "matrices/reorder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "matrices/generate.h"
#include "matrices/profile.h"
#include "sim/base/errors.h"
#include "sim/base/random.h"

namespace heddle {
namespace {

Csr matrix_of(MatrixFamily family, std::uint32_t rows) {
  GeneratorConfig config;
  config.family = family;
  config.rows = rows;
  config.density = 0.02;
  return generate(config);
}

std::vector<std::uint32_t> shuffled(std::uint32_t rows) {
  std::vector<std::uint32_t> order(rows);
  std::iota(order.begin(), order.end(), 0U);
  Random random(5);
  for (std::uint32_t i = rows; i > 1; --i) std::swap(order[i - 1], order[random.uniform_u64(i)]);
  return order;
}

TEST(Reorder, EveryMethodGivesAPermutation) {
  const Csr matrix = matrix_of(MatrixFamily::power_law, 300);
  for (const auto& method : kReorderMethodNames) {
    auto order = reorder(matrix, method.value, 8).order;
    std::sort(order.begin(), order.end());
    std::vector<std::uint32_t> all(matrix.rows);
    std::iota(all.begin(), all.end(), 0U);
    EXPECT_EQ(order, all) << method.name;
  }
}

/// The same greedy rule by brute force: the score of every row is counted anew for each place.
std::vector<std::uint32_t> brute_affinity(const Csr& matrix, std::uint64_t window) {
  std::vector<std::uint32_t> order;
  std::vector<bool> placed(matrix.rows, false);
  for (std::uint32_t i = 0; i < matrix.rows; ++i) {
    std::uint32_t best = matrix.rows;
    std::uint64_t best_score = 0;
    for (std::uint32_t row = 0; row < matrix.rows; ++row) {
      if (placed[row]) continue;
      std::uint64_t score = 0;
      for (std::uint64_t w = i > window ? i - window : 0; w < i; ++w)
        for (const Coordinate c : matrix.row(order[w]).coordinates) {
          const auto columns = matrix.row(row).coordinates;
          score += std::binary_search(columns.begin(), columns.end(), c) ? 1 : 0;
        }
      if (best == matrix.rows || score > best_score) best = row, best_score = score;
    }
    placed[best] = true;
    order.push_back(best);
  }
  return order;
}

TEST(Reorder, AffinityFollowsItsRule) {
  for (const std::uint64_t window : {1u, 3u, 20u, 1000u})
    for (const MatrixFamily family : {MatrixFamily::uniform, MatrixFamily::power_law, MatrixFamily::hypersparse}) {
      const Csr matrix = matrix_of(family, 120);
      EXPECT_EQ(reorder(matrix, ReorderMethod::affinity, window).order, brute_affinity(matrix, window)) << window;
    }
}

TEST(Reorder, CuthillMcKeeFindsABandAgain) {
  GeneratorConfig config;
  config.family = MatrixFamily::banded;
  config.rows = 400;
  config.half_bandwidth = 3;
  config.density = 1;
  const Csr band = generate(config);
  const Csr scattered = permute_symmetric(band, shuffled(400));
  EXPECT_GT(profile(scattered).bandwidth, 200u);
  const Csr found = permute_symmetric(scattered, reorder(scattered, ReorderMethod::rcm, 1).order);
  EXPECT_LE(profile(found).bandwidth, 6u);
  EXPECT_THROW(reorder(matrix_of(MatrixFamily::rectangular, 40), ReorderMethod::rcm, 1), InputError);
}

TEST(Reorder, AffinityBringsBackNeighbours) {
  GeneratorConfig config;
  config.family = MatrixFamily::banded;
  config.rows = 400;
  config.half_bandwidth = 5;
  config.density = 1;
  const Csr scattered = permute_rows(generate(config), shuffled(400));
  const Csr found = permute_rows(scattered, reorder(scattered, ReorderMethod::affinity, 4).order);
  EXPECT_LT(mean_affinity(scattered), 1);
  EXPECT_GT(mean_affinity(found), 8);
}

TEST(Reorder, DegreeIsLongestFirst) {
  const Csr matrix = matrix_of(MatrixFamily::power_law, 200);
  const Csr sorted = permute_rows(matrix, reorder(matrix, ReorderMethod::degree, 1).order);
  for (std::uint32_t row = 1; row < sorted.rows; ++row) EXPECT_GE(sorted.row_nnz(row - 1), sorted.row_nnz(row));
}

TEST(Reorder, PermutationsMoveRowsAndColumns) {
  const Csr matrix = matrix_of(MatrixFamily::uniform, 50);
  const auto order = shuffled(50);
  const Csr rows = permute_rows(matrix, order);
  for (std::uint32_t i = 0; i < 50; ++i)
    EXPECT_TRUE(std::ranges::equal(rows.row(i).coordinates, matrix.row(order[i]).coordinates));
  EXPECT_EQ(permute_symmetric(matrix, order).nnz(), matrix.nnz());
  std::vector<std::uint32_t> inverse(50);
  for (std::uint32_t i = 0; i < 50; ++i) inverse[order[i]] = i;
  EXPECT_EQ(permute_symmetric(permute_symmetric(matrix, order), inverse), matrix);
}

TEST(Reorder, WindowFollowsGammasRule) {
  const Csr matrix = matrix_of(MatrixFamily::uniform, 100);  // 2 nonzeros per row
  EXPECT_EQ(affinity_window(matrix, 4800, 12), 100u);
  EXPECT_EQ(affinity_window(matrix, 1, 12), 1u);
}

}  // namespace
}  // namespace heddle
