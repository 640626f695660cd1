// Double DQN in LibTorch (1.13 and 2.6): replay buffer, target network, epsilon schedule, Huber loss, Adam. One thread
// and one seeded generator per use, so the same seed gives the same bytes.
//
//   repeat  a = random with probability epsilon, else argmax_a Q(s, a);  s' , r = environment(a);  remember
//           every few decisions: y = r + discount * Q'(s', argmax_a Q(s', a)) for a batch;  descend Huber(Q(s, a) - y)
//           every so many of those: Q' = Q
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <exception>

#include "models/selector/dqn.h"
#include "sim/base/random.h"

namespace heddle::selector {
namespace {

struct NetworkImpl : torch::nn::Module {
  NetworkImpl(std::int64_t inputs, std::int64_t hidden)
      : first(register_module("first", torch::nn::Linear(inputs, hidden))),
        second(register_module("second", torch::nn::Linear(hidden, hidden))),
        last(register_module("last", torch::nn::Linear(hidden, std::int64_t{kDataflows}))) {}
  torch::Tensor forward(const torch::Tensor& x) {
    return last->forward(torch::relu(second->forward(torch::relu(first->forward(x)))));
  }
  torch::nn::Linear first, second, last;
};
TORCH_MODULE(Network);

/// A ring of transitions in flat arrays.
class Replay {
 public:
  Replay(std::size_t capacity, std::size_t width)
      : width_(width),
        states_(capacity * width),
        next_(capacity * width),
        actions_(capacity),
        rewards_(capacity),
        ends_(capacity) {}

  void add(const std::vector<float>& state, std::size_t action, float reward, bool ends,
           const std::vector<float>& next) {
    const std::size_t at = count_++ % actions_.size();
    std::copy(state.begin(), state.end(), states_.begin() + std::ptrdiff_t(at * width_));
    std::copy(next.begin(), next.end(), next_.begin() + std::ptrdiff_t(at * width_));
    actions_[at] = std::int64_t(action);
    rewards_[at] = reward;
    ends_[at] = ends ? 1.0f : 0.0f;
  }
  std::size_t size() const { return std::min(count_, actions_.size()); }

  struct Batch {
    torch::Tensor states, actions, rewards, ends, next;
  };
  Batch draw(std::size_t count, Random& random) const {
    const auto n = std::int64_t(count), w = std::int64_t(width_);
    Batch b{torch::empty({n, w}), torch::empty({n, 1}, torch::kInt64), torch::empty({n}), torch::empty({n}),
            torch::empty({n, w})};
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = random.uniform_u64(size());
      std::copy_n(states_.begin() + std::ptrdiff_t(at * width_), width_, b.states.data_ptr<float>() + i * width_);
      std::copy_n(next_.begin() + std::ptrdiff_t(at * width_), width_, b.next.data_ptr<float>() + i * width_);
      b.actions.data_ptr<std::int64_t>()[i] = actions_[at];
      b.rewards.data_ptr<float>()[i] = rewards_[at];
      b.ends.data_ptr<float>()[i] = ends_[at];
    }
    return b;
  }

 private:
  std::size_t width_, count_ = 0;
  std::vector<float> states_, next_;
  std::vector<std::int64_t> actions_;
  std::vector<float> rewards_, ends_;
};

/// Mean and deviation of each input under random decisions.
struct Scaling {
  std::vector<double> mean, scale;
  void apply(std::vector<float>& x) const {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((double(x[i]) - mean[i]) / scale[i]);
  }
};

Scaling measure_inputs(Environment& environment, std::size_t width, Random& random) {
  constexpr int kStates = 4000;
  std::vector<double> sum(width, 0), squares(width, 0);
  std::vector<float> state;
  environment.reset(state);
  for (int i = 0; i < kStates; ++i) {
    for (std::size_t k = 0; k < width; ++k) {
      sum[k] += double(state[k]);
      squares[k] += double(state[k]) * double(state[k]);
    }
    if (environment.step(random.uniform_u64(kDataflows), state).ends) environment.reset(state);
  }
  Scaling scaling;
  for (std::size_t k = 0; k < width; ++k) {
    const double mean = sum[k] / kStates;
    const double deviation = std::sqrt(std::max(0.0, squares[k] / kStates - mean * mean));
    scaling.mean.push_back(mean);
    scaling.scale.push_back(deviation > 1e-6 ? deviation : 1);
  }
  return scaling;
}

class Learner {
 public:
  Learner(Environment& environment, const DqnConfig& config)
      : environment_(environment),
        config_(config),
        width_(environment.inputs().size()),
        random_(config.seed),
        scaling_(measure_inputs(environment, width_, random_)),
        online_(std::int64_t(width_), std::int64_t(config.hidden)),
        target_(std::int64_t(width_), std::int64_t(config.hidden)),
        optimizer_(online_->parameters(), torch::optim::AdamOptions(config.learning_rate)),
        replay_(config.replay, width_) {
    copy_to_target();
  }

  void run(TrainedPolicy& trained) {
    std::vector<float> state, next;
    start(state);
    for (std::uint32_t step = 0; step < config_.steps; ++step) {
      const double epsilon = epsilon_at(step);
      const std::size_t action = random_.uniform_real() < epsilon ? random_.uniform_u64(kDataflows) : greedy(state);
      const Environment::Outcome outcome = environment_.step(action, next);
      if (outcome.ends)
        next.assign(width_, 0);
      else
        scaling_.apply(next);
      replay_.add(state, action, outcome.reward, outcome.ends, next);
      state = next;
      if (outcome.ends) start(state);
      if (step % config_.train_every == 0 && replay_.size() >= 1000) learn(step);
      if ((step + 1) % config_.report_every == 0) report(step + 1, epsilon, trained);
    }
    export_policy(trained.policy);
  }

  void save(const char* path) { torch::save(online_, path); }

 private:
  void start(std::vector<float>& state) {
    environment_.reset(state);
    scaling_.apply(state);
  }

  double epsilon_at(std::uint32_t step) const {
    const double share = double(step) / (config_.epsilon_share * double(config_.steps) + 1);
    return config_.epsilon_first + std::min(1.0, share) * (config_.epsilon_last - config_.epsilon_first);
  }

  std::size_t greedy(const std::vector<float>& scaled) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = torch::from_blob(const_cast<float*>(scaled.data()), {1, std::int64_t(width_)});
    return static_cast<std::size_t>(online_->forward(x).argmax(1).item<std::int64_t>());
  }

  void learn(std::uint32_t step) {
    const double rate = config_.learning_rate * (1 - 0.9 * double(step) / double(config_.steps));
    for (auto& group : optimizer_.param_groups()) static_cast<torch::optim::AdamOptions&>(group.options()).lr(rate);
    const Replay::Batch b = replay_.draw(config_.batch, random_);
    torch::Tensor wanted;
    {
      const torch::NoGradGuard no_grad;
      const torch::Tensor best = online_->forward(b.next).argmax(1, true);
      const torch::Tensor later = target_->forward(b.next).gather(1, best).squeeze(1);
      wanted = b.rewards + float(config_.discount) * (1 - b.ends) * later;
    }
    const torch::Tensor now = online_->forward(b.states).gather(1, b.actions).squeeze(1);
    const torch::Tensor loss = torch::nn::functional::smooth_l1_loss(now, wanted);
    optimizer_.zero_grad();
    loss.backward();
    torch::nn::utils::clip_grad_norm_(online_->parameters(), 10.0);
    optimizer_.step();
    loss_sum_ += loss.item<double>();
    ++losses_;
    if (++updates_ % config_.target_every == 0) copy_to_target();
  }

  void copy_to_target() {
    const torch::NoGradGuard no_grad;
    const auto from = online_->parameters();
    const auto to = target_->parameters();
    for (std::size_t i = 0; i < from.size(); ++i) to[i].copy_(from[i]);
  }

  void report(std::uint32_t decisions, double epsilon, TrainedPolicy& trained) {
    const double judged = environment_.judge([&](const std::vector<float>& state) {
      std::vector<float> scaled = state;
      scaling_.apply(scaled);
      return greedy(scaled);
    });
    trained.curve.push_back({decisions, epsilon, losses_ == 0 ? 0 : loss_sum_ / losses_, judged});
    loss_sum_ = losses_ = 0;
  }

  void export_policy(Policy& policy) const {
    policy.inputs = environment_.inputs();
    policy.mean = scaling_.mean;
    policy.scale = scaling_.scale;
    for (const torch::nn::Linear& linear : {online_->first, online_->second, online_->last}) {
      PolicyLayer layer;
      const torch::Tensor weights = linear->weight.detach().contiguous(), bias = linear->bias.detach().contiguous();
      layer.outputs = static_cast<std::uint32_t>(weights.size(0));
      layer.weights.assign(weights.data_ptr<float>(), weights.data_ptr<float>() + weights.numel());
      layer.bias.assign(bias.data_ptr<float>(), bias.data_ptr<float>() + bias.numel());
      policy.layers.push_back(std::move(layer));
    }
  }

  Environment& environment_;
  const DqnConfig& config_;
  std::size_t width_;
  Random random_;
  Scaling scaling_;
  Network online_, target_;
  torch::optim::Adam optimizer_;
  Replay replay_;
  std::uint64_t updates_ = 0;
  double loss_sum_ = 0, losses_ = 0;
};

}  // namespace
}  // namespace heddle::selector

extern "C" __attribute__((visibility("default"))) void heddle_train_dqn(heddle::selector::Environment& environment,
                                                                        const heddle::selector::DqnConfig& config,
                                                                        const char* save,
                                                                        heddle::selector::TrainedPolicy& trained,
                                                                        std::string& error) {
  try {
    torch::set_num_threads(1);
    torch::manual_seed(config.seed);
    heddle::selector::Learner learner(environment, config);
    learner.run(trained);
    if (*save != '\0') learner.save(save);
  } catch (const std::exception& problem) {
    error = problem.what();
  }
}
