// Figures with one group of bars per matrix.
#include <algorithm>
#include <cmath>
#include <numeric>

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

/// Where an axis of stacked bars ends so that a few giants do not flatten the rest: those are cut, and labelled.
double axis_end(std::vector<double> totals) {
  std::erase_if(totals, [](double total) { return !std::isfinite(total); });
  if (totals.empty()) return 1;
  std::sort(totals.begin(), totals.end());
  const double most = totals.back(), usual = totals[(totals.size() - 1) * 9 / 10];
  return most > 2 * usual ? 1.5 * usual : 1.05 * most;
}

/// Stacked bars side by side: those of one dataflow, then those of the next.
class Stacks {
 public:
  Stacks(const FigureContext& context, std::span<const char* const> parts, const std::string& unit)
      : context_(context), parts_(parts), unit_(unit), everything_(headers()) {}

  /// `value` of a row and a part.
  Figure draw(const std::function<double(const ResultRow&, std::size_t)>& value) {
    const std::vector<FocusMatrix> matrices = focus_matrices(context_);
    for (std::size_t d = 0; d < context_.data.dataflows.size(); ++d) add_dataflow(d, matrices, value);
    Figure figure;
    figure.csv = everything_.csv();
    figure.width = 1100;
    figure.height = 480;
    const double end = axis_end(totals_);
    figure.script = plot_style() + blocks_ +
                    "set style data histogram\nset style histogram rowstacked\nset boxwidth 0.8 relative\n"
                    "set bmargin 8\nset lmargin 9\nset yrange [0:" +
                    plot_number(end) + "]\nset xrange [-1:" + plot_number(next_) +
                    "]\nset xtics rotate by -50 font ',10' scale 0\nset ylabel " + plot_text(unit_) + "\n";
    for (std::size_t i = 0; i < totals_.size(); ++i)
      if (totals_[i] > end)
        figure.script += "set label " + plot_text(readable(totals_[i])) + " at " + plot_number(places_[i]) +
                         ",graph 1.02 center font ',9'\n";
    figure.script += titles_ + plots_ + "\n";
    figure.caption =
        of_the(std::min(kMostStacks, matrices.size()), matrices.size()) +
        (end < *std::max_element(totals_.begin(), totals_.end()) ? "; bars that are cut carry their number" : "");
    const std::vector<const ResultRow*> rows = rows_in(matrices);
    name_rows(figure, context_.data, rows, context_.data.variants[context_.focus].label);
    return figure;
  }

 private:
  std::vector<std::string> headers() const {
    std::vector<std::string> headers = {"dataflow and matrix"};
    for (const char* const part : parts_) headers.push_back(std::string(part) + " (" + unit_ + ")");
    return headers;
  }

  void add(PlotTable& table, std::size_t d, const std::string& name, const std::vector<double>& numbers) {
    table.add(name, numbers);
    everything_.add(context_.data.dataflows[d] + ", " + name, numbers);
    totals_.push_back(std::accumulate(numbers.begin(), numbers.end(), 0.0));
    places_.push_back(next_++);
  }

  void add_dataflow(std::size_t d, const std::vector<FocusMatrix>& matrices,
                    const std::function<double(const ResultRow&, std::size_t)>& value) {
    PlotTable table(headers());
    std::vector<double> sums(parts_.size(), 0);
    std::size_t count = 0;
    const double start = next_;
    for (const FocusMatrix& entry : matrices) {
      if (entry.by_dataflow[d] == nullptr) continue;
      std::vector<double> numbers;
      for (std::size_t part = 0; part < parts_.size(); ++part) {
        numbers.push_back(value(*entry.by_dataflow[d], part));
        sums[part] += numbers[part];
      }
      if (count++ < kMostStacks) add(table, d, context_.data.matrices[entry.matrix], numbers);
    }
    for (double& sum : sums) sum /= static_cast<double>(std::max<std::size_t>(1, count));
    if (count > 1) add(table, d, "mean", sums);
    if (count == 0) return;
    const std::string block = "d" + std::to_string(d), name = plot_text(context_.data.dataflows[d]);
    blocks_ += table.block(block);
    titles_ += "set label " + name + " at " + plot_number((start + next_ - 1) / 2) + ",graph 1.08 center font ',12'\n";
    plots_ += (plots_.empty() ? "set tmargin 6\nplot " : ", ") + ("newhistogram at " + plot_number(start));
    for (std::size_t part = 0; part < parts_.size(); ++part)
      plots_ += ", $" + block + " using " + std::to_string(part + 2) + (part == 0 ? ":xtic(1)" : "") + " lc rgb " +
                plot_text(colour_of("", part)) + (start == 0 ? " title " + plot_text(parts_[part]) : " notitle");
    ++next_;
  }

  const FigureContext& context_;
  std::span<const char* const> parts_;
  std::string unit_;
  PlotTable everything_;
  std::string blocks_, plots_, titles_;
  std::vector<double> totals_, places_;
  double next_ = 0;
};

}  // namespace

Figure cycles_figure(const FigureContext& context) {
  const std::vector<FocusMatrix> matrices = focus_matrices(context);
  Figure figure =
      clustered(context, matrices, "cycles", [](const ResultRow& row, const FocusMatrix&) { return row.cycles; });
  finish_script(figure, "set logscale y\nset format y '%.0s%c'\n");
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
      Stacks(context, kTrafficParts, "DRAM bytes / compulsory bytes").draw([](const ResultRow& row, std::size_t part) {
        return row.compulsory_bytes == 0 ? 0 : row.traffic_bytes[part] / row.compulsory_bytes;
      });
  figure.id = "traffic";
  figure.title = "DRAM traffic by tensor, over compulsory traffic";
  figure.caption =
      "1 is every byte of A, the touched part of B, and C moved once, pointers included; conversion between "
      "CSR and CSC counts as traffic of what is converted. Shown are " +
      figure.caption + ".";
  return figure;
}

Figure energy_figure(const FigureContext& context) {
  const std::string& over = context.data.dataflows[context.baseline];
  std::map<std::uint32_t, double> base;  // by matrix
  for (const FocusMatrix& entry : focus_matrices(context))
    if (entry.by_dataflow[context.baseline] != nullptr)
      base[entry.matrix] = entry.by_dataflow[context.baseline]->energy();
  Figure figure =
      Stacks(context, kEnergyParts, "energy / energy of " + over).draw([&](const ResultRow& row, std::size_t part) {
        const auto found = base.find(row.matrix);
        return found == base.end() || found->second == 0 ? 0 : row.energy_joules[part] / found->second;
      });
  figure.id = "energy";
  figure.title = "Energy by component";
  figure.caption = "Action counts times the energy table of the configuration, over the energy of " + over +
                   " on the same matrix. Shown are " + figure.caption + ".";
  return figure;
}

}  // namespace heddle
