#include "models/lcp/split.h"

#include <algorithm>
#include <cmath>

#include "sim/base/errors.h"

namespace heddle::lcp {
namespace {

constexpr EnumName<Merge> kMerges[] = {
    {Merge::reduce, "reduce", "element-wise mean of the branches' features; the classifier reads 1/k as many"},
    {Merge::concat, "concat", "features side by side; the classifier reads all of them"}};

std::uint32_t divided(std::uint32_t width, const SplitConfig& split) {
  const double scaled = std::nearbyint(width * split.fattening / split.branches);  // ties to even, as Python does
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(scaled));
}

/// 1/k of the channels, or of the rows of a one-channel image.
InputConfig divided_input(InputConfig input, const SplitConfig& split) {
  if (!split.split_input) return input;
  std::uint32_t& side = input.channels > 1 ? input.channels : input.height;
  side = std::max<std::uint32_t>(1, (side + split.branches - 1) / split.branches);
  return input;
}

NetworkConfig branch_config(const NetworkConfig& config, const SplitConfig& split) {
  NetworkConfig branch = config;
  branch.input = divided_input(config.input, split);
  for (std::size_t i = 0; i + 1 < branch.layers.size(); ++i) {
    LayerConfig& layer = branch.layers[i];
    if (layer.width > 0) layer.width = divided(layer.width, split);
    layer.shape.clear();  // stated for the whole network
  }
  return branch;
}

}  // namespace

std::span<const EnumName<Merge>> enum_names(Merge) {
  return kMerges;
}

std::string to_text(const SplitConfig& split) {
  std::string text = "s" + std::to_string(split.branches);
  if (split.fattening != 1.0) text += "-f" + std::to_string(std::lround(100 * (split.fattening - 1)));
  return text;
}

BranchedNetwork split_network(const NetworkConfig& config, const SplitConfig& split) {
  BranchedNetwork result;
  result.split = split;
  result.whole = build_network(config);
  result.branch = build_network(branch_config(config, split));
  const std::size_t last = result.branch.size() - 1;
  result.classifier = result.branch.graph[last];
  result.features_per_branch = result.classifier.input.values();
  if (split.merge == Merge::concat) {
    Layer& head = result.classifier;
    head.input.channels *= split.branches;
    head.gemm.inner *= split.branches;
    head.macs *= split.branches;
    head.parameters = head.macs + (head.config.bias ? head.output.channels : 0);
  }
  boost::clear_vertex(last, result.branch.graph);
  boost::remove_vertex(last, result.branch.graph);
  return result;
}

Totals BranchedNetwork::branch_totals() const {
  Totals totals;
  for (std::size_t i = 0; i < branch.size(); ++i) totals += totals_of(branch.layer(i));
  return totals;
}

Totals BranchedNetwork::totals() const {
  Totals totals;
  const Totals one = branch_totals();
  for (std::uint32_t k = 0; k < split.branches; ++k) totals += one;
  return totals += totals_of(classifier);
}

std::uint64_t BranchedNetwork::merged_values() const {
  return features_per_branch * split.branches;
}

BranchedNetwork split_to_fit(const NetworkConfig& config, SplitConfig split, const Budget& budget,
                             std::uint32_t division, std::uint32_t bytes_per_parameter) {
  HEDDLE_CHECK(division >= 2);
  std::uint32_t widest = 1;
  for (const LayerConfig& layer : config.layers) widest = std::max(widest, layer.width);
  for (split.branches = 1;; split.branches *= division) {
    BranchedNetwork candidate = split_network(config, split);
    const Totals branch = candidate.branch_totals();
    const bool memory_fits = branch.parameters * bytes_per_parameter <= budget.memory_bytes;
    if (memory_fits && branch.macs <= budget.macs) return candidate;
    if (split.branches >= widest)
      throw InputError("network " + config.name + ": " + std::to_string(split.branches) + " branches of width 1 need " +
                       std::to_string(branch.parameters * bytes_per_parameter) + " B and " +
                       std::to_string(branch.macs) + " MACs each; a device has " + std::to_string(budget.memory_bytes) +
                       " B and " + std::to_string(budget.macs) + " MACs");
  }
}

ConnectedPairs connected_pairs(const Network& network, std::uint32_t devices) {
  ConnectedPairs pairs;
  for (std::size_t i = 0; i + 1 < network.size(); ++i) {
    pairs.model_parallel += std::uint64_t{devices} * devices;
    pairs.branches += devices;
  }
  return pairs;
}

}  // namespace heddle::lcp
