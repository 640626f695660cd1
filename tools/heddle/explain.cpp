// How the bottleneck is named. Every resource gets the part of the run it is responsible for, from the report's own
// accounts; twice of it takes half of that part away, but never gets below what the other resources need.
//
//   row-wise        merger time is the PEs' busy share; waiting for memory is everything but busy, idle and on-chip
//   causes outer product   bytes over peak bandwidth bind all three phases; more SRAM keeps more partials from spilling
//   inner product   compute is the array's busy share; twice the multipliers make half the folds, so half the scans and
//                   half the re-streaming; more SRAM pins more of B
#include "tools/heddle/explain.h"

#include <algorithm>

#include "dataflows/bounds.h"
#include "tools/heddle/table.h"

namespace heddle {
namespace {

/// Part of the peak that traffic of mixed reads and writes reaches before it is the limit.
constexpr double kReachable = 0.85;

/// Everything as a fraction of the run's cycles.
struct Shares {
  double busy = 0, idle = 0, no_work = 0;
  double dram = 0;         ///< dram_queue, dram_timing, refresh
  double dram_timing = 0;  ///< part of it: the DRAM is at work on the line
  double on_chip = 0;      ///< port, cache_latency, network, merge_order
  double output = 0;       ///< output_full
  double phase = 0;        ///< barrier, reconfigure
};

double over(double part, double whole) {
  return whole == 0 ? 0 : part / whole;
}

Shares shares_of(const RunReport& report, const std::string& group) {
  Shares shares;
  const auto found = report.stalls.find(group);
  if (found == report.stalls.end()) return shares;
  const GroupStalls& g = found->second;
  const double total = static_cast<double>(g.total());
  const auto cause = [&](Cause c) {
    double cycles = 0;
    for (const auto& tensor : g.stalls) cycles += static_cast<double>(tensor[static_cast<std::size_t>(c)]);
    return over(cycles, total);
  };
  shares.busy = over(static_cast<double>(g.busy), total);
  shares.idle = over(static_cast<double>(g.idle), total);
  shares.no_work = over(static_cast<double>(g.no_work), total);
  shares.dram_timing = cause(Cause::dram_timing);
  shares.dram = shares.dram_timing + cause(Cause::dram_queue) + cause(Cause::refresh);
  shares.on_chip = cause(Cause::port) + cause(Cause::cache_latency) + cause(Cause::network) + cause(Cause::merge_order);
  shares.output = cause(Cause::output_full);
  shares.phase = cause(Cause::barrier) + cause(Cause::reconfigure);
  return shares;
}

double sram_port_utilisation(const RunReport& r) {
  const double bytes = static_cast<double>(r.sram_bytes.read + r.sram_bytes.write);
  return over(bytes, 64.0 * static_cast<double>(r.resources.sram_ports) * static_cast<double>(r.cycles));
}

/// What is left of the run, as a fraction, with twice of each resource.
struct Left {
  double bandwidth = 1, latency = 1, requests = 1, capacity = 1, ports = 1, mergers = 1, multipliers = 1, scan = 1;

  double of(std::string_view name) const {
    if (name == "dram_bandwidth") return bandwidth;
    if (name == "dram_latency") return latency;
    if (name == "requests") return requests;
    if (name == "sram_capacity") return capacity;
    if (name == "sram_ports") return ports;
    if (name == "mergers") return mergers;
    if (name == "multipliers") return multipliers;
    return scan;
  }
};

/// Row-wise with windows: the arrays wait for lines of B, or work.
Left windows_left(const RunReport& r) {
  const Shares array = shares_of(r, "array"), pe = shares_of(r, "pe");
  const double bandwidth_needs = std::min(1.0, r.bandwidth_utilisation / kReachable);
  Left left;
  left.bandwidth = 1 - 0.5 * bandwidth_needs * bandwidth_needs;
  left.latency = left.requests = 1 - 0.5 * array.dram * (1 - bandwidth_needs);
  left.mergers = 1 - 0.5 * pe.busy * pe.busy;
  left.multipliers = 1 - 0.5 * array.busy * (1 - 0.5 * bandwidth_needs);
  return left;
}

Left row_wise_left(const RunReport& r, const Workload& w, const Config& config) {
  if (config.row_wise.merge == RowMerge::windows) return windows_left(r);
  const Shares pe = shares_of(r, "pe");
  const double memory = pe.dram + pe.no_work + pe.output + 0.5 * pe.on_chip;
  const double bandwidth_needs = r.bandwidth_utilisation / kReachable;
  const double total_bytes = static_cast<double>(r.dram_bytes.total());
  const double b_once = static_cast<double>(w.touched_b_nnz * config.layout.element_bytes());
  const double again = std::max(0.0, static_cast<double>(r.dram_bytes.b) - b_once) +
                       static_cast<double>(r.dram_bytes.partial_read + r.dram_bytes.partial_write);
  Left left;
  left.bandwidth = 1 - 0.55 * std::max(memory, std::min(1.0, bandwidth_needs) - pe.busy);
  left.mergers = std::max(1 - 0.45 * pe.busy, std::min(1.0, bandwidth_needs));
  left.latency = 1 - 0.5 * pe.dram_timing;
  left.requests = 1 - 0.4 * pe.dram_timing;
  // Where B alone would fit, it is partial fibers that crowd it out, and twice the memory holds both.
  const double held = b_once <= static_cast<double>(config.machine.sram.capacity.count) ? 0.95 : 0.5;
  left.capacity = 1 - held * over(again, total_bytes) * std::max(pe.dram + pe.on_chip, std::min(1.0, bandwidth_needs));
  left.ports = 1 - 0.25 * pe.on_chip * sram_port_utilisation(r);
  // The busiest PE works one element per cycle, whatever it is given; if it has far more than the others, more PEs do
  // not relieve it either.
  const double busiest = over(static_cast<double>(r.stalls.at("pe").max_busy), static_cast<double>(r.cycles));
  for (double* part : {&left.bandwidth, &left.latency, &left.requests, &left.capacity, &left.ports})
    *part = std::max(*part, busiest);
  if (r.load_imbalance > 1.5) left.mergers = std::max(left.mergers, busiest);
  return left;
}

Left outer_product_left(const RunReport& r, const Workload&, const Config& config) {
  const Shares array = shares_of(r, "array"), pe = shares_of(r, "pe");
  const double merge_phase = 1 - pe.phase;
  const double bandwidth_needs = std::min(1.0, r.bandwidth_utilisation / kReachable);
  const double spilled = static_cast<double>(r.dram_bytes.partial_write);
  const double partials = spilled + static_cast<double>(r.dram_bytes.partial_read);
  const double kept = std::min(1.0, over(static_cast<double>(config.machine.sram.capacity.count), spilled));
  const double merging = over(pe.busy, merge_phase);  // how busy the mergers are while they merge
  Left left;
  left.bandwidth = 1 - 0.44 * bandwidth_needs;
  left.latency = 1 - 0.3 * (array.dram_timing + pe.dram_timing);
  left.requests = 1 - 0.2 * (array.dram_timing + pe.dram_timing);
  left.capacity = 1 - 0.92 * kept * over(partials, static_cast<double>(r.dram_bytes.total()));
  left.mergers = 1 - 0.5 * merge_phase * merging * merging;
  left.multipliers = 1 - 0.5 * r.mac_utilisation;
  left.ports = 1 - 0.5 * sram_port_utilisation(r) * sram_port_utilisation(r);
  return left;
}

Left inner_product_left(const RunReport& r, const Workload& w, const Config& config) {
  const Shares array = shares_of(r, "array");
  const CatalogEntry& entry = find_dataflow(r.dataflow);
  const double scans = static_cast<double>(r.bounds.compute_cycles);
  const auto scans_left = [&](std::string_view name) {
    Config twice = config;
    for (const Resource& resource : resources())
      if (resource.name == name) resource.twice(twice);
    return scans == 0 ? 1 : static_cast<double>(entry.bounds(w, twice).compute_cycles) / scans;
  };
  const double element = config.layout.element_bytes();
  const double b_bytes = element * static_cast<double>(w.b->nnz());
  const double streamed = std::max(0.0, static_cast<double>(r.dram_bytes.b) - 3 * b_bytes);
  const double restream = over(streamed, static_cast<double>(r.dram_bytes.total()));
  const double pinned = static_cast<double>(config.machine.sram.capacity.count) -
                        2 * static_cast<double>(config.inner_product.stream_tile.count) -
                        static_cast<double>(config.inner_product.partial_capacity.count);
  const double newly_pinned = std::min(1.0, over(static_cast<double>(config.machine.sram.capacity.count),
                                                 std::max(0.0, b_bytes - std::max(0.0, pinned))));
  const double waits = array.dram + array.output;
  Left left;
  left.bandwidth = 1 - 0.55 * waits;
  left.latency = 1 - 0.3 * array.dram_timing;
  left.requests = 1 - 0.2 * array.dram_timing;
  left.capacity = 1 - waits * restream * newly_pinned;
  left.multipliers = 1 - array.busy * (1 - scans_left("multipliers")) - 0.5 * waits * restream;
  left.scan = 1 - array.busy * (1 - scans_left("scan_width"));
  return left;
}

Left left_by_kind(const RunReport& report, const Workload& workload, const Config& config) {
  switch (find_dataflow(report.dataflow).kind) {
    case DataflowKind::inner_product:
      return inner_product_left(report, workload, config);
    case DataflowKind::outer_product:
      return outer_product_left(report, workload, config);
    case DataflowKind::row_wise:
      return row_wise_left(report, workload, config);
  }
  return {};
}

/// Part of the run that is one access after the other: pointers, then elements, phase by phase. It matters in runs of
/// a few hundred cycles; only a shorter latency helps there.
double chained_accesses(const RunReport& report, const Config& config) {
  constexpr double kBankedLatency = 45;  // cycles, unloaded, of the parts with presets
  const DramConfig& dram = config.machine.dram;
  const double latency = dram.kind == DramKind::flat ? static_cast<double>(dram.flat.latency) : kBankedLatency;
  const DataflowKind kind = find_dataflow(report.dataflow).kind;
  const double accesses = kind == DataflowKind::inner_product ? 2 : kind == DataflowKind::row_wise ? 4 : 6;
  return std::min(1.0, over(accesses * latency, static_cast<double>(report.cycles)));
}

Left left_with_twice(const RunReport& report, const Workload& workload, const Config& config) {
  Left left = left_by_kind(report, workload, config);
  const double chained = chained_accesses(report, config);
  left.bandwidth = 1 - (1 - left.bandwidth) * (1 - chained);
  left.latency = std::min(left.latency, 1 - 0.2 * chained);
  return left;
}

std::string group_sentence(const std::string& group, const Shares& s) {
  return group + ": busy " + percent(s.busy) + " %, waits for DRAM " + percent(s.dram) + " %, for on-chip memory " +
         percent(s.on_chip) + " %, output full " + percent(s.output) + " %, other phases " + percent(s.phase) +
         " %, without work " + percent(s.no_work) + " %, done " + percent(s.idle) + " %";
}

std::vector<std::string> evidence_of(const RunReport& r, bool named) {
  std::vector<std::string> sentences = {
      grouped(r.cycles) + " cycles; the least possible are " + grouped(r.bounds.compute_cycles) + " by compute, " +
          grouped(r.bounds.merge_cycles) + " by merging, " + grouped(r.bounds.bandwidth_cycles) + " by bandwidth",
      "bandwidth " + percent(r.bandwidth_utilisation) + " % used for " + fixed(r.normalised_traffic(), 2) +
          " x the compulsory traffic, multipliers " + percent(r.mac_utilisation) + " %, mergers " +
          percent(r.merge_utilisation) + " %, ports of the on-chip memory " + percent(sram_port_utilisation(r)) + " %"};
  for (const auto& [group, stalls] : r.stalls) sentences.push_back(group_sentence(group, shares_of(r, group)));
  if (r.convert_cycles > 0)
    sentences.push_back("conversion takes " + percent(over(double(r.convert_cycles), double(r.cycles))) + " %");
  if (!named && r.load_imbalance > 1.5)
    sentences.push_back(
        "the busiest PE works " + fixed(r.load_imbalance, 2) +
        " x as long as the mean: a serial tail or load imbalance, which more of a resource cannot cure");
  else if (!named)
    sentences.push_back("the run is a chain of dependent accesses and phases too short to fill any resource");
  return sentences;
}

}  // namespace

Explanation explain(const RunReport& report, const Workload& workload, const Config& config) {
  Explanation explanation;
  explanation.dataflow = report.dataflow;
  explanation.cycles = report.cycles;
  const Left left = left_with_twice(report, workload, config);
  for (const Resource& resource : resources()) {
    Config twice = config;
    if (!resource.applies(find_dataflow(report.dataflow).kind, config) || !resource.twice(twice)) continue;
    explanation.gains.push_back({&resource, 1 / std::max(0.05, left.of(resource.name))});
  }
  std::stable_sort(explanation.gains.begin(), explanation.gains.end(),
                   [](const ExpectedGain& a, const ExpectedGain& b) { return a.speed_up > b.speed_up; });
  const bool named = !explanation.gains.empty() && explanation.gains.front().speed_up >= kWorthNaming;
  if (named) explanation.bottleneck = explanation.gains.front().resource;
  explanation.evidence = evidence_of(report, named);
  return explanation;
}

}  // namespace heddle
