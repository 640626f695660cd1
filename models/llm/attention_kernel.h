// One attention operator of a decode step on a GPU, thread block by thread block: K (scores) and V (outputs), dense or
// with Mustafar's compressed kernels (arXiv 2505.22913, kernel/csrc). Thread blocks take free slots of the SMs in
// order; a block walks its steps of 64 x 64 blocks: while one is expanded and multiplied, the lines of the next are
// fetched from DRAM (double buffer). One cycle is one cycle of the SM clock.
#pragma once

#include <cstdint>
#include <string>

#include "models/llm/shape.h"
#include "models/llm/tile_figures.h"
#include "sim/base/describe.h"
#include "sim/memory/dram_config.h"

namespace heddle::llm {

struct GpuConfig {
  std::string name = "gpu";
  std::uint32_t sms = 142;
  Frequency clock{2'505'000'000};
  Bytes shared_memory{100 << 10};
  Bytes l2{0};
  std::uint32_t l2_latency = 270;
  std::uint32_t expand_cycles = 24;
  std::uint32_t mma_cycles = 256;
  std::uint32_t launch_ns = 0;
  DramConfig dram;
};
template <class V>
void describe(V& v, GpuConfig& g) {
  v.field("name", g.name, "text", "printed in tables");
  v.field("sms", g.sms, "count", "streaming multiprocessors", in_range(1, 1024));
  v.field("clock", g.clock, "Hz", "of an SM", at_least(1e6));
  v.field("shared_memory", g.shared_memory, "bytes", "per SM, for thread blocks", at_least(65536));
  v.field("l2", g.l2, "bytes", "that filter re-reads of a KV head by its query heads; 0: every query head reads DRAM");
  v.field("l2_latency", g.l2_latency, "cycles", "of a step that is there", in_range(1, 100000));
  v.field("expand_cycles", g.expand_cycles, "cycles", "per iteration of the expansion loop of a warp",
          in_range(1, 1000));
  v.field("mma_cycles", g.mma_cycles, "cycles", "of a warp for one expanded 64 x 64 block", in_range(1, 100000));
  v.field("launch_ns", g.launch_ns, "ns", "fixed cost of the compressed operator beyond the dense one",
          in_range(0, 1e9));
  v.section("dram", g.dram, "GPU memory");
}

/// What the compressed kernels fetch and do per 64 x 64 block; dense: read 1, steps 0.
struct BlockCost {
  double read_ratio = 1;  ///< bytes fetched of dense bytes
  double k_steps = 0, v_steps = 0;
  bool dense() const { return k_steps == 0; }
};
BlockCost block_cost(const KvFigures& figures);

struct OperatorResult {
  Cycle cycles = 0;    ///< K, then V, without launch_ns
  double seconds = 0;  ///< with launch_ns when compressed
  std::uint64_t dram_bytes = 0;
  std::uint32_t v_blocks = 0;   ///< thread blocks of V
  double v_sm_utilisation = 0;  ///< min(1, v_blocks / SMs)
};

/// One layer, `batch` sequences of `tokens`. Dense: blocks of 64 tokens, heads of repeated KV (as the baseline stores
/// it). Compressed: 256 tokens x 64 channels per K step, one block per sequence and query head for V.
OperatorResult run_attention(const GpuConfig& gpu, const ModelShape& model, std::uint32_t batch, std::uint32_t tokens,
                             const BlockCost& cost);

}  // namespace heddle::llm
