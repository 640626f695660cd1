#include "models/selector/policy.h"

#include <Eigen/Core>

#include "sim/base/errors.h"
#include "sim/base/json.h"
#include "sim/base/yaml_reader.h"

namespace heddle::selector {
namespace {

using Matrix = Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
using Vector = Eigen::Map<const Eigen::VectorXd>;

void check_shapes(const Policy& p, const std::string& path) {
  const auto require = [&](bool holds, const std::string& expected) {
    if (!holds) throw InputError(path + ": expected " + expected);
  };
  require(!p.inputs.empty() && p.mean.size() == p.inputs.size() && p.scale.size() == p.inputs.size(),
          "inputs, mean and scale of equal length");
  for (const double s : p.scale) require(s > 0, "a positive scale of each input");
  require(!p.layers.empty() && p.layers.back().outputs == kDataflows, "a last layer with one output per dataflow");
  std::size_t width = p.inputs.size();
  for (const PolicyLayer& layer : p.layers) {
    require(layer.weights.size() == width * layer.outputs && layer.bias.size() == layer.outputs,
            "layers whose weights and bias fit their inputs and outputs");
    width = layer.outputs;
  }
}

}  // namespace

PerDataflow q_values(const Policy& policy, std::span<const float> input) {
  HEDDLE_CHECK(input.size() == policy.inputs.size());
  Eigen::VectorXd x(static_cast<Eigen::Index>(input.size()));
  for (std::size_t i = 0; i < input.size(); ++i)
    x[static_cast<Eigen::Index>(i)] = (double(input[i]) - policy.mean[i]) / policy.scale[i];
  for (std::size_t l = 0; l < policy.layers.size(); ++l) {
    const PolicyLayer& layer = policy.layers[l];
    const Matrix weights(layer.weights.data(), layer.outputs, x.size());
    const Vector bias(layer.bias.data(), layer.outputs);
    Eigen::VectorXd y = weights * x + bias;
    if (l + 1 < policy.layers.size()) y = y.cwiseMax(0.0);
    x = std::move(y);
  }
  return {x[0], x[1], x[2]};
}

std::size_t choose(const Policy& policy, std::span<const float> input) {
  PerDataflow q = q_values(policy, input);
  for (double& v : q) v = -v;
  return smallest(q);
}

std::string policy_text(const Policy& policy) {
  return "# Made by heddle selector train dqn; do not edit. JSON, which is YAML.\n" + json_text(to_json(policy));
}

Policy load_policy(const std::string& path) {
  Policy policy;
  read_config(load_config(path), policy);
  check_shapes(policy, path);
  return policy;
}

}  // namespace heddle::selector
