// Shapes of decoder-only language models: which matrices a layer has, how large its KV cache is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/describe.h"

namespace heddle::llm {

struct ModelShape {
  std::string name = "unnamed";
  std::uint32_t layers = 32;
  std::uint32_t hidden = 4096;
  std::uint32_t ffn = 11008;
  std::uint32_t heads = 32;
  std::uint32_t kv_heads = 32;
  std::uint32_t head_dim = 128;
  std::uint32_t vocabulary = 32000;
  bool gated = true;
  bool tied_embeddings = false;
};
template <class V>
void describe(V& v, ModelShape& m) {
  v.field("name", m.name, "text", "printed in tables");
  v.field("layers", m.layers, "count", "decoder layers", in_range(1, 1000));
  v.field("hidden", m.hidden, "channels", "width of the residual stream", in_range(1, 1 << 20));
  v.field("ffn", m.ffn, "channels", "width inside the feed-forward block", in_range(1, 1 << 22));
  v.field("heads", m.heads, "count", "query heads", in_range(1, 1024));
  v.field("kv_heads", m.kv_heads, "count", "key and value heads; fewer than heads: grouped queries", in_range(1, 1024));
  v.field("head_dim", m.head_dim, "channels", "of one head", in_range(64, 1024));
  v.field("vocabulary", m.vocabulary, "tokens", "rows of the embedding", in_range(1, 1 << 24));
  v.field("gated", m.gated, "bool", "feed-forward with a gate: three matrices instead of two");
  v.field("tied_embeddings", m.tied_embeddings, "bool", "input and output embedding are one matrix");
}

struct WeightShape {
  std::string name;
  std::uint64_t rows = 0;  ///< output channels
  std::uint64_t cols = 0;  ///< input channels
};

/// The linear matrices of one decoder layer.
inline std::vector<WeightShape> layer_weights(const ModelShape& m) {
  const std::uint64_t h = m.hidden, q = std::uint64_t{m.heads} * m.head_dim,
                      kv = std::uint64_t{m.kv_heads} * m.head_dim;
  std::vector<WeightShape> weights = {{"q", q, h}, {"k", kv, h}, {"v", kv, h}, {"o", h, q}, {"up", m.ffn, h}};
  if (m.gated) weights.push_back({"gate", m.ffn, h});
  weights.push_back({"down", h, m.ffn});
  return weights;
}
inline std::uint64_t layer_parameters(const ModelShape& m) {
  std::uint64_t count = 0;
  for (const WeightShape& w : layer_weights(m)) count += w.rows * w.cols;
  return count;
}
inline std::uint64_t embedding_parameters(const ModelShape& m) {
  return std::uint64_t{m.vocabulary} * m.hidden * (m.tied_embeddings ? 1 : 2);
}
/// fp16 K and V of one token in all layers.
inline std::uint64_t kv_bytes_per_token(const ModelShape& m) {
  return std::uint64_t{2} * 2 * m.layers * m.kv_heads * m.head_dim;
}

}  // namespace heddle::llm
