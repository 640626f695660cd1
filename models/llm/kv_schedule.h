// When Mustafar compresses which tokens, and attention over what is compressed plus what is not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/llm/pruners.h"

namespace heddle::llm {

/// Released code (models/llama_mustafar_kernel.py): window 32, chunk 256. Paper: window 32, chunk 64.
struct KvSchedule {
  std::uint32_t window = 32;
  std::uint32_t chunk = 256;

  /// Compressed tokens right after a prompt of `tokens`.
  std::uint32_t after_prefill(std::uint32_t tokens) const {
    return tokens < window ? 0 : (tokens - window) / chunk * chunk;
  }
  /// Compressed tokens once attention over `tokens` has been computed, `before` of them before that step.
  std::uint32_t after_step(std::uint32_t tokens, std::uint32_t before) const {
    const bool due = tokens >= window + before && (tokens - window - before) % chunk == 0 && tokens - window > before;
    return due ? before + chunk : before;
  }
};

/// Attention of one query over keys and values (tokens x channels): softmax(q k^T / sqrt(channels)) v, in double.
std::vector<double> attend(const std::vector<float>& query, const DenseMatrix& keys, const DenseMatrix& values);

/// The same over the first `compressed` tokens in tile_bitmap form (K by columns, V by rows, decoded tile by tile as
/// the kernels walk them) and the rest dense; scores are joined before the softmax (the paper's algorithm 1).
std::vector<double> attend_compressed(const std::vector<float>& query, const DenseMatrix& keys,
                                      const DenseMatrix& values, std::uint32_t compressed);

}  // namespace heddle::llm
