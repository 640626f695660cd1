#include "models/llm/attention_kernel.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>

#include "sim/base/errors.h"
#include "sim/memory/dram.h"

namespace heddle::llm {
namespace {

constexpr std::uint64_t kBlockBytes = 64 * 64 * 2;  // a dense 64 x 64 block of fp16

/// A launch: `blocks` thread blocks of `steps` steps of `step_lines` lines; a KV head is read by `readers` blocks.
struct Grid {
  std::uint32_t blocks = 0, steps = 0, readers = 1;
  std::uint64_t step_lines = 0;
  Cycle step_cycles = 0;  // expansion and multiplication
  std::uint32_t slots = 1;
  Tensor tensor = Tensor::a;
};

/// Blocks in order to whoever is free, and which steps L2 still holds.
class Launch {
 public:
  Launch(const Grid& grid, const GpuConfig& gpu, Dram& dram, LineAddr base)
      : grid(grid), gpu_(gpu), dram_(dram), base_(base) {}

  bool take(std::uint32_t& block) {
    if (next_ == grid.blocks) return false;
    block = next_++;
    return true;
  }
  /// `reply.at` may be decided later, through its sink.
  void fetch(std::uint32_t block, std::uint32_t step, Cycle now, Reply& reply) {
    const std::uint64_t piece = std::uint64_t{block / grid.readers} * grid.steps + step;
    if (in_l2(piece)) {
      reply.at = now + gpu_.l2_latency;
      return;
    }
    dram_.read_block(base_ + piece * grid.step_lines, grid.step_lines, grid.tensor, now, reply);
  }
  const Grid& grid;

 private:
  /// First in, first out over fetched pieces; a piece on its way counts as there.
  bool in_l2(std::uint64_t piece) {
    if (gpu_.l2.count == 0 || grid.readers == 1) return false;
    if (std::find(held_.begin(), held_.end(), piece) != held_.end()) return true;
    held_.push_back(piece);
    if (held_.size() * grid.step_lines * kLineBytes > gpu_.l2.count) held_.pop_front();
    return false;
  }

  const GpuConfig& gpu_;
  Dram& dram_;
  LineAddr base_;
  std::uint32_t next_ = 0;
  std::deque<std::uint64_t> held_;
};

/// Room for one thread block on an SM.
class Slot final : public Agent, public ReplySink {
 public:
  Slot(Launch& launch, Kernel& kernel) : launch_(launch), kernel_(kernel) {
    for (Reply& reply : replies_) reply.sink = this;
    id_ = kernel.add(*this);
  }

  Cycle step(Cycle now) override {
    end_ = now;
    if (!has_block_ && !begin(now)) return kNever;
    while (true) {
      if (!computing_) {
        const Reply& here = replies_[step_ % 2];
        if (!here.known()) return kNever;
        if (here.at > now) return here.at;
        computing_ = true;
        compute_end_ = now + launch_.grid.step_cycles;
        if (step_ + 1 < launch_.grid.steps) request(step_ + 1, now);
      }
      if (compute_end_ > now) return compute_end_;
      computing_ = false;
      if (++step_ == launch_.grid.steps && !begin(now)) return kNever;
    }
  }
  bool done() const override { return idle_; }
  std::string waiting_for() const override { return "step " + std::to_string(step_) + " of a thread block"; }
  void on_reply(Reply& reply) override {
    if (&reply == &replies_[step_ % 2] && !computing_) kernel_.wake(id_, reply.at);
  }
  Cycle end() const { return end_; }

 private:
  bool begin(Cycle now) {
    step_ = 0;
    has_block_ = launch_.take(block_);
    idle_ = !has_block_;
    if (has_block_) request(0, now);
    return has_block_;
  }
  void request(std::uint32_t step, Cycle now) {
    Reply& reply = replies_[step % 2];
    reply.at = kNever;
    launch_.fetch(block_, step, now, reply);
  }

  Launch& launch_;
  Kernel& kernel_;
  AgentId id_ = 0;
  std::uint32_t block_ = 0, step_ = 0;
  bool has_block_ = false, computing_ = false, idle_ = false;
  Cycle compute_end_ = 0, end_ = 0;
  Reply replies_[2];
};

struct LaunchResult {
  Cycle cycles = 0;
  std::uint64_t bytes = 0;
};

LaunchResult run_launch(const Grid& grid, const GpuConfig& gpu) {
  Kernel kernel;
  const std::unique_ptr<Dram> dram = make_dram(gpu.dram, gpu.clock, kernel);
  Launch launch(grid, gpu, *dram, 0);
  std::vector<std::unique_ptr<Slot>> slots;
  for (std::uint32_t i = 0; i < std::min(grid.slots, grid.blocks); ++i)
    slots.push_back(std::make_unique<Slot>(launch, kernel));
  kernel.run();
  LaunchResult result;
  for (const auto& slot : slots) result.cycles = std::max(result.cycles, slot->end());
  dram->close(result.cycles);
  dram->check_laws();
  result.bytes = dram->traffic().total();
  return result;
}

std::uint64_t lines(double bytes) {
  return static_cast<std::uint64_t>(std::ceil(bytes / static_cast<double>(kLineBytes)));
}

/// `warps` warps, each with `blocks` 64 x 64 blocks a step, side by side.
Cycle step_cycles(const GpuConfig& gpu, double steps, double blocks_per_warp) {
  return static_cast<Cycle>(std::llround(blocks_per_warp * (steps * gpu.expand_cycles + gpu.mma_cycles)));
}

/// A dense operator is spread over all SMs in pieces of 64 tokens (split along the sequence).
Grid dense_grid(const GpuConfig& gpu, const ModelShape& m, std::uint32_t batch, std::uint32_t tokens, Tensor tensor) {
  constexpr std::uint32_t kBlocksPerSm = 8;
  Grid grid;
  grid.blocks = batch * m.heads * (tokens / 64);
  grid.steps = 1;
  grid.step_lines = kBlockBytes * (m.head_dim / 64) / kLineBytes;
  grid.step_cycles = gpu.mma_cycles;
  grid.slots = gpu.sms * kBlocksPerSm;
  grid.tensor = tensor;
  return grid;
}

/// Shared memory of a block, two buffers each: K 69,632 B, V 36,864 B (kernel/csrc).
Grid k_grid(const GpuConfig& gpu, const ModelShape& m, std::uint32_t batch, std::uint32_t tokens, const BlockCost& c) {
  Grid grid;
  grid.blocks = batch * m.heads * (tokens / 256);
  grid.steps = m.head_dim / 64;
  grid.step_lines = lines(4 * kBlockBytes * c.read_ratio);
  grid.step_cycles = step_cycles(gpu, c.k_steps, 1);
  grid.slots = gpu.sms * static_cast<std::uint32_t>(gpu.shared_memory.count / 69632);
  grid.tensor = Tensor::a;
  return grid;
}
Grid v_grid(const GpuConfig& gpu, const ModelShape& m, std::uint32_t batch, std::uint32_t tokens, const BlockCost& c) {
  Grid grid;
  grid.blocks = batch * m.heads;
  grid.steps = tokens / 64;
  grid.step_lines = lines(static_cast<double>(m.head_dim / 64) * kBlockBytes * c.read_ratio);
  grid.step_cycles = step_cycles(gpu, c.v_steps, m.head_dim / 128.0);
  grid.slots = gpu.sms * static_cast<std::uint32_t>(gpu.shared_memory.count / 36864);
  grid.tensor = Tensor::b;
  return grid;
}

}  // namespace

BlockCost block_cost(const KvFigures& figures) {
  return {figures.read_ratio(), figures.k_steps, figures.v_steps};
}

OperatorResult run_attention(const GpuConfig& gpu, const ModelShape& model, std::uint32_t batch, std::uint32_t tokens,
                             const BlockCost& cost) {
  HEDDLE_CHECK(tokens % 256 == 0 && tokens > 0 && model.head_dim % 64 == 0);
  Grid k = cost.dense() ? dense_grid(gpu, model, batch, tokens, Tensor::a) : k_grid(gpu, model, batch, tokens, cost);
  Grid v = cost.dense() ? dense_grid(gpu, model, batch, tokens, Tensor::b) : v_grid(gpu, model, batch, tokens, cost);
  if (!cost.dense() && gpu.l2.count > 0) k.readers = v.readers = model.heads / model.kv_heads;
  const LaunchResult scores = run_launch(k, gpu), outputs = run_launch(v, gpu);
  OperatorResult result;
  result.cycles = scores.cycles + outputs.cycles;
  result.seconds = static_cast<double>(result.cycles) / static_cast<double>(gpu.clock.hertz);
  if (!cost.dense()) result.seconds += 1e-9 * gpu.launch_ns;
  result.dram_bytes = scores.bytes + outputs.bytes;
  result.v_blocks = v.blocks;
  result.v_sm_utilisation = std::min(1.0, static_cast<double>(v.blocks) / gpu.sms);
  return result;
}

}  // namespace heddle::llm
