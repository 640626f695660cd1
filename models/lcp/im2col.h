// A convolution with pruned weights on sparse activations as a sparse product: C = A * B with A the weights (output
// channels x inputs of a window) and B the activations unrolled (im2col: inputs of a window x positions).
#pragma once

#include <cstdint>

#include "matrices/csr.h"
#include "models/lcp/network.h"
#include "sim/base/random.h"

namespace heddle::lcp {

/// Sparse weights of a conv or fc: each weight survives with probability `density` (unstructured magnitude pruning of
/// independent weights). No row of groups: depthwise layers are refused with InputError.
Csr pruned_weights(const Layer& layer, double density, Random& random);

/// An input of `shape` in which each value is nonzero with probability `density` (after a ReLU), unrolled for the
/// layer: row (channel, dy, dx), column position; padding is zero.
Csr unrolled_activations(const Layer& layer, double density, Random& random);

}  // namespace heddle::lcp
