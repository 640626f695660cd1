// Mustafar (arXiv 2505.22913): pruned, compressed KV caches. The attention operator is simulated thread block by thread
// block (attention_kernel.h); a decode step adds what the framework moves beside it: weights, copies of the cache,
// repeated heads. Absolute tokens/s of the measured system are those of its framework; ratios are the target.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/llm/attention_kernel.h"
#include "models/llm/kv_schedule.h"
#include "models/llm/shape.h"
#include "models/replay/result.h"
#include "sim/base/describe.h"

namespace heddle::llm {

/// Costs beside the operator, of the released path and of its dense baseline.
struct FrameworkConfig {
  double dense_overhead_ms = 0;
  double sparse_overhead_ms = 0;
  double prefill_flops = 79e12;
  double compress_ns_per_byte = 0.1145;
  double compress_ns_per_kept_byte = 0.376;
  Bytes memory{48'000'000'000};
};
template <class V>
void describe(V& v, FrameworkConfig& f) {
  v.field("dense_overhead_ms", f.dense_overhead_ms, "ms", "per decode step of the dense baseline, whatever the batch",
          in_range(0, 1e6));
  v.field("sparse_overhead_ms", f.sparse_overhead_ms, "ms", "per decode step of the compressed path", in_range(0, 1e6));
  v.field("prefill_flops", f.prefill_flops, "FLOP/s", "reached while the prompt is processed", at_least(1));
  v.field("compress_ns_per_byte", f.compress_ns_per_byte, "ns/B", "prune and compress, per dense byte",
          in_range(0, 1e6));
  v.field("compress_ns_per_kept_byte", f.compress_ns_per_kept_byte, "ns/B", "and per byte that stays",
          in_range(0, 1e6));
  v.field("memory", f.memory, "bytes", "of the GPU; a batch that needs more is not run");
}

/// Rows read off publications; empty lists: none.
struct MustafarPublished {
  double spmv_50 = 0, spmv_70 = 0;
  double prune_compress = 0;
  std::vector<double> ttft;
  std::vector<double> decode_dense, decode_50, decode_70;
  std::vector<double> sweep_dense, sweep_50, sweep_70;
};
template <class V>
void describe(V& v, MustafarPublished& p) {
  v.field("spmv_50", p.spmv_50, "fraction", "SpMV time of dense at 50 % (figure 6a); 0: none", in_range(0, 10));
  v.field("spmv_70", p.spmv_70, "fraction", "the same at 70 %", in_range(0, 10));
  v.field("prune_compress", p.prune_compress, "fraction", "prune and compress of dense operator time", in_range(0, 10));
  v.field("ttft", p.ttft, "s", "time to first token: dense, 50 %, 70 % (table 14)");
  v.field("decode_dense", p.decode_dense, "tokens/s", "512, 1024, 2048 generated, batch 4 (table 14)");
  v.field("decode_50", p.decode_50, "tokens/s", "the same at 50 %");
  v.field("decode_70", p.decode_70, "tokens/s", "the same at 70 %");
  v.field("sweep_dense", p.sweep_dense, "tokens/s", "batch 1, 2, 4, 6, 8; 0: out of memory (figure 7, slides)");
  v.field("sweep_50", p.sweep_50, "tokens/s", "the same at 50 %");
  v.field("sweep_70", p.sweep_70, "tokens/s", "the same at 70 %");
}

struct MustafarConfig {
  std::string name = "unnamed";
  std::string source;
  ModelShape model;
  GpuConfig gpu;
  DramConfig banked;
  std::uint32_t banked_batch = 0;
  FrameworkConfig framework;
  KvSchedule schedule;
  KeepRule keep = KeepRule::released;
  double outlier = 2;
  std::uint64_t seed = 1;
  std::uint32_t prompt = 2048;
  std::uint32_t generated = 2048;
  std::uint32_t figure_batch = 8;
  std::uint32_t figure_tokens = 2560;
  std::vector<std::uint32_t> batches = {1, 2, 4, 6, 8};
  MustafarPublished published;
};
template <class V>
void describe(V& v, KvSchedule& s) {
  v.field("window", s.window, "tokens", "latest tokens, kept dense", in_range(1, 1 << 20));
  v.field("chunk", s.chunk, "tokens", "compressed at a time", in_range(64, 1 << 20));
}
template <class V>
void describe(V& v, MustafarConfig& c) {
  v.field("name", c.name, "text", "printed in tables");
  v.field("source", c.source, "text", "where the numbers come from");
  v.section("model", c.model, "whose KV cache");
  v.section("gpu", c.gpu, "where attention runs");
  v.section("banked", c.banked, "memory of a second run of the operator, to compare");
  v.field("banked_batch", c.banked_batch, "sequences", "of that run; 0: none", in_range(0, 64));
  v.section("framework", c.framework, "what is not the operator");
  v.section("schedule", c.schedule, "when tokens are compressed");
  v.field("keep", c.keep, "name", "per token: as released or as nominal");
  v.field("outlier", c.outlier, "deviations", "mean of K's outlier channels", in_range(0, 100));
  v.field("seed", c.seed, "", "of generated K and V");
  v.field("prompt", c.prompt, "tokens", "per sequence", in_range(1, 1 << 20));
  v.field("generated", c.generated, "tokens", "per sequence in the sweep over batches", in_range(1, 1 << 20));
  v.field("figure_batch", c.figure_batch, "sequences", "of the operator split (figure 6a; not published)",
          in_range(1, 64));
  v.field("figure_tokens", c.figure_tokens, "tokens", "of the operator split, a multiple of 256",
          in_range(256, 1 << 20));
  v.field("batches", c.batches, "sequences", "of the sweep", in_range(1, 64));
  v.section("published", c.published, "what the paper and its slides say");
}

/// A whole run: prompt, then `generated` tokens of each of `batch` sequences.
struct RunTimes {
  double prefill = 0;        ///< seconds, without compression
  double compress = 0;       ///< of the prompt
  double step = 0;           ///< of the mean decode step
  std::uint64_t memory = 0;  ///< bytes at the end of the run
  bool fits = true;
};

ReplayResult replay_mustafar(const MustafarConfig& config, ActivitySink* timeline);

}  // namespace heddle::llm
