#include <algorithm>

#include "models/lcp/replay.h"
#include "models/lcp/replay_helpers.h"

namespace heddle::lcp {
namespace {

struct CaseRun {
  const ClusterCase* config;
  ClusterResult result;
};

TaskGraph tasks_of(const ClusterConfig& config, const ClusterCase& c) {
  PartitionRequest request{c.partition, c.devices, c.split, c.groups, c.host_classifier, config.wire};
  TaskGraph graph;
  try {
    graph = make_tasks(find_network(config.networks, c.network, c.place), request);
  } catch (const InputError& error) {
    throw InputError((c.place.empty() ? "" : c.place + ": ") + "case " + quote(c.name) + ": " + error.what());
  }
  if (c.list_schedule) place_by_list_scheduling(graph, c.devices, config.device, config.link);
  return graph;
}

ClusterResult run_case(const ClusterConfig& config, const ClusterCase& c, ActivitySink* timeline) {
  Cluster cluster;
  cluster.devices = c.devices;
  cluster.device = config.device;
  cluster.link = config.link;
  cluster.straggler = config.straggler;
  cluster.stream = config.stream;
  cluster.rotate = c.partition == Partition::data_parallel;
  try {
    return replay_cluster(tasks_of(config, c), cluster, timeline);
  } catch (const InputError& error) {
    throw InputError((c.place.empty() ? "" : c.place + ": ") + "case " + quote(c.name) + ": " + error.what());
  }
}

/// A published figure, 0 for none, as a cell.
ReplayTable::Cell printed(double published) {
  if (published == 0) return "-";
  return published;
}

void add_row(ReplayResult& result, const std::string& key, const std::string& what, const std::string& unit,
             double ours, double published, double tolerance, const std::string& basis) {
  if (published == 0) return;
  ReplayRow row{key, what, unit, ours, published, {}, basis};
  if (tolerance > 0) row.tolerance = tolerance;
  result.rows.push_back(std::move(row));
}

void add_rows(const ClusterConfig& config, const CaseRun& run, ReplayResult& result) {
  const ClusterCase& c = *run.config;
  add_row(result, c.name + ".latency_ms", c.name + ": latency", "ms", run.result.latency_ms, c.published_ms,
          c.tolerance, c.basis);
  add_row(result, c.name + ".slowest_ms", c.name + ": slowest", "ms", run.result.slowest_ms, c.published_max_ms, 0,
          "of the images; no stragglers unless configured");
  add_row(result, c.name + ".stdev_ms", c.name + ": standard deviation", "ms", run.result.stdev_ms,
          c.published_stdev_ms, 0, c.basis);
  add_row(result, c.name + ".energy_j", c.name + ": energy", "J", run.result.energy_j, c.published_j, 0,
          "our latency x power of all devices");
  if (c.published_j > 0 && c.published_ms > 0)
    add_row(result, c.name + ".energy_of_published_latency_j", c.name + ": published latency x devices x power", "J",
            c.published_ms / 1e3 * c.devices * config.device.power_active_w, c.published_j, c.energy_tolerance,
            "arithmetic on the published latency, one power for all");
}

Json case_json(const ClusterResult& r) {
  return {{"latency_ms", r.latency_ms}, {"slowest_ms", r.slowest_ms},
          {"stdev_ms", r.stdev_ms},     {"finished", r.finished},
          {"dropped", r.dropped},       {"images_per_second", r.images_per_second},
          {"energy_j", r.energy_j},     {"communication_ms", r.communication_ms},
          {"messages", r.messages},     {"message_bytes", r.message_bytes},
          {"busy_ms", r.busy_ms},       {"memory_bytes", r.memory_bytes}};
}

const CaseRun& find_case(const std::vector<CaseRun>& runs, const std::string& name) {
  std::vector<std::string_view> names;
  for (const CaseRun& run : runs) {
    if (run.config->name == name) return run;
    names.push_back(run.config->name);
  }
  throw InputError("orderings: " + unknown_word("case", name, names));
}

void add_orderings(const ClusterConfig& config, const std::vector<CaseRun>& runs, ReplayResult& result) {
  if (config.orderings.empty()) return;
  ReplayTable table{"orderings", {"faster", "slower", "ours: slower / faster", "published", "holds"}, {}};
  std::uint64_t held = 0;
  for (const Ordering& ordering : config.orderings) {
    const CaseRun &less = find_case(runs, ordering.less), &than = find_case(runs, ordering.than);
    const double ratio = than.result.latency_ms / less.result.latency_ms;
    const bool known = less.config->published_ms > 0 && than.config->published_ms > 0;
    const double published = known ? than.config->published_ms / less.config->published_ms : 0;
    if (ratio > 1) ++held;
    table.rows.push_back(
        {ordering.less, ordering.than, ratio, printed(published), std::string(ratio > 1 ? "yes" : "NO")});
    result.results["ratios"][ordering.than + " over " + ordering.less] = ratio;
  }
  result.results["orderings"] = config.orderings.size();
  result.results["orderings_held"] = held;
  result.tables.push_back(std::move(table));
}

ReplayFigure latency_figure(const std::string& title, const std::vector<CaseRun>& runs) {
  ReplayFigure figure;
  figure.title = title;
  figure.x_label = "case";
  figure.y_label = "latency (ms)";
  figure.log_y = true;
  figure.series = {{"ours", {}, {}}, {"published", {}, {}}};
  for (const CaseRun& run : runs) {
    figure.categories.push_back(run.config->name);
    figure.series[0].y.push_back(run.result.latency_ms);
    figure.series[1].y.push_back(run.config->published_ms);
  }
  return figure;
}

}  // namespace

void read_value(const ConfigPlace& at, ClusterCase& value) {
  ConfigReader reader(at.node, at.path);
  describe(reader, value);
  reader.finish();
  value.place = at.node.where();
}

void validate(const ClusterConfig& config) {
  for (const auto& [name, network] : config.networks) build_network(network);
  if (config.cases.empty()) throw InputError("cases: expected at least one");
  std::vector<std::string> names;
  for (const ClusterCase& c : config.cases) {
    if (c.name.empty() || std::find(names.begin(), names.end(), c.name) != names.end())
      throw InputError((c.place.empty() ? "" : c.place + ": ") + "case " + quote(c.name) +
                       ": expected a name of its own");
    names.push_back(c.name);
    tasks_of(config, c);
  }
}

ReplayResult replay_clusters(const ClusterConfig& config, ActivitySink* timeline) {
  validate(config);
  ReplayResult result;
  result.title = config.title.empty() ? "LCP: branches on a cluster of devices" : config.title;
  std::vector<CaseRun> runs;
  ReplayTable table{"cases",
                    {"case", "devices", "latency\nms", "published\nms", "medium busy\nms", "messages", "kB", "images/s",
                     "dropped", "energy\nJ", "largest device\nMB"},
                    {}};
  for (const ClusterCase& c : config.cases) {
    runs.push_back({&c, run_case(config, c, runs.empty() ? timeline : nullptr)});
    const ClusterResult& r = runs.back().result;
    const double largest = double(*std::max_element(r.memory_bytes.begin(), r.memory_bytes.end() - 1)) / 1e6;
    table.rows.push_back({c.name, double(c.devices), r.latency_ms, printed(c.published_ms), r.communication_ms,
                          double(r.messages), r.message_bytes / 1e3, r.images_per_second, double(r.dropped), r.energy_j,
                          largest});
    add_rows(config, runs.back(), result);
    result.results[c.name] = case_json(r);
    if (c.published_ms > 0)
      result.results[c.name]["energy_of_published_latency_j"] =
          c.published_ms / 1e3 * c.devices * config.device.power_active_w;
  }
  result.tables.push_back(std::move(table));
  add_orderings(config, runs, result);
  result.figures.push_back(latency_figure(result.title, runs));
  return result;
}

}  // namespace heddle::lcp
