#include "tools/heddle/result_json.h"

#include <vector>

#include "heddle_version.h"
#include "sim/base/help.h"
#include "tools/heddle/report_table.h"

namespace heddle {
namespace {

/// What the hardware does not change.
struct WorkloadSummary {
  std::string a, b, a_hash, b_hash;
  std::uint64_t rows = 0, inner = 0, cols = 0, nnz_a = 0, nnz_b = 0, nnz_c = 0, products = 0;
  double compression_factor = 0;
};
template <class V>
void describe(V& v, WorkloadSummary& w) {
  v.field("a", w.a, "text", "A as named on the command line");
  v.field("b", w.b, "text", "B likewise, or how it is made from A");
  v.field("a_hash", w.a_hash, "text", "identity of A: shape, pattern and values");
  v.field("b_hash", w.b_hash, "text", "identity of B");
  v.field("rows", w.rows, "count", "rows of A and C");
  v.field("inner", w.inner, "count", "columns of A, rows of B");
  v.field("cols", w.cols, "count", "columns of B and C");
  v.field("nnz_a", w.nnz_a, "count", "nonzeros of A");
  v.field("nnz_b", w.nnz_b, "count", "nonzeros of B");
  v.field("nnz_c", w.nnz_c, "count", "structural nonzeros of C");
  v.field("products", w.products, "count", "multiplications, sum over k of nnz(A(:,k)) nnz(B(k,:))");
  v.field("compression_factor", w.compression_factor, "ratio", "products over nonzeros of C");
}

WorkloadSummary summarise(const Experiment& experiment) {
  const Workload& w = experiment.workload;
  return {w.a_name,  w.b_name,   experiment.a_hash, experiment.b_hash, w.a->rows,  w.a->cols,
          w.b->cols, w.a->nnz(), w.b->nnz(),        w.nnz_c(),         w.products, w.compression_factor()};
}

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

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

Json experiment_json(const Experiment& experiment, bool with_host) {
  Json root;
  root["heddle"] = kVersion;
  root["model_version"] = kModelVersion;
  root["config_hash"] = config_hash(experiment.config);
  root["effective_config"] = to_json(experiment.config);
  root["workload"] = to_json(summarise(experiment));
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
