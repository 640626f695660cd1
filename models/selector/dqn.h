// Deep Q-learning (double DQN: van Hasselt, Guez, Silver, AAAI 2016), behind an interface without LibTorch. The trainer
// lives in a shared object of its own, opened on demand, because loading LibTorch takes longer than most commands.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/selector/policy.h"
#include "sim/base/describe.h"

namespace heddle::selector {

struct DqnConfig {
  std::uint64_t seed = 1;
  std::uint32_t hidden = 64;
  std::uint32_t steps = 60'000;
  std::uint32_t replay = 50'000;
  std::uint32_t batch = 64;
  std::uint32_t train_every = 2;
  std::uint32_t target_every = 500;
  double learning_rate = 1e-3;
  double discount = 0.97;
  double epsilon_first = 1.0, epsilon_last = 0.05;
  double epsilon_share = 0.4;
  std::uint32_t report_every = 5'000;
};
template <class V>
void describe(V& v, DqnConfig& c) {
  v.field("seed", c.seed, "", "of weights, exploration and environment");
  v.field("hidden", c.hidden, "count", "width of the two hidden layers", in_range(1, 4096));
  v.field("steps", c.steps, "count", "decisions", at_least(1));
  v.field("replay", c.replay, "count", "transitions kept", at_least(1));
  v.field("batch", c.batch, "count", "transitions per gradient step", at_least(1));
  v.field("train_every", c.train_every, "count", "decisions per gradient step", at_least(1));
  v.field("target_every", c.target_every, "count", "gradient steps between copies to the target network", at_least(1));
  v.field("learning_rate", c.learning_rate, "", "of Adam; falls linearly to a tenth", in_range(1e-8, 1));
  v.field("discount", c.discount, "", "of the next decision's return; 0: one-step", in_range(0, 1));
  v.field("epsilon_first", c.epsilon_first, "fraction", "random decisions at the start", in_range(0, 1));
  v.field("epsilon_last", c.epsilon_last, "fraction", "at the end", in_range(0, 1));
  v.field("epsilon_share", c.epsilon_share, "fraction", "of the steps over which they fall", in_range(0, 1));
  v.field("report_every", c.report_every, "count", "decisions between points of the learning curve", at_least(1));
}

/// Episodes of decisions among the dataflows.
class Environment {
 public:
  virtual ~Environment() = default;
  struct Outcome {
    float reward = 0;
    bool ends = false;
  };
  virtual std::vector<std::string> inputs() const = 0;
  /// A new episode; its first state.
  virtual void reset(std::vector<float>& state) = 0;
  /// Takes the decision; `state` becomes the next one (unspecified when the episode ends).
  virtual Outcome step(std::size_t action, std::vector<float>& state) = 0;
  /// How good a policy is, for the learning curve; lower is better.
  virtual double judge(const std::function<std::size_t(const std::vector<float>&)>& policy) = 0;
};

struct LearningPoint {
  std::uint64_t decisions = 0;
  double epsilon = 0, loss = 0, judged = 0;
};
template <class V>
void describe(V& v, LearningPoint& p) {
  v.field("decisions", p.decisions, "count", "made so far");
  v.field("epsilon", p.epsilon, "fraction", "of them at random, now");
  v.field("loss", p.loss, "", "mean Huber loss since the last point");
  v.field("judged", p.judged, "ratio", "geometric mean of cycles over those of the oracle, without exploration");
}

struct TrainedPolicy {
  Policy policy;
  std::vector<LearningPoint> curve;
};

/// Signature of `heddle_train_dqn` in the shared object. `save` is where LibTorch's own file goes, "" for none. Returns
/// what went wrong, or "".
using TrainDqn = void (*)(Environment& environment, const DqnConfig& config, const char* save, TrainedPolicy& trained,
                          std::string& error);

/// Opens the shared object beside the executable, or where HEDDLE_DQN_LIBRARY says. Throws InputError when it is not
/// there: this build is without LibTorch.
TrainedPolicy train_dqn(Environment& environment, const DqnConfig& config, const std::string& save);
bool has_dqn();

}  // namespace heddle::selector
