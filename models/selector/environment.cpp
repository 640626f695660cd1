#include "models/selector/environment.h"

#include <algorithm>
#include <cmath>

#include "models/selector/score.h"
#include "sim/base/errors.h"

namespace heddle::selector {
namespace {

constexpr double kForget = 0.9;  // per product, of what dataflows would have saved
constexpr double kLargestReward = 50;

float log_ratio(double x, double y) {
  return static_cast<float>(std::log2(std::max(x, 1.0) / std::max(y, 1.0)));
}
/// Signed, compressed: cycles saved in units of a switch.
float compressed(double x) {
  return static_cast<float>(x < 0 ? -std::log1p(-x) : std::log1p(x));
}

}  // namespace

OneStepEnvironment::OneStepEnvironment(Rows training, Rows judged, std::uint64_t seed)
    : training_(std::move(training)), judged_(std::move(judged)), random_(seed) {
  HEDDLE_CHECK(!training_.empty());
}

std::vector<float> one_step_state(const Features& features) {
  return {features.begin(), features.end()};
}

std::vector<std::string> OneStepEnvironment::inputs() const {
  std::vector<std::string> names;
  for (const FeatureInfo& info : feature_list()) names.emplace_back(info.name);
  return names;
}

void OneStepEnvironment::reset(std::vector<float>& state) {
  current_ = training_[random_.uniform_u64(training_.size())];
  state = one_step_state(current_->features);
}

Environment::Outcome OneStepEnvironment::step(std::size_t action, std::vector<float>&) {
  return {static_cast<float>(-std::min(6.0, current_->log_slowdowns()[action])), true};
}

double OneStepEnvironment::judge(const std::function<std::size_t(const std::vector<float>&)>& policy) {
  std::vector<std::size_t> choices;
  for (const Example* e : judged_) choices.push_back(policy(one_step_state(e->features)));
  return score(judged_, choices).geomean;
}

std::vector<std::string> StreamView::inputs() {
  return {"loaded_inner_product",
          "loaded_outer_product",
          "loaded_row_wise",
          "log2_inner_product_over_best",
          "log2_outer_product_over_best",
          "log2_row_wise_over_best",
          "log2_loaded_over_best",
          "log2_switch_over_best",
          "log2_switch_over_typical",
          "run_of_winner",
          "mean_run_of_winner",
          "missed_inner_product",
          "missed_outer_product",
          "missed_row_wise",
          "saving_now"};
}

std::vector<float> StreamView::state(const PerDataflow& predicted) const {
  std::vector<float> s(kDataflows, 0.0f);
  s[loaded_] = 1;
  const std::size_t winner = smallest(predicted);
  const double best = predicted[winner];
  const double unit = std::max(1.0, switch_cycles_);
  for (std::size_t d = 0; d < kDataflows; ++d) s.push_back(log_ratio(predicted[d], best));
  s.push_back(log_ratio(predicted[loaded_], best));
  s.push_back(log_ratio(switch_cycles_, best));
  s.push_back(log_ratio(switch_cycles_, scale_ > 0 ? scale_ : best));
  s.push_back(static_cast<float>(std::log2(1 + (winner == winner_ ? run_ : 0))));
  s.push_back(static_cast<float>(std::log2(1 + mean_run_)));
  for (std::size_t d = 0; d < kDataflows; ++d) s.push_back(compressed(missed_[d] / unit));
  s.push_back(compressed((predicted[loaded_] - best) / unit));
  return s;
}

void StreamView::advance(const PerDataflow& predicted, std::size_t chosen) {
  const std::size_t winner = smallest(predicted);
  if (winner == winner_) {
    run_ += 1;
  } else {
    if (run_ > 0) mean_run_ = mean_run_ == 0 ? run_ : 0.8 * mean_run_ + 0.2 * run_;
    winner_ = winner;
    run_ = 1;
  }
  scale_ = scale_ == 0 ? predicted[winner] : 0.9 * scale_ + 0.1 * predicted[winner];
  for (std::size_t d = 0; d < kDataflows; ++d)
    missed_[d] = chosen != loaded_ ? 0 : kForget * missed_[d] + predicted[chosen] - predicted[d];
  loaded_ = chosen;
}

StreamEnvironment::StreamEnvironment(const StreamPool& training, const std::vector<Stream>& judged,
                                     StreamOptions options, std::vector<double> switch_cycles, std::uint64_t seed)
    : pool_(training), judged_(judged), options_(options), switch_cycles_(std::move(switch_cycles)), random_(seed) {
  HEDDLE_CHECK(!switch_cycles_.empty());
}

void StreamEnvironment::reset(std::vector<float>& state) {
  StreamOptions options = options_;
  options.switch_cycles = switch_cycles_[random_.uniform_u64(switch_cycles_.size())];
  options.phase_length = std::exp2(1 + 6 * random_.uniform_real());
  stream_ = pool_.draw(options, random_);
  loaded_ = stream_.loaded;
  view_ = StreamView(stream_.switch_cycles, loaded_);
  at_ = 0;
  double logs = 0;
  for (const StreamStep& step : stream_.steps) logs += std::log2(step.cycles[smallest(step.cycles)]);
  unit_ = std::exp2(logs / double(stream_.steps.size())) + stream_.switch_cycles;
  state = view_.state(stream_.steps[0].predicted);
}

Environment::Outcome StreamEnvironment::step(std::size_t action, std::vector<float>& state) {
  const StreamStep& step = stream_.steps[at_];
  double cost = step.cycles[action] - step.cycles[smallest(step.cycles)];
  if (action != loaded_) cost += stream_.switch_cycles;
  view_.advance(step.predicted, action);
  loaded_ = action;
  const bool ends = ++at_ == stream_.steps.size();
  if (!ends) state = view_.state(stream_.steps[at_].predicted);
  return {static_cast<float>(-std::min(kLargestReward, cost / unit_)), ends};
}

double StreamEnvironment::judge(const std::function<std::size_t(const std::vector<float>&)>& policy) {
  double logs = 0;
  for (const Stream& stream : judged_) {
    StreamView view(stream.switch_cycles, stream.loaded);
    const double total = run_stream(stream, [&](const Stream& s, std::size_t i, std::size_t) {
      const std::size_t chosen = policy(view.state(s.steps[i].predicted));
      view.advance(s.steps[i].predicted, chosen);
      return chosen;
    });
    logs += std::log(total / best_in_hindsight(stream));
  }
  return judged_.empty() ? 1 : std::exp(logs / double(judged_.size()));
}

double run_policy(const Stream& stream, const Policy& policy) {
  StreamView view(stream.switch_cycles, stream.loaded);
  return run_stream(stream, [&](const Stream& s, std::size_t i, std::size_t) {
    const std::size_t chosen = choose(policy, view.state(s.steps[i].predicted));
    view.advance(s.steps[i].predicted, chosen);
    return chosen;
  });
}

}  // namespace heddle::selector
