#include "models/llm/job_graph.h"

#include <gtest/gtest.h>

#include "models/llm/attention_kernel.h"
#include "models/llm/endor.h"
#include "models/llm/kv_schedule.h"

namespace heddle::llm {
namespace {

constexpr Frequency kNs{1'000'000'000};

TEST(JobGraph, APipelineOverlapsChunks) {
  JobGraph graph(kNs);
  const auto first = graph.add_resource("first", Bandwidth{1'000'000'000}, Tensor::b);  // 1 B per cycle
  const auto second = graph.add_resource("second", Bandwidth{2'000'000'000}, Tensor::b, 10);
  JobId last = 0;
  for (int i = 0; i < 4; ++i) last = graph.add_job(second, 100, {graph.add_job(first, 100)});
  EXPECT_EQ(graph.run(nullptr), 400u + 50 + 10);
  EXPECT_EQ(graph.finish(last), 460u);
  EXPECT_EQ(graph.busy_cycles(first), 400u);
  EXPECT_EQ(graph.busy_cycles(second), 200u);
}

TEST(JobGraph, AJobWaitsForAllItComesAfter) {
  JobGraph graph(kNs);
  const auto a = graph.add_resource("a", Bandwidth{1'000'000'000}, Tensor::b);
  const auto b = graph.add_resource("b", Bandwidth{1'000'000'000}, Tensor::b);
  const JobId slow = graph.add_job(a, 70), fast = graph.add_job(b, 20);
  const JobId both = graph.add_job(b, 5, {slow, fast});
  const JobId back = graph.add_job(a, 5, {both});
  EXPECT_EQ(graph.run(nullptr), 80u);
  EXPECT_EQ(graph.finish(both), 75u);
  EXPECT_EQ(graph.finish(back), 80u);
}

TEST(Endor, SerialLayersAreTheSumOfTheirStages) {
  EndorConfig config;
  config.model.layers = 3;
  config.machine.ssd_latency = config.machine.link_latency = 0;
  config.machine.chunk.count = std::uint64_t{1} << 40;
  const PassResult pass = forward_pass(config, PassKind::dense);
  EXPECT_NEAR(static_cast<double>(pass.total), static_cast<double>(pass.ssd + pass.link + pass.compute), 9);
  EXPECT_EQ(pass.ssd_layers, 3u);
  config.machine.prefetch_layers = 1;
  EXPECT_LT(forward_pass(config, PassKind::dense).total, pass.total);
}

TEST(Endor, LayersInGpuMemoryAreNotMoved) {
  EndorConfig config;
  config.model.layers = 4;
  config.machine.gpu_memory.count = std::uint64_t{1} << 40;
  const PassResult pass = forward_pass(config, PassKind::dense);
  EXPECT_EQ(pass.gpu_layers, 4u);
  EXPECT_EQ(pass.total, pass.compute);
}

TEST(KvSchedule, DenseTokensStayInTheWindow) {
  for (const std::uint32_t chunk : {64u, 256u}) {
    const KvSchedule schedule{32, chunk};
    std::uint32_t compressed = schedule.after_prefill(1000);
    for (std::uint32_t tokens = 1001; tokens < 4000; ++tokens) {
      EXPECT_GE(tokens - compressed, 32u);
      EXPECT_LE(tokens - compressed, 32 + chunk);
      compressed = schedule.after_step(tokens, compressed);
    }
  }
  EXPECT_EQ((KvSchedule{32, 256}.after_prefill(2048)), 1792u);
  EXPECT_EQ((KvSchedule{32, 256}.after_prefill(10)), 0u);
}

ModelShape small_model() {
  ModelShape model;
  model.layers = 1;
  model.heads = 8;
  model.kv_heads = 2;
  return model;
}
GpuConfig small_gpu(DramKind kind) {
  GpuConfig gpu;
  gpu.sms = 8;
  gpu.dram.kind = kind;
  gpu.dram.flat = {16, Bandwidth{128'000'000'000}, 400};
  return gpu;
}

TEST(AttentionKernel, TrafficIsWhatTheBlocksRead) {
  const BlockCost half{0.5, 80, 80};
  for (const DramKind kind : {DramKind::flat, DramKind::banked}) {
    GpuConfig gpu = small_gpu(kind);
    const std::uint64_t dense =
        std::uint64_t{2} * 2 * 512 * 128 * 8 * 2;  // K and V, fp16, tokens, channels, heads, batch
    EXPECT_EQ(run_attention(gpu, small_model(), 2, 512, {}).dram_bytes, dense);
    EXPECT_EQ(run_attention(gpu, small_model(), 2, 512, half).dram_bytes, dense / 2);
    gpu.l2.count = std::uint64_t{1} << 30;  // query heads of a group share what they read
    EXPECT_EQ(run_attention(gpu, small_model(), 2, 512, half).dram_bytes, dense / 2 / 4);
  }
}

TEST(AttentionKernel, NeverFasterThanMemoryOrItsLongestBlock) {
  const GpuConfig gpu = small_gpu(DramKind::flat);
  const BlockCost half{0.5, 80, 80};
  for (const std::uint32_t batch : {1u, 4u, 16u}) {
    const OperatorResult run = run_attention(gpu, small_model(), batch, 1024, half);
    EXPECT_GE(run.seconds * 128e9 * 1.0001, static_cast<double>(run.dram_bytes));
    EXPECT_GE(run.cycles, 16 * (80 * gpu.expand_cycles + gpu.mma_cycles));  // V walks 16 steps in one thread block
  }
}

}  // namespace
}  // namespace heddle::llm
