// Unrolled activations times weights are the convolution, computed directly.
#include "models/lcp/im2col.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

#include "matrices/workload.h"
#include "sim/base/errors.h"
#include "tests/unit_lcp/lcp_helpers.h"

namespace heddle::lcp_test {
namespace {

using namespace heddle::lcp;

Layer conv_layer(std::uint32_t kernel, std::uint32_t stride, Padding padding) {
  NetworkConfig config = small_network();
  config.input = {3, 9, 7};
  config.layers[0].kernel = kernel;
  config.layers[0].stride = stride;
  config.layers[0].padding = padding;
  return build_network(config).layer(0);
}

/// The input is found again in the rows of a 1 x 1 window at stride 1 drawn from the same seed.
std::vector<double> input_of(const Layer& layer, double density, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> input(layer.input.values());
  for (double& value : input) value = random.uniform_real() < density ? 1 - random.uniform_real() : 0;
  return input;
}

TEST(Im2col, ProductIsTheConvolution) {
  for (const auto& [kernel, stride, padding] : {std::tuple{3u, 1u, Padding::same},
                                                {3u, 2u, Padding::same},
                                                {5u, 1u, Padding::valid},
                                                {2u, 2u, Padding::valid},
                                                {1u, 1u, Padding::same}}) {
    const Layer layer = conv_layer(kernel, stride, padding);
    Random random(5), again(7);
    const auto a = std::make_shared<const Csr>(pruned_weights(layer, 0.4, random));
    const auto b = std::make_shared<const Csr>(unrolled_activations(layer, 0.5, again));
    ASSERT_EQ(a->cols, b->rows);
    const Csr c = reference_product(make_workload(a, b, "w", "x")).c;
    const std::vector<double> input = input_of(layer, 0.5, 7);
    const auto before = [&](std::uint64_t in, std::uint64_t out) {
      const std::int64_t covered = std::int64_t(out - 1) * stride + kernel - std::int64_t(in);
      return padding == Padding::same ? std::max<std::int64_t>(0, covered) / 2 : 0;
    };
    const std::int64_t top = before(layer.input.height, layer.output.height),
                       left = before(layer.input.width, layer.output.width);
    for (std::uint32_t o = 0; o < a->rows; ++o) {
      std::vector<double> direct(b->cols);
      const Fiber weights = a->row(o);
      for (std::size_t i = 0; i < weights.coordinates.size(); ++i) {
        const std::uint32_t ch = weights.coordinates[i] / (kernel * kernel),
                            dy = weights.coordinates[i] / kernel % kernel, dx = weights.coordinates[i] % kernel;
        for (std::uint32_t p = 0; p < b->cols; ++p) {
          const std::int64_t y = std::int64_t(p / layer.output.width * stride + dy) - top,
                             x = std::int64_t(p % layer.output.width * stride + dx) - left;
          if (y < 0 || x < 0 || y >= std::int64_t(layer.input.height) || x >= std::int64_t(layer.input.width)) continue;
          direct[p] += weights.values[i] *
                       input[(ch * layer.input.height + std::uint64_t(y)) * layer.input.width + std::uint64_t(x)];
        }
      }
      std::vector<double> product(b->cols);
      const Fiber row = c.row(o);
      for (std::size_t i = 0; i < row.coordinates.size(); ++i) product[row.coordinates[i]] = row.values[i];
      for (std::uint32_t p = 0; p < b->cols; ++p) ASSERT_NEAR(product[p], direct[p], 1e-12);
    }
  }
}

TEST(Im2col, DensityIsThatAskedFor) {
  const Layer layer = conv_layer(3, 1, Padding::same);
  Random random(1);
  EXPECT_EQ(pruned_weights(layer, 1, random).nnz(), layer.gemm.rows * layer.gemm.inner);
  EXPECT_EQ(pruned_weights(layer, 0, random).nnz(), 0u);
}

TEST(Im2col, RefusesDepthwiseLayers) {
  NetworkConfig config = small_network();
  config.layers[1].depthwise = true;
  config.layers[1].width = 0;
  const Network network = build_network(config);
  Random random(1);
  EXPECT_THROW(pruned_weights(network.layer(1), 0.5, random), InputError);
}

}  // namespace
}  // namespace heddle::lcp_test
