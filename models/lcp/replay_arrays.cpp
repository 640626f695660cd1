#include <algorithm>

#include "models/lcp/replay.h"
#include "models/lcp/replay_helpers.h"

namespace heddle::lcp {
namespace {

struct Variant {
  std::uint32_t branches;
  double fattening;
  const char* name;
};
constexpr Variant kVariants[] = {{1, 1, "one"}, {2, 1, "s2"}, {4, 1, "s4"}, {8, 1, "s8"}, {8, 1.4, "s8-f40"}};
constexpr std::size_t kVariantCount = 5;

/// One branch, then the classifier on the final node; no communication. One branch is the network.
std::vector<Layer> layers_of(const NetworkConfig& network, const Variant& variant, Merge merge) {
  SplitConfig split;
  split.branches = variant.branches;
  split.fattening = variant.fattening;
  split.merge = merge;
  const BranchedNetwork branched = split_network(network, split);
  std::vector<Layer> layers = weighted_layers(branched.branch);
  layers.push_back(branched.classifier);
  return layers;
}

/// The five bars of a network on one array.
struct Bars {
  std::vector<ArrayRun> runs;
  double speedup(std::size_t v) const { return runs[0].seconds / runs[v].seconds; }
};
Bars run_bars(const ArrayConfig& array, const NetworkConfig& network, Merge merge, ActivitySink* timeline = nullptr) {
  Bars bars;
  for (const Variant& variant : kVariants) {
    bars.runs.push_back(run_array(array, layers_of(network, variant, merge), timeline));
    timeline = nullptr;
  }
  return bars;
}

void add_speedup_rows(const ArrayCase& c, const Bars& bars, ReplayResult& result) {
  for (std::size_t v = 1; v < kVariantCount && v <= c.published_speedups.size(); ++v) {
    ReplayRow row{c.network + "." + kVariants[v].name + ".speedup",
                  c.network + " " + kVariants[v].name + ": speed-up over one device",
                  "x",
                  bars.speedup(v),
                  c.published_speedups[v - 1],
                  {},
                  v == 4 ? "no count of work gives the published f40 cells" : "tiling alone, no parameter fitted"};
    if (c.tolerance > 0 && v < 4) row.tolerance = c.tolerance;
    result.rows.push_back(std::move(row));
  }
}

/// What the published milliseconds would mean, against the peaks.
void add_peak_check(const ArrayCase& c, const Network& network, const ArrayConfig& array, ReplayTable& table,
                    ReplayResult& result) {
  if (c.published_ms.empty()) return;
  const double macs = c.published_macs > 0 ? c.published_macs : double(network.totals().macs);
  const double implied = 2 * macs / (c.published_ms[0] / 1e3);
  const ArrayPeaks peaks = peaks_of(array);
  const double weights = double(network.totals().parameters) * array.word_bits / 8 / (c.published_ms[0] / 1e3);
  const bool above = implied > peaks.lowest() || weights > double(array.bandwidth.bytes_per_second);
  table.rows.push_back({c.network, c.published_ms[0], implied / 1e9, peaks.lowest() / 1e9, weights / 1e9,
                        std::string(above ? "above its own peak" : "possible")});
  result.results["implied"][c.network] = {
      {"operations_per_second", implied}, {"weight_bytes_per_second", weights}, {"above_peak", above ? 1 : 0}};
}

void add_model_parallel(const ArrayCase& c, const Bars& bars, ReplayTable& table, ReplayResult& result) {
  if (c.model_parallel_ms.size() != 2 || c.branches_ms.size() != 2) return;
  const double ours =
      geomean({bars.runs[0].seconds / 4 / bars.runs[2].seconds, bars.runs[0].seconds / 8 / bars.runs[3].seconds});
  const double printed =
      geomean({c.model_parallel_ms[0] / c.branches_ms[0], c.model_parallel_ms[1] / c.branches_ms[1]});
  table.rows.push_back({c.network, printed, ours});
  result.results["model_parallel"][c.network] = {{"published_geomean", printed}, {"ours", ours}};
}

/// Geometric means over all bars, the baselines of 1.0 among them, as the paper's "average 7x" is.
void add_geomeans(const ArraysConfig& config, const std::vector<Bars>& all, ReplayResult& result) {
  std::vector<double> published, ours;
  double most_published = 0, most_ours = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    published.push_back(1);
    ours.push_back(1);
    for (std::size_t v = 1; v < kVariantCount && v <= config.cases[i].published_speedups.size(); ++v) {
      published.push_back(config.cases[i].published_speedups[v - 1]);
      ours.push_back(all[i].speedup(v));
      most_published = std::max(most_published, published.back());
      most_ours = std::max(most_ours, ours.back());
    }
  }
  const CompressionConfig& compression = config.compression;
  const double mean = geomean(published), q = compression.published_quantised, p = compression.published_pruned;
  result.results["geomean"] = {{"cells", published.size()},
                               {"published", mean},
                               {"published_quantised", mean * q},
                               {"published_pruned", mean * p},
                               {"published_both", mean * compression.published_both},
                               {"published_maximum", most_published},
                               {"published_maximum_both", most_published * compression.published_both},
                               {"ours", geomean(ours)},
                               {"ours_maximum", most_ours}};
  const auto row = [&](const char* key, const char* what, double value, double printed, const char* basis) {
    result.rows.push_back({std::string("geomean.") + key, what, "x", value, printed, {}, basis});
  };
  row("published_cells", "geomean of the published cells", mean, 7.35,
      "arithmetic on the published cells, baselines of 1.0 included");
  row("published_quantised", "the same, quantised", mean * q, 14.41, "arithmetic: times the published 1.96");
  row("published_pruned", "the same, pruned", mean * p, 16.31, "arithmetic: times the published 2.2");
  row("published_both", "the same, both", mean * compression.published_both, 32.62,
      "arithmetic: times the published 4.31");
  row("ours", "geomean of our cells", geomean(ours), 7.35, "simulated");
}

void add_compression(const ArraysConfig& config, ReplayResult& result) {
  const CompressionConfig& c = config.compression;
  ReplayTable table{"quantisation and structured pruning of the original networks (speed-up)",
                    {"network", "quantised", "pruned", "both", "pruned, convolutions only"},
                    {}};
  std::vector<double> quantised, pruned, both, convs;
  for (const ArrayCase& network_case : config.cases) {
    const Network network = build_network(find_network(config.networks, network_case.network));
    const std::vector<Layer> layers = weighted_layers(network);
    std::vector<Layer> convolutions;
    for (const Layer& layer : layers)
      if (layer.config.kind == LayerKind::conv) convolutions.push_back(layer);
    ArrayConfig base = config.array, q = config.array, p = config.array, qp = config.array;
    base.word_bits = p.word_bits = c.base_word_bits;
    p.conv_weights_kept = qp.conv_weights_kept = c.conv_weights_kept;
    const double time = run_array(base, layers).seconds;
    quantised.push_back(time / run_array(q, layers).seconds);
    pruned.push_back(time / run_array(p, layers).seconds);
    both.push_back(time / run_array(qp, layers).seconds);
    convs.push_back(run_array(base, convolutions).seconds / run_array(p, convolutions).seconds);
    table.rows.push_back({network_case.network, quantised.back(), pruned.back(), both.back(), convs.back()});
  }
  table.rows.push_back({std::string("geomean"), geomean(quantised), geomean(pruned), geomean(both), geomean(convs)});
  result.tables.push_back(std::move(table));
  const auto row = [&](const char* key, double ours, double published, const char* basis) {
    if (published == 0) return;
    ReplayRow r{
        std::string("compression.") + key, std::string("original networks, ") + key, "x", ours, published, {}, basis};
    if (c.tolerance > 0) r.tolerance = c.tolerance;
    result.rows.push_back(std::move(r));
    result.results["compression"][key] = ours;
  };
  row("quantised", geomean(quantised), c.published_quantised, "32 to 16 bit words: the stream is bound by bandwidth");
  row("pruned", geomean(pruned), c.published_pruned, "convolutions pruned, fully connected layers not");
  row("both", geomean(both), c.published_both, "both");
  result.results["compression"]["pruned_convolutions_only"] = geomean(convs);
}

void add_presets(const ArraysConfig& config, ReplayResult& result) {
  ReplayTable table{"arrays",
                    {"array", "compute peak\nGOP/s", "bandwidth peak\nGOP/s", "one vector\ncycles", "power\nmW",
                     "area\nmm2", config.cases[0].network + " s8\nms"},
                    {}};
  const auto add = [&](const std::string& name, const ArrayConfig& array) {
    const ArrayPeaks peaks = peaks_of(array);
    const double power = array.power_interconnect_mw + array.power_switching_mw + array.power_leakage_mw;
    const ArrayRun run = run_array(
        array, layers_of(find_network(config.networks, config.cases[0].network), kVariants[3], config.cases[0].merge));
    table.rows.push_back({name, peaks.compute / 1e9, peaks.bandwidth / 1e9, double(1 + reduction_latency(array)), power,
                          array.area_mm2, run.seconds * 1e3});
    result.results["arrays"][name] = {{"compute_peak", peaks.compute},
                                      {"bandwidth_peak", peaks.bandwidth},
                                      {"reduction_latency", reduction_latency(array)},
                                      {"power_mw", power},
                                      {"area_mm2", array.area_mm2},
                                      {"s8_ms", run.seconds * 1e3},
                                      {"operations_per_second", run.operations_per_second}};
  };
  add("array", config.array);
  for (const auto& [name, array] : config.presets) add(name, array);
  result.tables.push_back(std::move(table));
}

/// The least speed-up of each split, how many networks are slower when fattened, and how many of the pairs of networks
/// come in the published order at s8.
void add_shape(const ArraysConfig& config, const std::vector<Bars>& all, ReplayResult& result) {
  for (std::size_t v = 1; v < kVariantCount; ++v) {
    double least = all[0].speedup(v);
    for (const Bars& bars : all) least = std::min(least, bars.speedup(v));
    result.results["least_speedup"][kVariants[v].name] = least;
  }
  std::uint64_t slower = 0, ordered = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].speedup(4) < all[i].speedup(3)) ++slower;
    for (std::size_t j = 0; j < i; ++j) {
      const auto printed = [&](std::size_t n) {
        return config.cases[n].published_speedups.size() > 2 ? config.cases[n].published_speedups[2] : 0;
      };
      if ((all[i].speedup(3) > all[j].speedup(3)) == (printed(i) > printed(j))) ++ordered;
    }
  }
  result.results["f40_slower"] = slower;
  result.results["order_at_s8"] = ordered;
}

ReplayFigure speedup_figure(const ArraysConfig& config, const std::vector<Bars>& all) {
  ReplayFigure figure;
  figure.title = "Speed-up over one device by splits";
  figure.x_label = "network and split";
  figure.y_label = "speed-up (x)";
  figure.series = {{"ours", {}, {}}, {"published", {}, {}}};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t v = 1; v < kVariantCount; ++v) {
      const std::vector<double>& printed = config.cases[i].published_speedups;
      figure.categories.push_back(config.cases[i].network + " " + kVariants[v].name);
      figure.series[0].y.push_back(all[i].speedup(v));
      figure.series[1].y.push_back(v <= printed.size() ? printed[v - 1] : 0);
    }
  return figure;
}

}  // namespace

void validate(const ArraysConfig& config) {
  for (const auto& [name, network] : config.networks) build_network(network);
  if (config.cases.empty()) throw InputError("cases: expected at least one");
  for (const ArrayCase& c : config.cases) find_network(config.networks, c.network);
}

ReplayResult replay_arrays(const ArraysConfig& config, ActivitySink* timeline) {
  validate(config);
  ReplayResult result;
  result.title =
      "LCP: the tailored array, " + std::to_string(config.array.width) + " x " + std::to_string(config.array.depth);
  result.notes = {
      "speed-up: the whole network on one array over one branch and the classifier on one array each; no communication",
      "the paper's milliseconds are above its own peaks (last table); ratios are compared, never milliseconds",
      "model parallelism in the paper's figure is ideal division of one device's time"};
  ReplayTable times{"our milliseconds", {"network", "one", "s2", "s4", "s8", "s8-f40", "GOP/s of one"}, {}};
  ReplayTable peaks{"published milliseconds against the array's own peaks",
                    {"network", "published\nms", "implied\nGOP/s", "peak\nGOP/s", "weights alone\nGB/s", "verdict"},
                    {}};
  ReplayTable parallel{
      "over model parallelism (geomean of 4 and 8 devices)", {"network", "published bars", "ours"}, {}};
  std::vector<Bars> all;
  for (const ArrayCase& c : config.cases) {
    const NetworkConfig& network = find_network(config.networks, c.network);
    all.push_back(run_bars(config.array, network, c.merge, all.empty() ? timeline : nullptr));
    std::vector<ReplayTable::Cell> cells = {c.network};
    for (std::size_t v = 0; v < kVariantCount; ++v) {
      cells.emplace_back(all.back().runs[v].seconds * 1e3);
      result.results["milliseconds"][c.network][kVariants[v].name] = all.back().runs[v].seconds * 1e3;
      result.results["speedups"][c.network][kVariants[v].name] = all.back().speedup(v);
    }
    cells.emplace_back(all.back().runs[0].operations_per_second / 1e9);
    times.rows.push_back(std::move(cells));
    add_speedup_rows(c, all.back(), result);
    add_peak_check(c, build_network(network), config.array, peaks, result);
    add_model_parallel(c, all.back(), parallel, result);
  }
  result.tables = {std::move(times), std::move(parallel)};
  result.figures.push_back(speedup_figure(config, all));
  add_shape(config, all, result);
  add_geomeans(config, all, result);
  add_compression(config, result);
  add_presets(config, result);
  result.tables.push_back(std::move(peaks));
  return result;
}

}  // namespace heddle::lcp
