// The splitter of LCP (Hadidi et al., CSCE 2023, Procedure 1): a wide network becomes k narrow branches that share only
// the input and one classification layer.
#pragma once

#include "models/lcp/network.h"

namespace heddle::lcp {

/// How the branches meet before the classifier. Both occur in the paper's tables.
enum class Merge : std::uint8_t { reduce, concat };
std::span<const EnumName<Merge>> enum_names(Merge);

/// k branches; every width but the classifier's becomes round(width * fattening / k), at least 1.
struct SplitConfig {
  std::uint32_t branches = 1;
  double fattening = 1.0;  ///< "f40" is 1.4
  Merge merge = Merge::reduce;
  bool split_input = false;  ///< also hand each branch 1/k of the input's channels or, with one channel, of its rows
};
template <class V>
void describe(V& v, SplitConfig& c) {
  v.field("branches", c.branches, "count", "branches without connections between them", in_range(1, 4096));
  v.field("fattening", c.fattening, "factor", "on the width of every layer but the classifier", in_range(0.01, 100));
  v.field("merge", c.merge, "name", "how branches meet before the classifier");
  v.field("split_input", c.split_input, "bool", "each branch gets 1 / branches of the input");
}
std::string to_text(const SplitConfig& split);  ///< "s8-f40"

struct BranchedNetwork {
  SplitConfig split;
  Network branch;    ///< one of `split.branches` equal ones, without the classifier
  Network whole;     ///< what was split
  Layer classifier;  ///< on the final node: reads features_per_branch (reduce) or k times as many (concat)
  std::uint64_t features_per_branch = 0;

  Totals totals() const;                ///< all branches and the classifier
  Totals branch_totals() const;         ///< of one branch
  std::uint64_t merged_values() const;  ///< activations that travel to the final node, all branches together
};

/// Throws InputError when a branch's shapes do not fit.
BranchedNetwork split_network(const NetworkConfig& config, const SplitConfig& split);

/// What one device can hold and do per inference.
struct Budget {
  std::uint64_t memory_bytes = 0;
  std::uint64_t macs = 0;
};

/// Divides by `division` until parameters (at `bytes_per_parameter`) and MACs of one branch both fit. The printed
/// procedure leaves its loop when one of them fits and divides once too often; this one does neither. `split` gives
/// fattening and merge. Throws InputError when branches of width 1 do not fit either.
BranchedNetwork split_to_fit(const NetworkConfig& config, SplitConfig split, const Budget& budget,
                             std::uint32_t division, std::uint32_t bytes_per_parameter);

/// Pairs of devices that exchange data for one inference on n devices: between each two consecutive layers every device
/// of the first reaches every device of the second (model parallelism), or only its own successor (LCP).
struct ConnectedPairs {
  std::uint64_t model_parallel = 0, branches = 0;
};
ConnectedPairs connected_pairs(const Network& network, std::uint32_t devices);

}  // namespace heddle::lcp
