#include "tools/heddle/report_table.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "dataflows/bounds.h"
#include "tools/heddle/table.h"

namespace heddle {
namespace {

constexpr std::size_t kShownStalls = 5;

std::string dram_text(const Machine& machine) {
  const DramPeak peak = dram_peak(machine);
  const double gigabytes = peak.bytes_per_cycle * static_cast<double>(machine.clock.hertz) / 1e9;
  const std::string part = machine.dram.kind == DramKind::flat
                               ? "flat, " + std::to_string(machine.dram.flat.latency) + " cycles"
                               : "banked " + machine.dram.banked.preset;
  return "DRAM " + readable(gigabytes) + " GB/s in " + std::to_string(peak.channels) + " channels (" + part + ")";
}

std::string speed_up_text(const Experiment& experiment) {
  if (experiment.runs.size() < 2) return "";
  const std::size_t best = fastest_run(experiment);
  std::string text = "fastest: " + experiment.runs[best].report.dataflow;
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) {
    if (i == best) continue;
    const double ratio = static_cast<double>(experiment.runs[i].report.cycles) /
                         static_cast<double>(std::max<Cycle>(1, experiment.runs[best].report.cycles));
    text += ", " + fixed(ratio, 2) + " x as fast as " + experiment.runs[i].report.dataflow;
  }
  return text + "\n";
}

std::string main_table(const Experiment& experiment, bool colour, bool with_host) {
  std::vector<std::string> headers = {"dataflow",         "cycles",     "time\nus",     "speed\nGFLOP/s",
                                      "MACs\nbusy %",     "mergers\n%", "bandwidth\n%", "DRAM\nMB",
                                      "traffic\nx least", "energy\nuJ", "result",       "least possible\ncycles (by)"};
  if (with_host) headers.insert(headers.end(), {"host\ns", "host\nproducts/s", "host\nMB"});
  TextTable table(headers);
  const std::size_t best = fastest_run(experiment);
  for (std::size_t i = 0; i < experiment.runs.size(); ++i) {
    const RunReport& r = experiment.runs[i].report;
    const Bounds& b = r.bounds;
    const std::string binding = b.lower() == b.bandwidth_cycles ? "bandwidth"
                                : b.lower() == b.merge_cycles   ? "merge"
                                                                : "compute";
    const bool marked = i == best && experiment.runs.size() > 1;
    std::string fidelity = r.checked ? "checked" : "unchecked";
    if (r.fidelity != "exact") fidelity = r.fidelity + " +-" + percent(r.sampling_error_bound) + " %";
    std::vector<std::string> cells = {(marked ? "* " : "  ") + r.dataflow,
                                      grouped(r.cycles),
                                      readable(r.seconds * 1e6),
                                      readable(r.gflops()),
                                      percent(r.mac_utilisation),
                                      percent(r.merge_utilisation),
                                      percent(r.bandwidth_utilisation),
                                      readable(static_cast<double>(r.dram_bytes.total()) / 1e6),
                                      fixed(r.normalised_traffic(), 2),
                                      readable(r.energy_joules.total() * 1e6),
                                      fidelity,
                                      grouped(b.lower()) + " (" + binding + ")"};
    const HostCost& host = experiment.runs[i].host;
    if (with_host)
      for (const double value : {host.wall_seconds, host.products_per_second, double(host.peak_rss_bytes) / 1e6})
        cells.push_back(readable(value));
    table.add(cells, marked);
  }
  return table.render(colour);
}

/// "pe x 32: busy 61.2 %, b.dram_queue 20.1 %, ...": the largest shares of the group's agent cycles.
std::string stall_line(const std::string& group, const GroupStalls& stalls) {
  std::vector<std::pair<std::uint64_t, std::string>> shares = {{stalls.no_work, "no_work"}, {stalls.idle, "idle"}};
  for (std::size_t t = 0; t < kTensorCount; ++t)
    for (std::size_t c = 0; c < kCauseCount; ++c)
      shares.emplace_back(stalls.stalls[t][c], std::string(stall_key(Tensor(t), Cause(c))));
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  const double total = static_cast<double>(std::max<std::uint64_t>(1, stalls.total()));
  std::string line = group + " x " + std::to_string(stalls.agents) + ": busy " +
                     percent(static_cast<double>(stalls.busy) / total) + " %";
  std::uint64_t rest = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (i < kShownStalls && shares[i].first > 0)
      line += ", " + shares[i].second + " " + percent(static_cast<double>(shares[i].first) / total) + " %";
    if (i >= kShownStalls) rest += shares[i].first;
  }
  if (rest > 0) line += ", others " + percent(static_cast<double>(rest) / total) + " %";
  return line;
}

std::string stall_lines(const Experiment& experiment) {
  std::string text = "where the cycles went\n";
  for (const TimedRun& run : experiment.runs) {
    std::string name = run.report.dataflow;
    for (const auto& [group, stalls] : run.report.stalls) {
      name.resize(13, ' ');
      text += "  " + name + "  " + stall_line(group, stalls) + "\n";
      name.clear();
    }
    if (run.report.convert_cycles > 0)
      text += std::string(17, ' ') + "conversion between CSR and CSC: first " + grouped(run.report.convert_cycles) +
              " cycles\n";
  }
  return text;
}

std::string resource_table(const Experiment& experiment) {
  TextTable table({"made of", "multipliers", "adders", "comparators", "merge inputs\nper cycle", "SRAM\nKiB",
                   "SRAM\nports", "buffers\nKiB", "area\nmm2"});
  for (const TimedRun& run : experiment.runs) {
    const Resources& r = run.report.resources;
    table.add({"  " + run.report.dataflow, grouped(r.multipliers), grouped(r.adders), grouped(r.comparators),
               grouped(r.merge_inputs_per_cycle), readable(static_cast<double>(r.sram_bytes) / 1024),
               grouped(r.sram_ports), readable(static_cast<double>(r.buffer_bytes) / 1024),
               readable(run.report.area_mm2)});
  }
  return table.render(false);
}

std::string assumption_lines(const Experiment& experiment) {
  std::vector<std::string> lines;
  for (const TimedRun& run : experiment.runs)
    for (const std::string& assumption : run.report.assumptions)
      if (std::find(lines.begin(), lines.end(), assumption) == lines.end()) lines.push_back(assumption);
  std::string text = lines.empty() ? "" : "assumed\n";
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text;
}

}  // namespace

std::size_t fastest_run(const Experiment& experiment) {
  const auto fewer = [](const TimedRun& a, const TimedRun& b) { return a.report.cycles < b.report.cycles; };
  return static_cast<std::size_t>(std::min_element(experiment.runs.begin(), experiment.runs.end(), fewer) -
                                  experiment.runs.begin());
}

std::string experiment_header(const Experiment& experiment) {
  const Workload& w = experiment.workload;
  const Machine& m = experiment.config.machine;
  const auto shape = [](const Csr& matrix) {
    return grouped(matrix.rows) + " x " + grouped(matrix.cols) + ", " + grouped(matrix.nnz()) + " nonzeros";
  };
  return "A  " + w.a_name + ": " + shape(*w.a) + "\nB  " + w.b_name + ": " + shape(*w.b) + "\nC  " +
         grouped(w.a->rows) + " x " + grouped(w.b->cols) + ", " + grouped(w.nnz_c()) + " nonzeros from " +
         grouped(w.products) + " products (compression " + fixed(w.compression_factor(), 2) + ")\nmachine " + m.name +
         ": " + to_text(m.clock) + ", " + std::to_string(m.pe.count) + " PEs x " + std::to_string(m.pe.multipliers) +
         " multipliers, mergers of radix " + std::to_string(m.pe.radix) + ", SRAM " + to_text(m.sram.capacity) +
         " in " + std::to_string(m.sram.banks) + " banks, " + dram_text(m) + "\n";
}

std::string experiment_tables(const Experiment& experiment, bool colour, bool with_host) {
  return "\n" + main_table(experiment, colour, with_host) + "\n" + speed_up_text(experiment) + stall_lines(experiment) +
         resource_table(experiment) + assumption_lines(experiment);
}

}  // namespace heddle
