// kind: robot_accelerator. A stream of requests for pruned networks on one SpGEMM accelerator: layers are simulated on
// the machine for inputs of different sparsity, then requests are scheduled over that table.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dataflows/config.h"
#include "models/lcp/split.h"
#include "models/replay/result.h"
#include "models/robot/accelerator.h"

namespace heddle::robot {

struct ServedNetwork {
  std::string name;
  std::string network;
  lcp::SplitConfig split;
  double weight_density = 0.2;
};
template <class V>
void describe(V& v, ServedNetwork& c) {
  v.field("name", c.name, "text", "printed in tables");
  v.field("network", c.network, "name", "one of `networks`");
  v.section("split", c.split, "whose branch is served; 1 branch: the network");
  v.field("weight_density", c.weight_density, "fraction", "weights that survive pruning", in_range(0, 1));
}

struct AcceleratorConfig {
  Config hardware;
  std::string dataflow = "row_wise";
  std::map<std::string, lcp::NetworkConfig> networks;
  std::vector<ServedNetwork> served;
  std::vector<double> activation_densities;
  std::uint64_t seed = 1;
  ArrivalConfig arrivals;
  DispatchConfig dispatch;
  std::vector<std::uint64_t> seeds;
  std::vector<Dispatch> policies;
};
template <class V>
void describe(V& v, AcceleratorConfig& c) {
  v.section("hardware", c.hardware, "a file of configs/machines: extends: ../machines/NAME.yaml");
  v.field("dataflow", c.dataflow, "name", "of every layer");
  v.field("networks", c.networks, "", "by name");
  v.field("served", c.served, "", "what requests ask for");
  v.field("activation_densities", c.activation_densities, "fraction", "one sample of every network each",
          in_range(0, 1));
  v.field("seed", c.seed, "", "of weights and activations");
  v.section("arrivals", c.arrivals, "requests");
  v.section("dispatch", c.dispatch, "scheduling");
  v.field("seeds", c.seeds, "", "one stream of requests each");
  v.field("policies", c.policies, "names", "compared on the same streams");
}
ReplayResult replay_accelerator(const AcceleratorConfig& config, ActivitySink* timeline);
void validate(const AcceleratorConfig& config);

/// The table: every layer of every served network for every density, simulated.
std::vector<RequestModel> simulate_requests(const AcceleratorConfig& config);

}  // namespace heddle::robot
