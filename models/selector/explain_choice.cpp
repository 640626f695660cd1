#include "models/selector/explain_choice.h"

#include <algorithm>
#include <cmath>

namespace heddle::selector {

Choice choose(const Model& model, const Csr& a, const Csr& b, bool same, const Config& config) {
  Choice choice;
  choice.measured = measure(a, b, same, config);
  const Features features = features_of(choice.measured, config);
  const PerDataflow form = closed_form(choice.measured, config).cycles();
  const PerDataflow logs = model.predict(features, form);
  for (std::size_t d = 0; d < kDataflows; ++d) choice.predicted[d] = std::exp2(logs[d]);
  choice.by_tree = model.choose(features);
  choice.dataflow = model.decide(features, form);
  choice.reasons = path_in_words(model.classifier, features);
  PerDataflow sorted = choice.predicted;
  std::sort(sorted.begin(), sorted.end());
  const double others = choice.predicted[choice.dataflow] == sorted[0] ? sorted[1] : sorted[0];
  choice.gain = others / choice.predicted[choice.dataflow];
  PerDataflow regret = model.classifier.find(features).value;
  std::sort(regret.begin(), regret.end());
  choice.agreement = regret[1] + regret[0] <= 0 ? 0.5 : regret[1] / (regret[0] + regret[1]);
  choice.cost_cycles = selection_cycles(choice.measured, model.comparisons(features, config.machine.pe.count));
  return choice;
}

Json choice_json(const Choice& choice) {
  Json json;
  json["tree"] = dataflow_name(choice.by_tree);
  json["chosen"] = dataflow_name(choice.dataflow);
  for (std::size_t d = 0; d < kDataflows; ++d)
    json["predicted_cycles"][std::string(dataflow_name(d))] = std::round(choice.predicted[d]);
  json["predicted_gain"] = choice.gain;
  json["agreement"] = choice.agreement;
  json["selection_cycles"] = choice.cost_cycles;
  json["reasons"] = choice.reasons;
  return json;
}

}  // namespace heddle::selector
