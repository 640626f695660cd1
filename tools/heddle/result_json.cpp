#include "tools/heddle/result_json.h"

#include <vector>

#include "heddle_version.h"
#include "matrices/summary.h"
#include "sim/base/help.h"
#include "tools/heddle/report_table.h"
#include "tools/sweep/csv.h"

namespace heddle {
namespace {

Json selection_json(const Experiment& experiment) {
  Json selection = Json::object();
  selection["best"] = experiment.runs[fastest_run(experiment)].report.dataflow;
  return selection;
}

/// Scalars below `value` as (dotted key, text) pairs; lists and the stalls, whose keys differ between runs, are left
/// out.
void flatten(const Json& value, const std::string& prefix, std::vector<std::pair<std::string, std::string>>& cells) {
  for (const auto& [key, child] : value.items()) {
    if (child.is_object() && key != "stalls") flatten(child, prefix + key + ".", cells);
    if (child.is_object() || child.is_array()) continue;
    cells.emplace_back(prefix + key, child.is_string() ? child.get<std::string>() : child.dump());
  }
}

}  // namespace

Json experiment_json(const Experiment& experiment, bool with_host) {
  Json root;
  root["heddle"] = kVersion;
  root["model_version"] = kModelVersion;
  root["config_hash"] = config_hash(experiment.config);
  root["effective_config"] = to_json(experiment.config);
  root["workload"] = to_json(summarise(experiment.workload, experiment.a_hash, experiment.b_hash));
  Json runs = Json::array();
  for (const TimedRun& run : experiment.runs) {
    runs.push_back(to_json(run.report));
    if (with_host) runs.back()["host"] = to_json(run.host);
  }
  root["runs"] = std::move(runs);
  if (!experiment.runs.empty()) root["selection"] = selection_json(experiment);
  return root;
}

std::string experiments_csv(std::span<const Json> experiments) {
  std::string text;
  for (const Json& experiment : experiments) {
    for (const Json& run : experiment["runs"]) {
      std::vector<std::pair<std::string, std::string>> cells = {
          {"heddle", experiment["heddle"].get<std::string>()},
          {"model_version", experiment["model_version"].dump()},
          {"config_hash", experiment["config_hash"].get<std::string>()},
          {"machine", experiment["effective_config"]["machine"]["name"].get<std::string>()}};
      flatten(experiment["workload"], "workload.", cells);
      flatten(run, "", cells);
      std::string header, row;
      for (const auto& [key, value] : cells) {
        header += (header.empty() ? "" : ",") + key;
        row += (row.empty() ? "" : ",") + csv_cell(value);
      }
      if (text.empty()) text = header + "\n";
      text += row + "\n";
    }
  }
  return text;
}

std::string report_keys_text() {
  std::string text = "Keys of `workload`\n\n" + help_config(WorkloadSummary{}) +
                     "\nKeys of each element of `runs`\n\n" + help_config(RunReport{}) +
                     "\nKeys of `host` (with --host)\n\n" + help_config(HostCost{}) +
                     "\nStalls are <tensor>.<cause>. Tensors:";
  for (const std::string_view name : kTensorNames) text += " " + std::string(name);
  text += "\nCauses:";
  for (const std::string_view name : kCauseNames) text += " " + std::string(name);
  return text + "\n";
}

}  // namespace heddle
