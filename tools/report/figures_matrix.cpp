// Figures with one group of bars per matrix.
#include <algorithm>
#include <cmath>

#include "tools/heddle/table.h"
#include "tools/report/plot.h"

namespace heddle {
namespace {

constexpr std::size_t kMostGroups = 28;  ///< of bars beside each other
constexpr std::size_t kMostStacks = 14;  ///< per dataflow

std::string of_the(std::size_t shown, std::size_t all) {
  if (shown == all) return grouped(all) + (all == 1 ? " matrix" : " matrices");
  return "the " + grouped(shown) + " of " + grouped(all) + " matrices with the most products; means are over all";
}

std::vector<std::string> dataflow_headers(const ReportData& data, const std::string& unit) {
  std::vector<std::string> headers = {"matrix"};
  for (const std::string& name : data.dataflows) headers.push_back(name + " (" + unit + ")");
  return headers;
}

std::vector<const ResultRow*> rows_in(const std::vector<FocusMatrix>& matrices) {
  std::vector<const ResultRow*> rows;
  for (const FocusMatrix& entry : matrices)
    for (const ResultRow* const row : entry.by_dataflow)
      if (row != nullptr) rows.push_back(row);
  return rows;
}

/// Bars of `value` per matrix and dataflow, and their geometric means over matrices that have all.
Figure clustered(const FigureContext& context, const std::vector<FocusMatrix>& matrices, const std::string& unit,
                 const std::function<double(const ResultRow&, const FocusMatrix&)>& value) {
  const ReportData& data = context.data;
  Figure figure;
  PlotTable table(dataflow_headers(data, unit));
  std::vector<std::vector<double>> all(data.dataflows.size());
  for (std::size_t m = 0; m < matrices.size(); ++m) {
    std::vector<double> numbers;
    for (const ResultRow* const row : matrices[m].by_dataflow)
      numbers.push_back(row == nullptr ? NAN : value(*row, matrices[m]));
    const bool complete =
        std::all_of(numbers.begin(), numbers.end(), [](double n) { return std::isfinite(n) && n > 0; });
    for (std::size_t d = 0; d < numbers.size() && complete; ++d) all[d].push_back(numbers[d]);
    if (m < kMostGroups) table.add(data.matrices[matrices[m].matrix], numbers);
  }
  std::vector<double> means;
  for (const std::vector<double>& numbers : all) means.push_back(geomean(numbers));
  if (matrices.size() > 1) table.add("geomean", means);
  figure.csv = table.csv();
  figure.script = plot_style() + table.block("d") +
                  "set style data histogram\nset style histogram clustered gap 1\n"
                  "set xtics rotate by -40 offset -0.5,0\nset rmargin 8\n";
  std::string plots;
  for (std::size_t d = 0; d < data.dataflows.size(); ++d)
    plots += (d == 0 ? "plot $d using 2:xtic(1) title " : ", '' using " + std::to_string(d + 2) + " title ") +
             plot_text(data.dataflows[d]) + " lc rgb " + plot_text(colour_of(data.dataflows[d], d));
  figure.script += "set ylabel " + plot_text(unit) + "\n@PLOT@" + plots;
  figure.caption = of_the(std::min(kMostGroups, matrices.size()), matrices.size());
  const std::vector<const ResultRow*> rows = rows_in(matrices);
  name_rows(figure, data, rows, data.variants[context.focus].label);
  return figure;
}

void finish_script(Figure& figure, const std::string& before_plot) {
  figure.script.replace(figure.script.find("@PLOT@"), 6, before_plot);
}

/// One panel per dataflow, a stacked bar per matrix and one for the mean.
Figure stacked(const FigureContext& context, std::span<const char* const> parts, const std::string& unit,
               const std::function<double(const ResultRow&, std::size_t)>& value) {
  const ReportData& data = context.data;
  const std::vector<FocusMatrix> matrices = focus_matrices(context);
  Figure figure;
  std::vector<std::string> headers = {"dataflow and matrix"};
  for (const char* const part : parts) headers.push_back(std::string(part) + " (" + unit + ")");
  PlotTable everything(headers);
  std::string blocks, plots;
  for (std::size_t d = 0; d < data.dataflows.size(); ++d) {
    PlotTable table(headers);
    std::vector<double> sums(parts.size(), 0);
    std::size_t count = 0;
    for (const FocusMatrix& entry : matrices) {
      const ResultRow* const row = entry.by_dataflow[d];
      if (row == nullptr) continue;
      std::vector<double> numbers;
      for (std::size_t part = 0; part < parts.size(); ++part) numbers.push_back(value(*row, part));
      for (std::size_t part = 0; part < parts.size(); ++part) sums[part] += numbers[part];
      if (count++ >= kMostStacks) continue;
      table.add(data.matrices[entry.matrix], numbers);
      everything.add(data.dataflows[d] + ", " + data.matrices[entry.matrix], numbers);
    }
    for (double& sum : sums) sum /= static_cast<double>(std::max<std::size_t>(1, count));
    table.add("mean", sums);
    everything.add(data.dataflows[d] + ", mean", sums);
    const std::string block = "d" + std::to_string(d);
    blocks += table.block(block);
    plots += (d == 0 ? "plot " : ", ") + ("newhistogram " + plot_text(data.dataflows[d]) + " offset char 0,-5.5");
    for (std::size_t part = 0; part < parts.size(); ++part)
      plots += ", $" + block + " using " + std::to_string(part + 2) + (part == 0 ? ":xtic(1)" : "") + " lc rgb " +
               plot_text(colour_of("", part)) + (d == 0 ? " title " + plot_text(parts[part]) : " notitle");
  }
  figure.csv = everything.csv();
  figure.width = 1100;
  figure.height = 470;
  figure.script = plot_style() + blocks +
                  "set style data histogram\nset style histogram rowstacked gap 1\nset boxwidth 0.8 relative\n"
                  "set bmargin 9\nset yrange [0:*]\nset xtics rotate by -55 font ',9'\nset ylabel " +
                  plot_text(unit) + "\n" + plots + "\n";
  figure.caption = of_the(std::min(kMostStacks, matrices.size()), matrices.size());
  const std::vector<const ResultRow*> rows = rows_in(matrices);
  name_rows(figure, data, rows, data.variants[context.focus].label);
  return figure;
}

}  // namespace

Figure cycles_figure(const FigureContext& context) {
  const std::vector<FocusMatrix> matrices = focus_matrices(context);
  Figure figure =
      clustered(context, matrices, "cycles", [](const ResultRow& row, const FocusMatrix&) { return row.cycles; });
  finish_script(figure, "set logscale y\nset format y '10^{%T}'\nset ytics enhanced\n");
  figure.id = "cycles";
  figure.title = "Cycles by matrix and dataflow";
  figure.caption = "Cycles from cold caches to the last write accepted, logarithmic; less is better. Shown are " +
                   figure.caption + ".";
  return figure;
}

Figure speed_up_figure(const FigureContext& context) {
  const std::string& over = context.data.dataflows[context.baseline];
  const auto value = [&](const ResultRow& row, const FocusMatrix& entry) {
    const ResultRow* const base = entry.by_dataflow[context.baseline];
    return base == nullptr || row.cycles == 0 ? NAN : base->cycles / row.cycles;
  };
  Figure figure = clustered(context, focus_matrices(context), "speed-up over " + over + " (ratio of cycles)", value);
  finish_script(figure, "set logscale y\nset arrow from graph 0,first 1 to graph 1,first 1 nohead lw 1 dt 2\n");
  figure.id = "speed_up";
  figure.title = "Speed-up over " + over;
  figure.caption = "Cycles of " + over + " over cycles of each dataflow, same machine, logarithmic; more is better. " +
                   "Shown are " + figure.caption + ".";
  return figure;
}

Figure traffic_figure(const FigureContext& context) {
  Figure figure =
      stacked(context, kTrafficParts, "DRAM bytes / compulsory bytes", [](const ResultRow& r, std::size_t i) {
        return r.compulsory_bytes == 0 ? 0 : r.traffic_bytes[i] / r.compulsory_bytes;
      });
  figure.id = "traffic";
  figure.title = "DRAM traffic by tensor, over compulsory traffic";
  figure.caption = "1 is every byte of A, the touched part of B, and C moved once, pointers included. Shown are " +
                   figure.caption + ".";
  return figure;
}

Figure energy_figure(const FigureContext& context) {
  Figure figure = stacked(context, kEnergyParts, "energy per product (pJ)", [](const ResultRow& row, std::size_t i) {
    return row.products == 0 ? 0 : row.energy_joules[i] * 1e12 / row.products;
  });
  figure.id = "energy";
  figure.title = "Energy by component";
  figure.caption =
      "Action counts times the energy table of the configuration, per product. Shown are " + figure.caption + ".";
  return figure;
}

}  // namespace heddle
