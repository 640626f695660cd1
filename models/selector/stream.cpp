#include "models/selector/stream.h"

#include <algorithm>
#include <cmath>

#include "sim/base/errors.h"

namespace heddle::selector {

void StreamPool::add(const Example& example, const PerDataflow& predicted_log2) {
  StreamStep step;
  step.cycles = example.cycles;
  for (std::size_t d = 0; d < kDataflows; ++d) step.predicted[d] = std::exp2(predicted_log2[d]);
  auto machine =
      std::find_if(machines_.begin(), machines_.end(), [&](const auto& m) { return m.name == example.machine; });
  if (machine == machines_.end()) machine = machines_.insert(machine, {example.machine, {}});
  auto& families = machine->families;
  auto family = std::find_if(families.begin(), families.end(), [&](const auto& f) { return f.name == example.family; });
  if (family == families.end()) family = families.insert(family, {example.family, {}});
  family->steps.push_back(step);
}

Stream StreamPool::draw(const StreamOptions& options, Random& random) const {
  HEDDLE_CHECK(!machines_.empty());
  const MachinePool& machine = machines_[random.uniform_u64(machines_.size())];
  Stream stream;
  stream.switch_cycles = options.switch_cycles;
  stream.loaded = random.uniform_u64(kDataflows);
  const Family* family = nullptr;
  for (std::uint32_t step = 0; step < options.steps; ++step) {
    if (family == nullptr || random.uniform_real() * options.phase_length < 1)
      family = &machine.families[random.uniform_u64(machine.families.size())];
    stream.steps.push_back(family->steps[random.uniform_u64(family->steps.size())]);
  }
  return stream;
}

double run_stream(const Stream& stream, const StreamPolicy& policy) {
  double total = 0;
  std::size_t loaded = stream.loaded;
  for (std::size_t i = 0; i < stream.steps.size(); ++i) {
    const std::size_t chosen = policy(stream, i, loaded);
    if (chosen != loaded) total += stream.switch_cycles;
    loaded = chosen;
    total += stream.steps[i].cycles[chosen];
  }
  return total;
}

double best_in_hindsight(const Stream& stream) {
  PerDataflow total{};
  for (std::size_t d = 0; d < kDataflows; ++d) total[d] = d == stream.loaded ? 0 : stream.switch_cycles;
  for (const StreamStep& step : stream.steps) {
    const double from_any = total[smallest(total)] + stream.switch_cycles;
    for (std::size_t d = 0; d < kDataflows; ++d) total[d] = std::min(total[d], from_any) + step.cycles[d];
  }
  return total[smallest(total)];
}

double stay_with(const Stream& stream, std::size_t dataflow) {
  double total = dataflow == stream.loaded ? 0 : stream.switch_cycles;
  for (const StreamStep& step : stream.steps) total += step.cycles[dataflow];
  return total;
}

}  // namespace heddle::selector
