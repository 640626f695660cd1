#include "models/robot/replay_accelerator.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "dataflows/dataflow.h"
#include "models/lcp/im2col.h"
#include "models/lcp/replay_helpers.h"
#include "sim/base/errors.h"

namespace heddle::robot {
namespace {

std::vector<lcp::Layer> layers_of(const AcceleratorConfig& config, const ServedNetwork& served) {
  const lcp::BranchedNetwork branched =
      lcp::split_network(lcp::find_network(config.networks, served.network), served.split);
  std::vector<lcp::Layer> layers;
  for (std::size_t i = 0; i < branched.branch.size(); ++i)
    if (branched.branch.layer(i).weighted()) layers.push_back(branched.branch.layer(i));
  layers.push_back(branched.classifier);
  return layers;
}

struct Mean {
  double sum = 0, squares = 0;
  int count = 0;
  void add(double value) { sum += value, squares += value * value, ++count; }
  double mean() const { return sum / count; }
  double deviation() const { return std::sqrt(std::max(0.0, squares / count - mean() * mean())); }
};

struct PolicySums {
  Mean violations, antt, stp, switches;
};

ReplayTable model_table(const std::vector<RequestModel>& models) {
  ReplayTable table{"requests (cycles alone)", {"network", "layers", "mean", "sparsest input", "densest input"}, {}};
  for (const RequestModel& model : models) {
    std::vector<double> totals;
    for (const auto& sample : model.samples) {
      double total = 0;
      for (const std::uint64_t cycles : sample) total += double(cycles);
      totals.push_back(total);
    }
    table.rows.push_back({model.name, double(model.samples[0].size()), model.mean_total(),
                          *std::min_element(totals.begin(), totals.end()),
                          *std::max_element(totals.begin(), totals.end())});
  }
  return table;
}

/// Every policy over Dysta.
void add_ratios(const AcceleratorConfig& config, ReplayResult& result) {
  const auto figure = [&](const std::string& policy, const char* key) {
    return result.results[policy][key].get<double>();
  };
  if (!result.results.contains("dysta")) return;
  Json ratios = Json::object();
  for (const Dispatch policy : config.policies) {
    const std::string name(enum_name(policy));
    ratios[name]["antt"] = figure(name, "antt") / figure("dysta", "antt");
    if (figure("dysta", "violation_rate") > 0)
      ratios[name]["violation_rate"] = figure(name, "violation_rate") / figure("dysta", "violation_rate");
  }
  result.results["over_dysta"] = std::move(ratios);
}

}  // namespace

void validate(const AcceleratorConfig& config) {
  find_dataflow(config.dataflow).validate(config.hardware);
  for (const auto& [name, network] : config.networks) lcp::build_network(network);
  if (config.served.empty()) throw InputError("served: expected at least one network");
  if (config.activation_densities.empty()) throw InputError("activation_densities: expected at least one");
  if (config.seeds.empty() || config.policies.empty())
    throw InputError("seeds and policies: expected at least one each");
  if (config.arrivals.priorities.empty()) throw InputError("arrivals.priorities: expected at least one");
  for (const ServedNetwork& served : config.served)
    for (const lcp::Layer& layer : layers_of(config, served))
      if (layer.gemm.groups != 1) throw InputError("served " + served.name + ": depthwise layers are not supported");
}

std::vector<RequestModel> simulate_requests(const AcceleratorConfig& config) {
  const CatalogEntry& dataflow = find_dataflow(config.dataflow);
  std::vector<RequestModel> models;
  Random random(config.seed);
  for (const ServedNetwork& served : config.served) {
    RequestModel model{served.name, std::vector<std::vector<std::uint64_t>>(config.activation_densities.size())};
    for (const lcp::Layer& layer : layers_of(config, served)) {
      const auto a = std::make_shared<const Csr>(lcp::pruned_weights(layer, served.weight_density, random));
      for (std::size_t s = 0; s < config.activation_densities.size(); ++s) {
        const auto b =
            std::make_shared<const Csr>(lcp::unrolled_activations(layer, config.activation_densities[s], random));
        const Workload workload = make_workload(a, b, layer.config.name, "activations");
        model.samples[s].push_back(
            std::max<std::uint64_t>(1, dataflow.run(workload, config.hardware, {}).report.cycles));
      }
    }
    models.push_back(std::move(model));
  }
  return models;
}

ReplayResult replay_accelerator(const AcceleratorConfig& config, ActivitySink* timeline) {
  validate(config);
  const std::vector<RequestModel> models = simulate_requests(config);
  ReplayResult result;
  result.title =
      "Requests for pruned networks on one accelerator (" + config.hardware.machine.name + ", " + config.dataflow + ")";
  result.notes = {"preemption between layers; schedulers know mean times, not those of the request's own input",
                  "violations: share of requests beyond their deadline; ANTT: mean turnaround over time alone",
                  "STP: isolated time served per cycle"};
  ReplayTable table{"policies, mean over " + std::to_string(config.seeds.size()) + " streams",
                    {"policy", "violations", "+-", "ANTT", "+-", "STP", "switches"},
                    {}};
  for (const Dispatch policy : config.policies) {
    PolicySums sums;
    for (const std::uint64_t seed : config.seeds) {
      const std::vector<Request> requests = draw_requests(models, config.arrivals, seed);
      const DispatchResult run = run_requests(models, requests, policy, config.dispatch, timeline);
      timeline = nullptr;
      sums.violations.add(run.violation_rate);
      sums.antt.add(run.antt);
      sums.stp.add(run.stp);
      sums.switches.add(double(run.switches));
    }
    const std::string name(enum_name(policy));
    table.rows.push_back({name, sums.violations.mean(), sums.violations.deviation(), sums.antt.mean(),
                          sums.antt.deviation(), sums.stp.mean(), sums.switches.mean()});
    result.results[name] = {{"violation_rate", sums.violations.mean()},
                            {"antt", sums.antt.mean()},
                            {"stp", sums.stp.mean()},
                            {"switches", sums.switches.mean()}};
  }
  add_ratios(config, result);
  ReplayFigure figure;
  figure.title = "Mean turnaround over time alone (ANTT)";
  figure.x_label = "policy";
  figure.y_label = "ANTT (x)";
  figure.series.push_back({"ANTT", {}, {}});
  for (const auto& row : table.rows) {
    figure.categories.push_back(std::get<std::string>(row[0]));
    figure.series[0].y.push_back(std::get<double>(row[3]));
  }
  result.figures.push_back(std::move(figure));
  result.tables = {model_table(models), std::move(table)};
  return result;
}

}  // namespace heddle::robot
