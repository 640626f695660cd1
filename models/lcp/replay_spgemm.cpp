#include "models/lcp/replay_spgemm.h"

#include <algorithm>
#include <memory>

#include "dataflows/dataflow.h"
#include "models/lcp/im2col.h"
#include "models/lcp/replay_helpers.h"

namespace heddle::lcp {
namespace {

struct CaseTotals {
  std::map<std::string, std::uint64_t> cycles;  ///< by dataflow, and "best" per layer
  std::uint64_t products = 0;
  std::size_t layers = 0, left_out = 0;
};

std::vector<Layer> layers_of(const SparseConfig& config, const SparseCase& c) {
  const BranchedNetwork branched = split_network(find_network(config.networks, c.network), c.split);
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < branched.branch.size(); ++i) layers.push_back(branched.branch.layer(i));
  layers.push_back(branched.classifier);
  std::erase_if(layers, [&](const Layer& layer) {
    const bool wanted =
        c.layers.empty() || std::find(c.layers.begin(), c.layers.end(), layer.config.name) != c.layers.end();
    return !wanted || !layer.weighted() || layer.gemm.groups != 1;
  });
  if (layers.empty()) throw InputError("case " + c.network + ": `layers` names none of its layers with weights");
  return layers;
}

/// Runs one layer on all dataflows and adds its row.
void run_layer(const SparseConfig& config, const SparseCase& c, const Layer& layer, Random& random, CaseTotals& totals,
               ReplayTable& table) {
  const auto a = std::make_shared<const Csr>(pruned_weights(layer, c.weight_density, random));
  const auto b = std::make_shared<const Csr>(unrolled_activations(layer, c.activation_density, random));
  const std::string name = c.network + " " + to_text(c.split) + " " + layer.config.name;
  const Workload workload = make_workload(a, b, name + " weights", name + " activations");
  if (workload.products > config.most_products) {
    ++totals.left_out;
    table.rows.push_back({name, double(workload.products), std::string("not run"), std::string("-"), std::string("-"),
                          std::string("-")});
    return;
  }
  std::vector<ReplayTable::Cell> cells = {name, double(workload.products)};
  std::uint64_t best = kNever;
  std::string winner;
  for (const CatalogEntry& entry : catalog()) {
    const std::uint64_t cycles = entry.run(workload, config.hardware, {}).report.cycles;
    totals.cycles[std::string(entry.name)] += cycles;
    cells.emplace_back(double(cycles));
    if (cycles < best) best = cycles, winner = entry.name;
  }
  totals.cycles["best"] += best;
  totals.products += workload.products;
  ++totals.layers;
  cells.emplace_back(winner);
  table.rows.push_back(std::move(cells));
}

}  // namespace

void validate(const SparseConfig& config) {
  for (const CatalogEntry& entry : catalog()) entry.validate(config.hardware);
  for (const auto& [name, network] : config.networks) build_network(network);
  if (config.cases.empty()) throw InputError("cases: expected at least one");
  for (const SparseCase& c : config.cases) layers_of(config, c);
}

ReplayResult replay_sparse(const SparseConfig& config, ActivitySink* /*timeline*/) {
  validate(config);
  ReplayResult result;
  result.title = "LCP: unstructured pruned layers as sparse products on " + config.hardware.machine.name;
  result.notes = {"weights pruned independently, activations sparse independently, convolutions unrolled (im2col)",
                  "every layer starts with cold caches; conversion between CSR and CSC as the machine says"};
  ReplayTable table{"cycles", {"layer", "products"}, {}};
  for (const CatalogEntry& entry : catalog()) table.headers.emplace_back(entry.name);
  table.headers.emplace_back("fastest");
  ReplayTable sums{
      "sums over the layers run",
      {"case", "layers", "products", "best per layer\ncycles", "best fixed\ncycles", "gain of choosing per layer"},
      {}};
  Random random(config.seed);
  for (const SparseCase& c : config.cases) {
    CaseTotals totals;
    for (const Layer& layer : layers_of(config, c)) run_layer(config, c, layer, random, totals, table);
    std::uint64_t fixed = kNever;
    for (const CatalogEntry& entry : catalog())
      if (totals.layers > 0) fixed = std::min(fixed, totals.cycles[std::string(entry.name)]);
    if (totals.layers == 0) continue;
    const std::string key = c.network + "." + to_text(c.split);
    const double gain = double(fixed) / double(totals.cycles["best"]);
    sums.rows.push_back(
        {key, double(totals.layers), double(totals.products), double(totals.cycles["best"]), double(fixed), gain});
    result.results[key] = {{"layers", totals.layers},
                           {"left_out", totals.left_out},
                           {"products", totals.products},
                           {"best_fixed_cycles", fixed},
                           {"gain", gain}};
    for (const auto& [name, cycles] : totals.cycles) result.results[key]["cycles"][name] = cycles;
  }
  ReplayFigure figure;
  figure.title = "Cycles of pruned layers by dataflow";
  figure.x_label = "layer";
  figure.y_label = "cycles";
  figure.log_y = true;
  for (const CatalogEntry& entry : catalog()) figure.series.push_back({std::string(entry.name), {}, {}});
  for (const auto& row : table.rows) {
    if (!std::holds_alternative<double>(row[2])) continue;
    figure.categories.push_back(std::get<std::string>(row[0]));
    for (std::size_t d = 0; d < figure.series.size(); ++d) figure.series[d].y.push_back(std::get<double>(row[2 + d]));
  }
  result.figures.push_back(std::move(figure));
  result.tables = {std::move(table), std::move(sums)};
  return result;
}

}  // namespace heddle::lcp
