// A trained Q-network as plain numbers: a text that needs no LibTorch, run with Eigen.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/selector/action.h"
#include "sim/base/describe.h"

namespace heddle::selector {

/// y = weights x + bias, ReLU after all layers but the last.
struct PolicyLayer {
  std::uint32_t outputs = 0;
  std::vector<double> weights;  ///< row by row, outputs x inputs
  std::vector<double> bias;     ///< outputs
};
template <class V>
void describe(V& v, PolicyLayer& l) {
  v.field("outputs", l.outputs, "count", "rows of the weights", in_range(1, 4096));
  v.field("weights", l.weights, "", "row by row", in_range(-1e6, 1e6));
  v.field("bias", l.bias, "", "one per output", in_range(-1e6, 1e6));
}

struct Policy {
  std::string setting;   ///< "one_step" or "stream"
  std::string manifest;  ///< how it was made
  std::vector<std::string> inputs;
  std::vector<double> mean, scale;  ///< of each input: the network sees (x - mean) / scale
  std::vector<PolicyLayer> layers;
};
template <class V>
void describe(V& v, Policy& p) {
  v.field("setting", p.setting, "name", "one_step: one product, one decision; stream: the loaded dataflow is an input");
  v.field("manifest", p.manifest, "text", "how it was made");
  v.field("inputs", p.inputs, "list", "names of the inputs, in order");
  v.field("mean", p.mean, "", "subtracted from each input", in_range(-1e12, 1e12));
  v.field("scale", p.scale, "", "then each is divided by this", in_range(-1e12, 1e12));
  v.field("layers", p.layers, "list", "fully connected, ReLU between them");
}

/// Expected return of each dataflow. Input of policy.inputs.size() numbers.
PerDataflow q_values(const Policy& policy, std::span<const float> input);
/// The dataflow with the largest.
std::size_t choose(const Policy& policy, std::span<const float> input);

std::string policy_text(const Policy& policy);
/// Throws InputError naming file and key for shapes that do not fit together.
Policy load_policy(const std::string& path);

}  // namespace heddle::selector
