#include "models/lcp/im2col.h"

#include <algorithm>

#include "sim/base/errors.h"

namespace heddle::lcp {
namespace {

void require_one_product(const Layer& layer) {
  if (!layer.weighted() || layer.gemm.groups != 1)
    throw InputError("layer " + layer.config.name + " is no single matrix product");
}

/// Rows (or columns) of zeros above an input of `in` so that `out` windows cover it.
std::int64_t padding_before(const Layer& layer, std::uint64_t in, std::uint64_t out) {
  if (layer.config.padding == Padding::valid) return 0;
  const auto covered = static_cast<std::int64_t>((out - 1) * layer.config.stride + layer.config.kernel);
  return std::max<std::int64_t>(0, covered - static_cast<std::int64_t>(in)) / 2;
}

}  // namespace

Csr pruned_weights(const Layer& layer, double density, Random& random) {
  require_one_product(layer);
  Csr matrix;
  matrix.rows = static_cast<std::uint32_t>(layer.gemm.rows);
  matrix.cols = static_cast<std::uint32_t>(layer.gemm.inner);
  for (std::uint32_t r = 0; r < matrix.rows; ++r) {
    for (std::uint32_t c = 0; c < matrix.cols; ++c) {
      if (random.uniform_real() >= density) continue;
      matrix.coordinates.push_back(c);
      matrix.values.push_back(2 * random.uniform_real() - 1);
    }
    matrix.pointers.push_back(matrix.coordinates.size());
  }
  return matrix;
}

Csr unrolled_activations(const Layer& layer, double density, Random& random) {
  require_one_product(layer);
  const Shape& in = layer.input;
  std::vector<double> input(in.values());
  for (double& value : input) value = random.uniform_real() < density ? 1 - random.uniform_real() : 0;
  Csr matrix;
  matrix.rows = static_cast<std::uint32_t>(layer.gemm.inner);
  matrix.cols = static_cast<std::uint32_t>(layer.gemm.positions);
  const bool conv = layer.config.kind == LayerKind::conv;
  const std::uint64_t kernel = conv ? layer.config.kernel : 1;
  const std::int64_t top = conv ? padding_before(layer, in.height, layer.output.height) : 0;
  const std::int64_t left = conv ? padding_before(layer, in.width, layer.output.width) : 0;
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    const auto dy = static_cast<std::int64_t>(row / kernel % kernel), dx = static_cast<std::int64_t>(row % kernel);
    for (std::uint32_t position = 0; position < matrix.cols; ++position) {
      std::uint64_t at = row;  // an fc reads value `row`
      if (conv) {
        const auto y = static_cast<std::int64_t>(position / layer.output.width * layer.config.stride) + dy - top;
        const auto x = static_cast<std::int64_t>(position % layer.output.width * layer.config.stride) + dx - left;
        if (y < 0 || x < 0 || y >= std::int64_t(in.height) || x >= std::int64_t(in.width)) continue;
        at = (row / (kernel * kernel) * in.height + std::uint64_t(y)) * in.width + std::uint64_t(x);
      }
      if (input[at] == 0) continue;
      matrix.coordinates.push_back(position);
      matrix.values.push_back(input[at]);
    }
    matrix.pointers.push_back(matrix.coordinates.size());
  }
  return matrix;
}

}  // namespace heddle::lcp
