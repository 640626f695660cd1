#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/selector/engine.h"
#include "models/selector/environment.h"
#include "models/selector/stream.h"

namespace heddle::selector {
namespace {

/// Products of every size, phases of every length, and now and then an adversary: what is loaded turns out worst.
Stream random_stream(Random& random, double switch_cycles) {
  Stream stream;
  stream.switch_cycles = switch_cycles;
  stream.loaded = random.uniform_u64(kDataflows);
  PerDataflow phase{};
  for (int i = 0; i < 100; ++i) {
    if (random.uniform_u64(8) == 0 || i == 0)
      for (double& p : phase) p = std::exp2(random.uniform_real() * 8);
    StreamStep step;
    const double size = std::exp2(random.uniform_real() * 12);
    for (std::size_t d = 0; d < kDataflows; ++d) step.cycles[d] = 1 + size * phase[d] * (0.5 + random.uniform_real());
    step.predicted = step.cycles;
    stream.steps.push_back(step);
  }
  return stream;
}

double run_engine(const Stream& stream, const EngineConfig& config) {
  ReconfigurationEngine engine(config, stream.loaded, stream.switch_cycles);
  return run_stream(stream,
                    [&](const Stream& s, std::size_t i, std::size_t) { return engine.decide(s.steps[i].predicted); });
}

TEST(Engine, NeverLosesMoreThanItsRiskAgainstStaying) {
  Random random(1);
  for (int i = 0; i < 3000; ++i) {
    const double cost = std::exp2(random.uniform_real() * 24);
    const Stream stream = random_stream(random, cost);
    for (const double risk : {1.0, 3.0}) {
      EngineConfig config;
      config.risk = risk;
      EXPECT_LE(run_engine(stream, config), (stay(stream) + risk * cost) * (1 + 1e-12));
    }
  }
}

TEST(Engine, WithoutCostItIsPureSelection) {
  Random random(2);
  for (int i = 0; i < 100; ++i) {
    const Stream stream = random_stream(random, 0);
    double pure = 0;
    for (const StreamStep& step : stream.steps) pure += step.cycles[smallest(step.cycles)];
    EXPECT_NEAR(run_engine(stream, {}), pure, 1e-9 * pure);
  }
}

TEST(Engine, AtInfiniteCostItKeepsWhatIsLoaded) {
  Random random(3);
  for (int i = 0; i < 100; ++i) {
    const Stream stream = random_stream(random, std::numeric_limits<double>::infinity());
    EXPECT_DOUBLE_EQ(run_engine(stream, {}), stay(stream));
  }
}

TEST(Engine, SwitchesOnceForALongPhase) {
  Stream stream;
  stream.switch_cycles = 1000;
  stream.loaded = 2;
  for (int i = 0; i < 50; ++i) stream.steps.push_back({{100, 5000, 2000}, {100, 5000, 2000}});
  EXPECT_DOUBLE_EQ(run_engine(stream, {}), 1000 + 50 * 100.0);
}

TEST(Stream, HindsightIsNeverWorseThanAnyPolicy) {
  Random random(4);
  for (int i = 0; i < 300; ++i) {
    const Stream stream = random_stream(random, std::exp2(random.uniform_real() * 20));
    const double best = best_in_hindsight(stream);
    for (std::size_t d = 0; d < kDataflows; ++d) EXPECT_LE(best, stay_with(stream, d) * (1 + 1e-12));
    EXPECT_LE(best, run_engine(stream, {}) * (1 + 1e-12));
  }
}

TEST(Stream, HindsightEqualsTryingEveryPlan) {
  Random random(5);
  Stream stream = random_stream(random, 300);
  stream.steps.resize(6);
  double least = std::numeric_limits<double>::infinity();
  for (int plan = 0; plan < 729; ++plan) {
    int rest = plan;
    const double total = run_stream(stream, [&](const Stream&, std::size_t, std::size_t) {
      const auto chosen = static_cast<std::size_t>(rest % 3);
      rest /= 3;
      return chosen;
    });
    least = std::min(least, total);
  }
  EXPECT_DOUBLE_EQ(best_in_hindsight(stream), least);
}

TEST(StreamView, StateHasANamePerInput) {
  StreamView view(1000, 1);
  const PerDataflow predicted = {100, 300, 200};
  EXPECT_EQ(view.state(predicted).size(), StreamView::inputs().size());
  view.advance(predicted, 1);
  EXPECT_EQ(view.state(predicted)[1], 1.0f);
  EXPECT_GT(view.state(predicted)[11], 0.0f);  // inner product would have saved 200
}

}  // namespace
}  // namespace heddle::selector
