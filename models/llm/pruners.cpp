#include "models/llm/pruners.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/base/errors.h"
#include "sim/base/random.h"

namespace heddle::llm {
namespace {

/// Close to a standard normal number: twelve uniform ones (Irwin-Hall). Sums are exact enough to be the same
/// everywhere.
double normal(Random& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.uniform_real();
  return sum;
}

/// int(n x s) as Python computes it.
std::uint32_t truncated(std::uint32_t n, double factor) {
  return static_cast<std::uint32_t>(static_cast<double>(n) * factor);
}

/// Zero the `dropped` elements of lowest score, first in `group` among equals.
void drop_lowest(DenseMatrix& matrix, std::span<const float> scores, std::vector<std::uint64_t>& group,
                 std::uint32_t dropped) {
  const auto lower = [&](std::uint64_t a, std::uint64_t b) {
    return scores[a] != scores[b] ? scores[a] < scores[b] : a < b;
  };
  const auto end = group.begin() + dropped;
  if (dropped < group.size()) std::nth_element(group.begin(), end, group.end(), lower);
  for (auto i = group.begin(); i != end; ++i) matrix.values[*i] = 0;
}

/// Zero what is below the k-th smallest score.
void drop_below(DenseMatrix& matrix, std::span<const float> scores, std::vector<std::uint64_t>& group,
                std::uint32_t k) {
  const auto at = group.begin() + (k - 1);
  std::nth_element(group.begin(), at, group.end(), [&](auto a, auto b) { return scores[a] < scores[b]; });
  const float threshold = scores[*at];
  for (const std::uint64_t i : group)
    if (scores[i] < threshold) matrix.values[i] = 0;
}

}  // namespace

std::uint32_t kept_count(KeepRule rule, std::uint32_t n, double sparsity) {
  switch (rule) {
    case KeepRule::drop_lowest:
      return n - truncated(n, sparsity);
    case KeepRule::released:
      return n - std::max(1u, truncated(n, sparsity)) + 1;
    case KeepRule::nominal:
      return static_cast<std::uint32_t>(std::lround(n * (1 - sparsity)));
    case KeepRule::keep_highest:
      return truncated(n, 1 - sparsity);
  }
  throw InternalError("a rule without a count");
}

std::vector<float> magnitudes(const DenseMatrix& matrix) {
  std::vector<float> scores(matrix.values.size());
  std::transform(matrix.values.begin(), matrix.values.end(), scores.begin(), [](float x) { return std::fabs(x); });
  return scores;
}

std::vector<float> scaled_magnitudes(const DenseMatrix& matrix, std::span<const float> of_column,
                                     std::span<const float> of_row) {
  std::vector<float> scores = magnitudes(matrix);
  for (std::uint32_t r = 0; r < matrix.rows; ++r)
    for (std::uint32_t c = 0; c < matrix.cols; ++c) {
      float& score = scores[std::uint64_t{r} * matrix.cols + c];
      if (!of_column.empty()) score *= of_column[c];
      if (!of_row.empty()) score *= of_row[r];
    }
  return scores;
}

void prune(DenseMatrix& matrix, std::span<const float> scores, std::uint32_t group_rows, std::uint32_t group_cols,
           KeepRule rule, double sparsity) {
  HEDDLE_CHECK(scores.size() == matrix.values.size() && group_rows > 0 && group_cols > 0);
  std::vector<std::uint64_t> group;
  for (std::uint32_t r = 0; r < matrix.rows; r += group_rows) {
    for (std::uint32_t c = 0; c < matrix.cols; c += group_cols) {
      group.clear();
      for (std::uint32_t i = r; i < std::min(r + group_rows, matrix.rows); ++i)
        for (std::uint32_t j = c; j < std::min(c + group_cols, matrix.cols); ++j)
          group.push_back(std::uint64_t{i} * matrix.cols + j);
      const auto n = static_cast<std::uint32_t>(group.size());
      if (rule == KeepRule::released)
        drop_below(matrix, scores, group, std::max(1u, truncated(n, sparsity)));
      else
        drop_lowest(matrix, scores, group, n - kept_count(rule, n, sparsity));
    }
  }
}

void prune_columns(DenseMatrix& matrix, std::span<const float> column_scores, double sparsity) {
  std::vector<std::uint32_t> order(matrix.cols);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return column_scores[a] < column_scores[b]; });
  for (std::uint32_t i = 0; i < truncated(matrix.cols, sparsity); ++i)
    for (std::uint32_t r = 0; r < matrix.rows; ++r) matrix.at(r, order[i]) = 0;
}

std::vector<float> think_scores(const DenseMatrix& k, const DenseMatrix* queries) {
  const auto mean_squares = [](const DenseMatrix& m) {
    std::vector<float> sums(m.cols);
    for (std::uint32_t r = 0; r < m.rows; ++r)
      for (std::uint32_t c = 0; c < m.cols; ++c) sums[c] += m.at(r, c) * m.at(r, c) / static_cast<float>(m.rows);
    return sums;
  };
  std::vector<float> scores = mean_squares(k);
  if (queries != nullptr) {
    const std::vector<float> of_queries = mean_squares(*queries);
    for (std::size_t c = 0; c < scores.size(); ++c) scores[c] *= of_queries[c];
  }
  return scores;
}

NarrowMatrix to_fp16(const DenseMatrix& matrix) {
  std::vector<std::uint16_t> codes(matrix.values.size());
  std::transform(matrix.values.begin(), matrix.values.end(), codes.begin(),
                 [](float x) { return to_code(x, ValueType::fp16); });
  return from_dense(codes, matrix.rows, matrix.cols, ValueType::fp16);
}

void apply_mask(DenseMatrix& matrix, const Csr& mask) {
  if (mask.rows != matrix.rows || mask.cols != matrix.cols)
    throw InputError("the mask is " + std::to_string(mask.rows) + " x " + std::to_string(mask.cols) +
                     "; expected the shape of the weights");
  std::vector<float> kept(matrix.values.size());
  for (std::uint32_t r = 0; r < mask.rows; ++r)
    for (const Coordinate c : mask.row(r).coordinates) kept[std::uint64_t{r} * mask.cols + c] = matrix.at(r, c);
  matrix.values = std::move(kept);
}

DenseMatrix generate_weights(std::uint32_t rows, std::uint32_t cols, double spread, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> importance(cols);
  for (double& factor : importance) factor = std::exp(spread * normal(random));
  DenseMatrix weights(rows, cols);
  for (std::uint32_t r = 0; r < rows; ++r)
    for (std::uint32_t c = 0; c < cols; ++c)
      weights.at(r, c) = static_cast<float>(0.02 * importance[c] * normal(random));
  return weights;
}

DenseMatrix generate_kv(std::uint32_t tokens, std::uint32_t channels, double outlier, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> mean(channels);
  for (std::uint32_t c = 0; c < channels; ++c) mean[c] = c % 16 == 7 ? outlier * (c % 32 == 7 ? 1 : -1) : 0;
  DenseMatrix kv(tokens, channels);
  for (std::uint32_t t = 0; t < tokens; ++t)
    for (std::uint32_t c = 0; c < channels; ++c) kv.at(t, c) = static_cast<float>(mean[c] + normal(random));
  return kv;
}

}  // namespace heddle::llm
