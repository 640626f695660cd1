#include "models/lcp/array.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sim/base/errors.h"
#include "sim/kernel/kernel.h"
#include "sim/network/rate_server.h"

namespace heddle::lcp {
namespace {

constexpr EnumName<Reduction> kReductions[] = {
    {Reduction::adder_tree, "adder_tree", "a pipelined tree of log2(width) levels"},
    {Reduction::mac_chain, "mac_chain", "each cell adds to its neighbour's sum: width cycles"}};

std::uint64_t ceil_divide(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

/// One layer after pruning, in blocks.
struct Blocks {
  std::uint64_t rows = 0, count = 0, macs = 0;
};

Blocks blocks_of(const ArrayConfig& config, const Layer& layer) {
  std::uint64_t inner = layer.gemm.inner;
  if (layer.config.kind == LayerKind::conv)
    inner = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(double(inner) * config.conv_weights_kept)));
  Blocks blocks;
  blocks.rows = layer.gemm.rows;
  blocks.count = layer.gemm.groups * ceil_divide(inner, config.width) * ceil_divide(layer.gemm.positions, config.depth);
  blocks.macs = layer.gemm.groups * layer.gemm.rows * inner * layer.gemm.positions;
  return blocks;
}

/// Steps once per stationary block, at its end.
class ArrayAgent : public Agent {
 public:
  ArrayAgent(const ArrayConfig& config, std::span<const Layer> layers)
      : config_(config), memory_(config.clock, config.bandwidth) {
    for (const Layer& layer : layers) layers_.push_back(blocks_of(config, layer));
    const std::uint64_t cells = std::uint64_t{config.width} * config.depth;
    cycles_per_step_ = config.multipliers == 0 ? 1 : std::max<Cycle>(1, ceil_divide(cells, config.multipliers));
    word_bytes_ = double(config.word_bits) / 8;
  }

  Cycle step(Cycle now) override {
    while (layer_ < layers_.size() && block_ == layers_[layer_].count) ++layer_, block_ = 0;
    if (layer_ == layers_.size()) return kNever;
    const Blocks& blocks = layers_[layer_];
    const Cycle computed = now + blocks.rows * cycles_per_step_;
    const Cycle delivered = memory_.serve(previous_start_, bytes_of(blocks)).finish;  // requested one block ahead
    previous_start_ = now;
    steps_ += blocks.rows;
    account.busy(computed);
    account.stall(delivered, Tensor::a, Cause::dram_queue);
    Cycle end = std::max(computed, delivered);
    if (++block_ == blocks.count) {  // the end of a layer: its last sums leave the reduction
      end += reduction_latency(config_);
      account.stall(end, Tensor::c, Cause::barrier);
    }
    return end;
  }
  bool done() const override { return layer_ == layers_.size(); }
  std::string waiting_for() const override { return "a layer"; }

  std::uint64_t steps() const { return steps_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t macs() const {
    std::uint64_t macs = 0;
    for (const Blocks& blocks : layers_) macs += blocks.macs;
    return macs;
  }

  CycleAccount account;

 private:
  std::uint64_t bytes_of(const Blocks& blocks) {
    double words = double(blocks.rows) * config_.width;
    if (config_.charge_stationary) words += double(config_.width) * config_.depth;
    const auto bytes = static_cast<std::uint64_t>(std::ceil(words * word_bytes_));
    bytes_ += bytes;
    return bytes;
  }

  const ArrayConfig& config_;
  RateServer memory_;
  std::vector<Blocks> layers_;
  Cycle cycles_per_step_ = 1;
  double word_bytes_ = 2;
  Cycle previous_start_ = 0;
  std::size_t layer_ = 0;
  std::uint64_t block_ = 0, steps_ = 0, bytes_ = 0;
};

void check_peaks(const ArrayConfig& config, const ArrayRun& run) {
  const double peak = peaks_of(config).lowest();
  if (run.operations_per_second > peak * (1 + 1e-9))
    throw LawViolation("array " + config.name + ": " + std::to_string(run.operations_per_second) +
                       " operations per second, above its peak of " + std::to_string(peak));
}

}  // namespace

std::span<const EnumName<Reduction>> enum_names(Reduction) {
  return kReductions;
}

ArrayPeaks peaks_of(const ArrayConfig& config) {
  const double cells = double(config.width) * config.depth;
  const double multipliers = config.multipliers == 0 ? cells : std::min<double>(cells, config.multipliers);
  ArrayPeaks peaks;
  peaks.compute = 2 * multipliers * double(config.clock.hertz);
  peaks.bandwidth = 2.0 * config.depth * double(config.bandwidth.bytes_per_second) / (double(config.word_bits) / 8);
  return peaks;
}

Cycle reduction_latency(const ArrayConfig& config) {
  if (config.reduction == Reduction::mac_chain) return config.width;
  return static_cast<Cycle>(std::bit_width(config.width - 1u));
}

ArrayRun run_array(const ArrayConfig& config, std::span<const Layer> layers, ActivitySink* timeline) {
  ArrayAgent agent(config, layers);
  if (timeline != nullptr) timeline->on_track(0, "array", 0);
  agent.account.attach(timeline, 0);
  Kernel kernel;
  kernel.add(agent);
  ArrayRun run;
  run.cycles = kernel.run();
  run.seconds = double(run.cycles) / double(config.clock.hertz);
  run.steps = agent.steps();
  run.macs = agent.macs();
  run.streamed_bytes = agent.bytes();
  run.busy_cycles = agent.account.busy_cycles();
  run.memory_stall_cycles = agent.account.stall_cycles(Tensor::a, Cause::dram_queue);
  run.drain_cycles = agent.account.stall_cycles(Tensor::c, Cause::barrier);
  if (run.busy_cycles + run.memory_stall_cycles + run.drain_cycles != run.cycles)
    throw LawViolation("array " + config.name + ": cycles do not add up");
  run.operations_per_second = run.seconds == 0 ? 0 : 2 * double(run.macs) / run.seconds;
  check_peaks(config, run);
  return run;
}

std::vector<Layer> weighted_layers(const Network& network) {
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < network.size(); ++i)
    if (network.layer(i).weighted()) layers.push_back(network.layer(i));
  return layers;
}

}  // namespace heddle::lcp
