// Figures with one point per run, and the stacks of stall reasons.
#include <algorithm>
#include <cmath>

#include "tools/heddle/table.h"
#include "tools/report/plot.h"

namespace heddle {
namespace {

constexpr std::size_t kMostPoints = 3000;  ///< per dataflow; more would only make the file large
constexpr std::size_t kMostReasons = 9;    ///< of stalls with a colour of their own

std::vector<const ResultRow*> focus_rows(const FigureContext& context, std::size_t dataflow) {
  std::vector<const ResultRow*> rows;
  for (const ResultRow& row : context.data.rows)
    if (row.variant == context.focus && row.dataflow == dataflow) rows.push_back(&row);
  if (rows.size() <= kMostPoints) return rows;
  std::vector<const ResultRow*> sample;  // evenly spaced in the order of the table
  for (std::size_t i = 0; i < kMostPoints; ++i) sample.push_back(rows[i * rows.size() / kMostPoints]);
  return sample;
}

/// A cloud of points per dataflow; adds the plot elements to `plots`.
struct Cloud {
  std::string blocks, plots, csv;
  std::vector<const ResultRow*> rows;
};
Cloud clouds(const FigureContext& context, const std::vector<std::string>& headers,
             const std::function<bool(const ResultRow&, double&, double&)>& place) {
  Cloud cloud;
  PlotTable everything(headers);
  for (std::size_t d = 0; d < context.data.dataflows.size(); ++d) {
    PlotTable table({"matrix", "x", "y"});
    for (const ResultRow* const row : focus_rows(context, d)) {
      double x = 0, y = 0;
      if (!place(*row, x, y)) continue;
      table.add(context.data.matrices[row->matrix], {x, y});
      everything.add(context.data.dataflows[d] + ", " + context.data.matrices[row->matrix], {x, y});
      cloud.rows.push_back(row);
    }
    if (table.empty()) continue;
    const std::string block = "d" + std::to_string(d);
    cloud.blocks += table.block(block);
    cloud.plots += (cloud.plots.empty() ? "" : ", ") + ("$" + block) + " using 2:3 with points pt " +
                   std::to_string(5 + 2 * (d % 4)) + " ps 0.8 lc rgb " +
                   plot_text(colour_of(context.data.dataflows[d], d)) + " title " +
                   plot_text(context.data.dataflows[d]);
  }
  cloud.csv = everything.csv();
  return cloud;
}

}  // namespace

Figure roofline_figure(const FigureContext& context) {
  const ReportData& data = context.data;
  double peak = 0, bandwidth = 0;
  const auto place = [&](const ResultRow& row, double& x, double& y) {
    if (row.traffic() == 0 || row.gflops <= 0 || row.seconds == 0) return false;
    peak = std::max(peak, 2 * row.multipliers * row.cycles / row.seconds / 1e9);
    if (row.bandwidth_utilisation > 0)
      bandwidth = std::max(bandwidth, row.traffic() / row.bandwidth_utilisation / row.seconds / 1e9);
    x = 2 * row.products / row.traffic();
    y = row.gflops;
    return true;
  };
  Figure figure;
  const Cloud cloud = clouds(context, {"dataflow and matrix", "intensity (FLOP/B)", "speed (GFLOP/s)"}, place);
  figure.id = "roofline";
  figure.title = "Roofline";
  figure.caption =
      "Speed against arithmetic intensity of the bytes that were moved (2 FLOP per product), under the roof "
      "of " +
      readable(peak) + " GFLOP/s and " + readable(bandwidth) +
      " GB/s. Points to the left move more bytes for the same product.";
  figure.csv = cloud.csv;
  figure.height = 480;
  figure.script = plot_style() + cloud.blocks + "set logscale xy\nset grid xtics ytics lc rgb '#999999' lw 0.5 dt 3\n" +
                  "set xlabel 'arithmetic intensity (FLOP per byte of DRAM traffic)'\nset ylabel 'speed (GFLOP/s)'\n" +
                  "roof(x) = x * " + plot_number(bandwidth) + " < " + plot_number(peak) + " ? x * " +
                  plot_number(bandwidth) + " : " + plot_number(peak) +
                  "\nset samples 1000\nset xrange [*:" + plot_number(3 * peak / std::max(bandwidth, 1e-9)) + "<*]\n" +
                  "plot " + cloud.plots + ", roof(x) with lines lw 1.5 lc rgb '#7F7F7F' title 'roof'\n";
  name_rows(figure, data, cloud.rows, data.variants[context.focus].label);
  if (cloud.plots.empty()) figure.script.clear();
  return figure;
}

Figure winner_figure(const FigureContext& context) {
  const ReportData& data = context.data;
  const std::vector<FocusMatrix> matrices = focus_matrices(context);
  std::map<std::uint32_t, const ResultRow*> winners;
  for (const FocusMatrix& entry : matrices)
    for (const ResultRow* const row : entry.by_dataflow)
      if (row != nullptr && (!winners.count(entry.matrix) || row->cycles < winners[entry.matrix]->cycles))
        winners[entry.matrix] = row;
  const auto place = [&](const ResultRow& row, double& x, double& y) {
    x = row.density;
    y = row.row_gini;
    return x > 0 && y >= 0 && winners[row.matrix] == &row;
  };
  Figure figure;
  const Cloud cloud = clouds(context, {"winner and matrix", "density", "row skew (Gini)"}, place);
  figure.id = "winners";
  figure.title = "Which dataflow wins where";
  figure.caption =
      "The fastest dataflow of each matrix, by density of A and inequality of its row lengths (0: all rows "
      "alike, 1: all nonzeros in one row).";
  figure.csv = cloud.csv;
  figure.height = 480;
  if (!cloud.plots.empty() && data.dataflows.size() > 1)
    figure.script = plot_style() + cloud.blocks + "set logscale x\nset format x '%g'\n" +
                    "set yrange [-0.03:1]\nset offsets graph 0.05, graph 0.05, 0, 0\n" +
                    "set grid xtics ytics lc rgb '#999999' lw 0.5 dt 3\n" +
                    "set xlabel 'density of A (nonzeros / positions)'\n" +
                    "set ylabel 'row skew (Gini coefficient of row lengths)'\nplot " + cloud.plots + "\n";
  name_rows(figure, data, cloud.rows, data.variants[context.focus].label + ", the fastest of each matrix");
  return figure;
}

Figure stall_figure(const FigureContext& context) {
  const ReportData& data = context.data;
  std::map<std::string, double> totals;
  std::vector<std::pair<std::string, const StallSum*>> stacks;
  for (std::uint32_t d = 0; d < data.dataflows.size(); ++d) {
    const auto found = data.stalls.find({context.focus, d});
    if (found == data.stalls.end()) continue;
    for (const auto& [group, sum] : found->second) {
      stacks.emplace_back(data.dataflows[d] + " / " + group, &sum);
      for (const auto& [reason, share] : sum.shares)
        if (reason != "busy" && reason != "no_work" && reason != "idle")
          totals[reason] += share / static_cast<double>(sum.runs);
    }
  }
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [reason, total] : totals) order.emplace_back(total, reason);
  std::sort(order.rbegin(), order.rend());
  std::vector<std::string> reasons = {"busy"};
  for (std::size_t i = 0; i < std::min(order.size(), kMostReasons); ++i) reasons.push_back(order[i].second);
  for (const char* const rest : {"other stalls", "no_work", "idle"}) reasons.emplace_back(rest);
  std::vector<std::string> headers = {"dataflow / agents"};
  for (const std::string& reason : reasons) headers.push_back(reason + " (% of agent cycles)");
  PlotTable table(headers);
  for (const auto& [name, sum] : stacks) {
    std::vector<double> shares(reasons.size(), 0);
    for (const auto& [reason, share] : sum->shares) {
      const auto at = std::find(reasons.begin(), reasons.end(), reason);
      const auto index = static_cast<std::size_t>((at != reasons.end() ? at : reasons.end() - 3) - reasons.begin());
      shares[index] += 100 * share / static_cast<double>(sum->runs);
    }
    table.add(name, shares);
  }
  constexpr std::array<const char*, 13> kColours = {"#009E73", "#0072B2", "#D55E00", "#E69F00", "#CC79A7",
                                                    "#56B4E9", "#8C6D31", "#6A3D9A", "#B2DF8A", "#FB9A99",
                                                    "#5A5A5A", "#A0A0A0", "#D0D0D0"};
  std::string plots;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    const std::size_t colour = i + 3 >= reasons.size() ? kColours.size() - (reasons.size() - i) : i;
    plots += (i == 0 ? "plot $d using 2:xtic(1)" : ", '' using " + std::to_string(i + 2)) + " title " +
             plot_text(reasons[i]) + " lc rgb " + plot_text(kColours[colour]);
  }
  Figure figure;
  figure.id = "stalls";
  figure.title = "Where the cycles of the agents went";
  figure.caption =
      "Share of the cycles of each group of agents, mean over matrices; <tensor>.<cause> is what they "
      "waited for, no_work that the scheduler had none yet, idle the time after their last task.";
  figure.csv = table.csv();
  figure.script = plot_style() + table.block("d") +
                  "set style data histogram\nset style histogram rowstacked\nset boxwidth 0.6 relative\n"
                  "set yrange [0:100]\nset ylabel 'share of agent cycles (%)'\nset xtics rotate by -20 font ',11'\n"
                  "set key outside right center vertical reverse Left invert maxcols 1\n" +
                  plots + "\n";
  std::vector<const ResultRow*> rows;
  for (const ResultRow& row : data.rows)
    if (row.variant == context.focus) rows.push_back(&row);
  name_rows(figure, data, rows, data.variants[context.focus].label);
  if (stacks.empty()) figure.script.clear();
  return figure;
}

}  // namespace heddle
