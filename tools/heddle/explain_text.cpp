#include <algorithm>

#include "tools/heddle/explain.h"
#include "tools/heddle/table.h"

namespace heddle {

std::string explanation_text(const Explanation& explanation) {
  std::string text = "  " + explanation.dataflow + ": ";
  if (explanation.bottleneck != nullptr) {
    text += "bound by " + std::string(explanation.bottleneck->text) + "; twice of it should make it about " +
            fixed(explanation.gains.front().speed_up, 2) + " x as fast\n";
  } else {
    text += "no single resource is expected to help by 10 %\n";
  }
  for (const std::string& sentence : explanation.evidence) text += "    " + sentence + "\n";
  return text;
}

std::string verification_text(const Verification& verification) {
  TextTable table({"    twice the", "cycles", "x as fast"});
  for (const Trial& trial : verification.trials)
    table.add({"      " + std::string(trial.resource->text), grouped(trial.cycles), fixed(trial.speed_up, 3)});
  return table.render(false) + (verification.confirmed ? "    the experiment confirms the explanation\n"
                                                       : "    the experiment CONTRADICTS the explanation\n");
}

Verification verify(const Explanation& explanation, const CatalogEntry& entry, const Experiment& experiment) {
  Verification verification;
  for (const ExpectedGain& gain : explanation.gains) {
    Config config = experiment.config;
    if (!gain.resource->twice(config)) continue;
    entry.validate(config);
    const std::uint64_t cycles = entry.run(experiment.workload, config, {}).report.cycles;
    const double speed_up = static_cast<double>(explanation.cycles) / static_cast<double>(std::max<Cycle>(1, cycles));
    verification.trials.push_back({gain.resource, cycles, speed_up});
  }
  std::stable_sort(verification.trials.begin(), verification.trials.end(),
                   [](const Trial& a, const Trial& b) { return a.speed_up > b.speed_up; });
  const bool helps = !verification.trials.empty() && verification.trials.front().speed_up >= kWorthNaming;
  verification.confirmed =
      helps ? verification.trials.front().resource == explanation.bottleneck : explanation.bottleneck == nullptr;
  return verification;
}

}  // namespace heddle
