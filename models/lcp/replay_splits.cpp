#include "models/lcp/replay.h"
#include "models/lcp/replay_helpers.h"

namespace heddle::lcp {
namespace {

ReplayTable layer_table(const Network& network) {
  ReplayTable table{"layers of " + network.name, {"layer", "kind", "output", "parameters", "MACs"}, {}};
  for (std::size_t i = 0; i < network.size(); ++i) {
    const Layer& layer = network.layer(i);
    table.rows.push_back({layer.config.name, std::string(enum_name(layer.config.kind)), to_text(layer.output),
                          double(layer.parameters), double(layer.macs)});
  }
  return table;
}

void add_rows(const SplitCase& c, const std::string& key, const Totals& totals, ReplayResult& result) {
  const auto row = [&](const char* what, double ours, double published, double tolerance) {
    if (published == 0) return;
    ReplayRow r{key + "." + what, c.network + " " + to_text(c.split) + " " + what, "", ours, published, {}, {}};
    if (tolerance > 0) r.tolerance = tolerance;
    r.basis = c.published.note;
    result.rows.push_back(std::move(r));
  };
  row("parameters", double(totals.parameters), c.published.parameters, c.published.parameters_tolerance);
  row("macs", double(totals.macs), c.published.macs, c.published.macs_tolerance);
}

void add_case(const SplitsConfig& config, const SplitCase& c, ReplayTable& table, ReplayResult& result) {
  const BranchedNetwork branched = split_network(find_network(config.networks, c.network), c.split);
  const Totals totals = branched.totals(), branch = branched.branch_totals(), whole = branched.whole.totals();
  const std::string key = c.network + "." + to_text(c.split) + (c.split.merge == Merge::concat ? ".concat" : "");
  const ConnectedPairs pairs = connected_pairs(branched.whole, c.split.branches);
  const double input = double(branched.whole.input.values());
  table.rows.push_back({key, double(totals.parameters), double(totals.macs), double(branch.parameters),
                        double(branch.macs), double(whole.parameters) / double(totals.parameters),
                        double(whole.macs) / double(totals.macs)});
  result.results[key] = {{"parameters", totals.parameters},
                         {"macs", totals.macs},
                         {"branch_parameters", branch.parameters},
                         {"branch_macs", branch.macs},
                         {"branch_bytes", 4 * branch.parameters},
                         {"parameter_reduction", double(whole.parameters) / double(totals.parameters)},
                         {"mac_reduction", double(whole.macs) / double(totals.macs)},
                         {"pairs_model_parallel", pairs.model_parallel},
                         {"pairs_branches", pairs.branches},
                         {"pair_ratio", double(pairs.model_parallel) / double(pairs.branches)},
                         {"traffic_values", c.split.branches * input + double(branched.merged_values())}};
  add_rows(c, key, totals, result);
}

/// The smallest split whose branch fits the device, of every network.
ReplayTable fitted_table(const SplitsConfig& config, ReplayResult& result) {
  ReplayTable table{"splitter: divide by 2 until " + to_text(config.device_memory) + " and " +
                        std::to_string(config.device_macs) + " MACs hold a branch",
                    {"network", "branches", "bytes per branch", "MACs per branch"},
                    {}};
  for (const auto& [name, network] : config.networks) {
    SplitConfig split;
    const Budget budget{config.device_memory.count, config.device_macs};
    const BranchedNetwork fitted = split_to_fit(network, split, budget, 2, 4);
    const Totals branch = fitted.branch_totals();
    table.rows.push_back({name, double(fitted.split.branches), double(4 * branch.parameters), double(branch.macs)});
    result.results["fitted"][name] = fitted.split.branches;
  }
  return table;
}

}  // namespace

void validate(const SplitsConfig& config) {
  for (const auto& [name, network] : config.networks) build_network(network);
  for (const SplitCase& c : config.cases) find_network(config.networks, c.network);
}

ReplayResult replay_splits(const SplitsConfig& config, ActivitySink* /*timeline*/) {
  validate(config);
  ReplayResult result;
  result.title = "LCP: networks cut into branches without connections between them";
  result.notes = {"weights and biases; widths of a branch are round(width x fattening / branches), ties to even",
                  "pair_ratio: pairs of devices that exchange data, model parallelism over branches"};
  if (config.list_layers)
    for (const auto& [name, network] : config.networks) result.tables.push_back(layer_table(build_network(network)));
  ReplayTable table{"branches",
                    {"case", "parameters", "MACs", "per branch", "MACs per branch", "fewer parameters", "fewer MACs"},
                    {}};
  ReplayFigure figure;
  figure.title = "Parameters of all branches together";
  figure.x_label = "case";
  figure.y_label = "parameters";
  figure.log_y = true;
  figure.series = {{"ours", {}, {}}, {"published", {}, {}}};
  for (const SplitCase& c : config.cases) {
    add_case(config, c, table, result);
    figure.categories.push_back(c.network + " " + to_text(c.split));
    figure.series[0].y.push_back(std::get<double>(table.rows.back()[1]));
    figure.series[1].y.push_back(c.published.parameters);
  }
  result.figures.push_back(std::move(figure));
  result.tables.push_back(std::move(table));
  result.tables.push_back(fitted_table(config, result));
  return result;
}

}  // namespace heddle::lcp
