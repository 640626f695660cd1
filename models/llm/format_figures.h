// Storage formats of pruned weights and KV caches against published ratios: the replay `formats`.
#pragma once

#include <cstdint>
#include <string>

#include "models/llm/pruners.h"
#include "models/replay/result.h"

namespace heddle::llm {

struct FormatsConfig {
  std::string name = "formats";
  std::uint32_t rows = 1024;
  std::uint32_t cols = 1024;
  std::uint32_t tokens = 4096;
  std::uint32_t head_dim = 128;
  double outlier = 2;
  std::uint64_t seed = 1;
};
template <class V>
void describe(V& v, FormatsConfig& c) {
  v.field("name", c.name, "text", "printed in tables");
  v.field("rows", c.rows, "count", "of the generated weights; closed forms take 8192", in_range(64, 16384));
  v.field("cols", c.cols, "count", "of the generated weights", in_range(64, 16384));
  v.field("tokens", c.tokens, "tokens", "of the generated KV cache, a multiple of 64", in_range(64, 1 << 20));
  v.field("head_dim", c.head_dim, "channels", "of one head, a multiple of 64", in_range(64, 1024));
  v.field("outlier", c.outlier, "deviations", "mean of K's outlier channels", in_range(0, 100));
  v.field("seed", c.seed, "", "of the generators");
}

ReplayResult replay_formats(const FormatsConfig& config, ActivitySink* timeline);

}  // namespace heddle::llm
