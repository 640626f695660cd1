// The tailored array of LCP (CSCE 2023, sections III-B, IV-C, IV-D): `width` x `depth` cells that multiply a streamed
// vector of `width` weights with a stationary width x depth block of the input (as im2col), each of the `depth` columns
// reduced by an adder tree of log2(width) levels instead of a chain of `width` MACs.
//
// A layer of rows x inner x positions is ceil(inner / width) * ceil(positions / depth) stationary blocks; for each, the
// weights of all rows stream past, one step per row. A step takes one cycle, or longer when memory cannot deliver
// `width` words per cycle or there are fewer multipliers than cells. The weights of a block are requested when the
// block before it begins. Layers follow each other: the end of a layer waits for its reduction.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/lcp/network.h"
#include "sim/base/units.h"
#include "sim/kernel/account.h"

namespace heddle::lcp {

enum class Reduction : std::uint8_t { adder_tree, mac_chain };
std::span<const EnumName<Reduction>> enum_names(Reduction);

struct ArrayConfig {
  std::string name = "array";
  Frequency clock{100'000'000};
  std::uint32_t width = 32;
  std::uint32_t depth = 64;
  Reduction reduction = Reduction::adder_tree;
  std::uint32_t multipliers = 0;
  std::uint32_t word_bits = 16;
  Bandwidth bandwidth{3'400'000'000};
  bool charge_stationary = false;
  double conv_weights_kept = 1.0;
  double area_mm2 = 0;
  double power_interconnect_mw = 0, power_switching_mw = 0, power_leakage_mw = 0;
};
template <class V>
void describe(V& v, ArrayConfig& c) {
  v.field("name", c.name, "text", "printed in tables");
  v.field("clock", c.clock, "Hz", "of the array", at_least(1));
  v.field("width", c.width, "cells", "words of a streamed vector", in_range(1, 65536));
  v.field("depth", c.depth, "cells", "positions met by each streamed vector", in_range(1, 65536));
  v.field("reduction", c.reduction, "name", "how the products of a column are added");
  v.field("multipliers", c.multipliers, "count", "of all cells together; 0: one per cell", in_range(0, 1 << 30));
  v.field("word_bits", c.word_bits, "bits", "of a weight or activation", in_range(1, 64));
  v.field("bandwidth", c.bandwidth, "B/s", "of the memory that streams to the first row", at_least(1));
  v.field("charge_stationary", c.charge_stationary, "bool",
          "stationary blocks come over the same memory; false: from the per-cell buffers while the array works");
  v.field("conv_weights_kept", c.conv_weights_kept, "fraction", "of each convolution, by structured pruning of inputs",
          in_range(0.001, 1));
  v.field("area_mm2", c.area_mm2, "mm2", "recorded, not derived", at_least(0));
  v.field("power_interconnect_mw", c.power_interconnect_mw, "mW", "recorded, not derived", at_least(0));
  v.field("power_switching_mw", c.power_switching_mw, "mW", "recorded, not derived", at_least(0));
  v.field("power_leakage_mw", c.power_leakage_mw, "mW", "recorded, not derived", at_least(0));
}

/// Operations per second (a MAC is two) that the array cannot pass.
struct ArrayPeaks {
  double compute = 0;    ///< 2 * multipliers * clock
  double bandwidth = 0;  ///< 2 * depth per streamed word
  double lowest() const { return compute < bandwidth ? compute : bandwidth; }
};
ArrayPeaks peaks_of(const ArrayConfig& config);

/// Cycles from the last streamed vector to its sum: log2(width) for a tree, width for a chain.
Cycle reduction_latency(const ArrayConfig& config);

struct ArrayRun {
  Cycle cycles = 0;
  double seconds = 0;
  std::uint64_t steps = 0;  ///< vectors streamed past a stationary block
  std::uint64_t macs = 0;   ///< effectual: of the layers after pruning
  std::uint64_t streamed_bytes = 0;
  double operations_per_second = 0;
  Cycle busy_cycles = 0, memory_stall_cycles = 0, drain_cycles = 0;  ///< add up to `cycles`
};

/// Runs layers one after another. Throws LawViolation if the result were above a peak. Track: "array".
ArrayRun run_array(const ArrayConfig& config, std::span<const Layer> layers, ActivitySink* timeline = nullptr);

/// The weighted layers of a network or branch in order.
std::vector<Layer> weighted_layers(const Network& network);

}  // namespace heddle::lcp
