// The two settings a deep Q-network learns in.
#pragma once

#include <span>
#include <vector>

#include "models/selector/dqn.h"
#include "models/selector/stream.h"
#include "models/selector/table.h"

namespace heddle::selector {

/// One product, one decision, reward -log2(slowdown): a contextual bandit, not a sequential problem; the state is the
/// feature vector.
class OneStepEnvironment : public Environment {
 public:
  OneStepEnvironment(Rows training, Rows judged, std::uint64_t seed);
  std::vector<std::string> inputs() const override;
  void reset(std::vector<float>& state) override;
  Outcome step(std::size_t action, std::vector<float>& state) override;
  double judge(const std::function<std::size_t(const std::vector<float>&)>& policy) override;

 private:
  Rows training_, judged_;
  Random random_;
  const Example* current_ = nullptr;
};
std::vector<float> one_step_state(const Features& features);

/// What a policy sees of a stream before a product: the regression trees' predictions and what is loaded, never the
/// cycles to come. Also keeps what it has seen.
class StreamView {
 public:
  StreamView(double switch_cycles, std::size_t loaded) : switch_cycles_(switch_cycles), loaded_(loaded) {}
  static std::vector<std::string> inputs();
  std::vector<float> state(const PerDataflow& predicted) const;
  /// `chosen` runs the product that was predicted so.
  void advance(const PerDataflow& predicted, std::size_t chosen);

 private:
  double switch_cycles_;
  std::size_t loaded_;
  std::size_t winner_ = ~std::size_t{0};
  double run_ = 0, mean_run_ = 0, scale_ = 0;
  PerDataflow missed_{};  ///< discounted cycles that each dataflow would have saved against the loaded one
};

/// Rewards are what the choice and its switch cost beyond the best dataflow, over the cost of a typical product and a
/// switch. Switching costs are drawn log-uniformly between two bounds, phases likewise.
class StreamEnvironment : public Environment {
 public:
  StreamEnvironment(const StreamPool& training, const std::vector<Stream>& judged, StreamOptions options,
                    std::vector<double> switch_cycles, std::uint64_t seed);
  std::vector<std::string> inputs() const override { return StreamView::inputs(); }
  void reset(std::vector<float>& state) override;
  Outcome step(std::size_t action, std::vector<float>& state) override;
  double judge(const std::function<std::size_t(const std::vector<float>&)>& policy) override;

 private:
  const StreamPool& pool_;
  const std::vector<Stream>& judged_;
  StreamOptions options_;
  std::vector<double> switch_cycles_;
  Random random_;
  Stream stream_;
  StreamView view_{0, 0};
  std::size_t at_ = 0, loaded_ = 0;
  double unit_ = 1;
};

/// A trained policy on a stream, from its beginning. Keeps a view of its own.
double run_policy(const Stream& stream, const Policy& policy);

}  // namespace heddle::selector
