#include "models/llm/pruners.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sim/base/errors.h"

namespace heddle::llm {
namespace {

std::uint32_t nonzeros(const DenseMatrix& m, std::uint32_t r0, std::uint32_t r1, std::uint32_t c0, std::uint32_t c1) {
  std::uint32_t count = 0;
  for (std::uint32_t r = r0; r < r1; ++r)
    for (std::uint32_t c = c0; c < c1; ++c) count += m.at(r, c) != 0 ? 1 : 0;
  return count;
}

TEST(Pruners, KeptCounts) {
  EXPECT_EQ(kept_count(KeepRule::released, 128, 0.5), 65u);  // the threshold element stays
  EXPECT_EQ(kept_count(KeepRule::released, 128, 0.7), 40u);
  EXPECT_EQ(kept_count(KeepRule::released, 32, 0.5), 17u);
  EXPECT_EQ(kept_count(KeepRule::released, 32, 0.7), 11u);
  EXPECT_EQ(kept_count(KeepRule::nominal, 128, 0.7), 38u);
  EXPECT_EQ(kept_count(KeepRule::keep_highest, 128, 0.7), 38u);
  EXPECT_EQ(kept_count(KeepRule::keep_highest, 128, 0.5), 64u);
  EXPECT_EQ(kept_count(KeepRule::drop_lowest, 1000, 0.7), 300u);
}

TEST(Pruners, EveryGroupKeepsItsCount) {
  for (const KeepRule rule : {KeepRule::drop_lowest, KeepRule::released, KeepRule::nominal, KeepRule::keep_highest})
    for (const auto& [rows, cols] : {std::pair{1u, 128u}, {32u, 1u}, {64u, 32u}}) {
      DenseMatrix m = generate_kv(64, 128, 2, 5);
      prune(m, magnitudes(m), rows, cols, rule, 0.7);
      for (std::uint32_t r = 0; r < 64; r += rows)
        for (std::uint32_t c = 0; c < 128; c += cols)
          ASSERT_EQ(nonzeros(m, r, r + rows, c, c + cols), kept_count(rule, rows * cols, 0.7)) << enum_name(rule);
    }
}

TEST(Pruners, WhatStaysScoresNoLess) {
  const DenseMatrix original = generate_weights(16, 100, 0.5, 3);
  std::vector<float> norms(100);
  for (std::size_t i = 0; i < norms.size(); ++i) norms[i] = 1.0f + static_cast<float>(i % 7);
  DenseMatrix pruned = original;
  const std::vector<float> scores = scaled_magnitudes(original, norms);
  prune(pruned, scores, 1, 100, KeepRule::drop_lowest, 0.5);
  for (std::uint32_t r = 0; r < 16; ++r) {
    float least_kept = INFINITY, most_dropped = 0;
    for (std::uint32_t c = 0; c < 100; ++c) {
      const float score = scores[r * 100 + c];
      if (pruned.at(r, c) != 0) {
        EXPECT_EQ(pruned.at(r, c), original.at(r, c));
        least_kept = std::min(least_kept, score);
      } else {
        most_dropped = std::max(most_dropped, score);
      }
    }
    EXPECT_GE(least_kept, most_dropped);
  }
}

TEST(Pruners, TiesAtTheThresholdStayAsReleased) {
  DenseMatrix m(1, 8);
  m.values = {1, -1, 1, 1, 2, 2, 3, 3};
  prune(m, magnitudes(m), 1, 8, KeepRule::released, 0.5);  // the fourth smallest is 1
  EXPECT_EQ(nonzeros(m, 0, 1, 0, 8), 8u);
}

TEST(Pruners, ThinkDropsWholeChannels) {
  DenseMatrix k = generate_kv(50, 128, 3, 1);
  const DenseMatrix queries = generate_kv(32, 128, 0, 2);
  prune_columns(k, think_scores(k, &queries), 0.7);
  std::uint32_t left = 0;
  for (std::uint32_t c = 0; c < 128; ++c) {
    const std::uint32_t here = nonzeros(k, 0, 50, c, c + 1);
    EXPECT_TRUE(here == 0 || here == 50);
    left += here > 0 ? 1 : 0;
  }
  EXPECT_EQ(left, 39u);
  for (std::uint32_t c = 7; c < 128; c += 16) EXPECT_GT(nonzeros(k, 0, 50, c, c + 1), 0u) << "outlier channel " << c;
}

TEST(Pruners, MaskOfARealMatrix) {
  DenseMatrix weights = generate_weights(2, 3, 0, 1);
  const DenseMatrix original = weights;
  apply_mask(weights, Csr{2, 3, {0, 1, 3}, {2, 0, 1}, {1, 1, 1}});
  EXPECT_EQ(weights.at(0, 2), original.at(0, 2));
  EXPECT_EQ(weights.at(0, 0), 0);
  EXPECT_EQ(nonzeros(weights, 0, 2, 0, 3), 3u);
  EXPECT_THROW(apply_mask(weights, Csr{2, 2, {0, 0, 0}, {}, {}}), InputError);
}

}  // namespace
}  // namespace heddle::llm
