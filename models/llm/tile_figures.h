// What a pruned KV cache costs tile by tile: stored bytes, bytes the released kernel reads, steps of its expansion
// loop, shared-memory conflicts. Measured on generated K and V, not on formulas.
#pragma once

#include <cstdint>

#include "matrices/formats/format.h"
#include "models/llm/pruners.h"

namespace heddle::llm {

struct KvFigures {
  FormatSize k, v;                ///< of `tokens` x `channels` each
  std::uint64_t dense_bytes = 0;  ///< of one of them
  std::uint64_t kept = 0;         ///< nonzeros of K and V
  std::uint64_t read_bytes =
      0;  ///< of K and V by the released rule: per tile 8 + 4 + 16 (floor(nnz / 8) + 1), at most 8 vectors
  double k_steps = 0,
         v_steps = 0;  ///< expansion steps of a 64 x 64 block: for each of two tiles a lane, the slowest lane

  double k_ratio() const { return static_cast<double>(k.total()) / static_cast<double>(dense_bytes); }
  double v_ratio() const { return static_cast<double>(v.total()) / static_cast<double>(dense_bytes); }
  double ratio() const { return (k_ratio() + v_ratio()) / 2; }
  double read_ratio() const { return static_cast<double>(read_bytes) / static_cast<double>(2 * dense_bytes); }
  double density() const { return static_cast<double>(kept) / static_cast<double>(dense_bytes); }  // 2 B, two of them
};

/// K with outlier channels (`outlier` deviations), V without, both pruned per token by magnitude. sparsity 0: dense
/// tiles.
KvFigures measure_kv(std::uint32_t tokens, std::uint32_t channels, double outlier, KeepRule rule, double sparsity,
                     std::uint64_t seed);

/// Extra shared-memory cycles per store of the expansion loop of one 64 x 64 block, when lane l owns tiles 2 l and
/// 2 l + 1 and stores element (row, column) at half word 64 row + column; tiles by `order`, positions random.
double store_conflicts(TileOrder order, double density, std::uint64_t seed);

}  // namespace heddle::llm
