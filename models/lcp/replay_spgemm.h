// kind: lcp_spgemm. Pruned layers of networks and of their branches as sparse products on a machine, all dataflows.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dataflows/config.h"
#include "models/lcp/split.h"
#include "models/replay/result.h"

namespace heddle::lcp {

struct SparseCase {
  std::string network;
  SplitConfig split;
  double weight_density = 0.3;
  double activation_density = 0.5;
  std::vector<std::string> layers;
};
template <class V>
void describe(V& v, SparseCase& c) {
  v.field("network", c.network, "name", "one of `networks`");
  v.section("split", c.split, "whose branch is run; 1 branch: the network itself");
  v.field("weight_density", c.weight_density, "fraction", "weights that survive unstructured pruning", in_range(0, 1));
  v.field("activation_density", c.activation_density, "fraction", "activations that are not zero", in_range(0, 1));
  v.field("layers", c.layers, "names", "run these; empty: all with weights");
}

struct SparseConfig {
  Config hardware;
  std::map<std::string, NetworkConfig> networks;
  std::vector<SparseCase> cases;
  std::uint64_t seed = 1;
  std::uint64_t most_products = 20'000'000;
};
template <class V>
void describe(V& v, SparseConfig& c) {
  v.section("hardware", c.hardware, "a file of configs/machines: extends: ../machines/NAME.yaml");
  v.field("networks", c.networks, "", "by name");
  v.field("cases", c.cases, "", "one network or branch each");
  v.field("seed", c.seed, "", "of the pruning and the activations");
  v.field("most_products", c.most_products, "products", "a layer with more is listed, not run", at_least(1));
}
ReplayResult replay_sparse(const SparseConfig& config, ActivitySink* timeline);
void validate(const SparseConfig& config);

}  // namespace heddle::lcp
