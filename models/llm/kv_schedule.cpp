#include "models/llm/kv_schedule.h"

#include <cmath>

#include "matrices/formats/format.h"
#include "sim/base/errors.h"

namespace heddle::llm {
namespace {

std::vector<double> softmax(std::vector<double> scores) {
  const double top = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) sum += score = std::exp(score - top);
  for (double& score : scores) score /= sum;
  return scores;
}

double score(const std::vector<float>& query, const DenseMatrix& keys, std::uint32_t token) {
  double sum = 0;
  for (std::uint32_t c = 0; c < keys.cols; ++c) sum += double{query[c]} * keys.at(token, c);
  return sum / std::sqrt(keys.cols);
}

NarrowMatrix first_tokens(const DenseMatrix& matrix, std::uint32_t tokens, TileOrder order) {
  DenseMatrix part(tokens, matrix.cols);
  std::copy_n(matrix.values.begin(), part.values.size(), part.values.begin());
  FormatOptions options;
  options.tile_order = order;
  return decode(encode(to_fp16(part), Format::tile_bitmap, options));
}

}  // namespace

std::vector<double> attend(const std::vector<float>& query, const DenseMatrix& keys, const DenseMatrix& values) {
  std::vector<double> scores(keys.rows);
  for (std::uint32_t t = 0; t < keys.rows; ++t) scores[t] = score(query, keys, t);
  const std::vector<double> weights = softmax(std::move(scores));
  std::vector<double> out(values.cols);
  for (std::uint32_t t = 0; t < values.rows; ++t)
    for (std::uint32_t c = 0; c < values.cols; ++c) out[c] += weights[t] * values.at(t, c);
  return out;
}

std::vector<double> attend_compressed(const std::vector<float>& query, const DenseMatrix& keys,
                                      const DenseMatrix& values, std::uint32_t compressed) {
  HEDDLE_CHECK(compressed <= keys.rows && keys.rows == values.rows);
  const NarrowMatrix k = first_tokens(keys, compressed, TileOrder::columns);
  const NarrowMatrix v = first_tokens(values, compressed, TileOrder::rows);
  std::vector<double> scores(keys.rows);
  for (std::uint32_t t = 0; t < compressed; ++t) {
    for (std::uint64_t i = k.pointers[t]; i < k.pointers[t + std::size_t{1}]; ++i)
      scores[t] += double{query[k.coordinates[i]]} * from_code(k.codes[i], k.type);
    scores[t] /= std::sqrt(keys.cols);
  }
  for (std::uint32_t t = compressed; t < keys.rows; ++t) scores[t] = score(query, keys, t);
  const std::vector<double> weights = softmax(std::move(scores));
  std::vector<double> out(values.cols);
  for (std::uint32_t t = 0; t < compressed; ++t)
    for (std::uint64_t i = v.pointers[t]; i < v.pointers[t + std::size_t{1}]; ++i)
      out[v.coordinates[i]] += weights[t] * from_code(v.codes[i], v.type);
  for (std::uint32_t t = compressed; t < values.rows; ++t)
    for (std::uint32_t c = 0; c < values.cols; ++c) out[c] += weights[t] * values.at(t, c);
  return out;
}

}  // namespace heddle::llm
