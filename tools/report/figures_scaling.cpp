// Figures over the axes of a sweep and over machines.
#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "tools/heddle/table.h"
#include "tools/report/plot.h"

namespace heddle {
namespace {

constexpr std::size_t kMostVariants = 24;

/// Geometric mean of cycles per (value of the axis, dataflow), over those points that exist for every value.
class AxisMeans {
 public:
  AxisMeans(const ReportData& data, const std::string& axis, const std::set<std::string>& in_step) {
    for (const ResultRow& row : data.rows) {
      const ReportVariant& variant = data.variants[row.variant];
      const auto value = variant.numbers.find(axis);
      if (value == variant.numbers.end()) continue;
      values_.insert(value->second);
      std::string others = variant.machine;
      for (const auto& [name, text] : variant.axes)
        if (name != axis && in_step.count(name) == 0) others += " " + text;
      cases_[{row.dataflow, row.matrix, others}][value->second] = &row;
    }
  }
  const std::set<double>& values() const { return values_; }
  const std::vector<const ResultRow*>& rows() const { return rows_; }

  /// Speed-up of each value over the smallest one; NaN when no point has all values.
  std::vector<double> speed_ups(std::uint32_t dataflow) {
    std::map<double, std::vector<double>> ratios;
    for (const auto& [identity, by_value] : cases_) {
      if (std::get<0>(identity) != dataflow || by_value.size() != values_.size()) continue;
      const double first = by_value.begin()->second->cycles;
      for (const auto& [value, row] : by_value) {
        rows_.push_back(row);
        ratios[value].push_back(first / row->cycles);
      }
    }
    std::vector<double> means;
    for (const double value : values_) means.push_back(geomean(ratios[value]));
    return means;
  }

 private:
  std::set<double> values_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::string>, std::map<double, const ResultRow*>> cases_;
  std::vector<const ResultRow*> rows_;
};

Figure scaling_figure(const FigureContext& context, const std::string& axis) {
  const ReportData& data = context.data;
  const std::set<std::string> in_step = in_step_with(data, axis);
  Figure figure;
  for (const std::string& other : in_step)  // one figure for all, named after the shortest
    if (is_named_after(other, axis)) return figure;
  AxisMeans means(data, axis, in_step);
  if (means.values().size() < 2) return figure;
  std::vector<std::string> headers = {axis + " (" + data.axis_units.at(axis) + ")"};
  for (const std::string& dataflow : data.dataflows) headers.push_back(dataflow + " (speed-up)");
  std::vector<std::vector<double>> columns;
  for (std::uint32_t d = 0; d < data.dataflows.size(); ++d) columns.push_back(means.speed_ups(d));
  if (means.rows().empty()) return figure;
  PlotTable table(headers);
  std::size_t position = 0;
  for (const double value : means.values()) {
    std::vector<double> numbers = {value};
    for (const std::vector<double>& column : columns) numbers.push_back(column[position]);
    ++position;
    table.add(readable(value), numbers);
  }
  std::string plots;
  for (std::size_t d = 0; d < data.dataflows.size(); ++d)
    plots += (d == 0 ? "plot $d using 2:" : ", '' using 2:") + std::to_string(d + 3) + " with linespoints lw 2 pt " +
             std::to_string(5 + 2 * (d % 4)) + " ps 0.9 lc rgb " + plot_text(colour_of(data.dataflows[d], d)) +
             " title " + plot_text(data.dataflows[d]);
  const double low = *means.values().begin(), high = *means.values().rbegin();
  figure.id = "scaling_" + axis;
  std::replace(figure.id.begin(), figure.id.end(), '.', '_');
  figure.title = "Scaling with " + axis;
  figure.caption = "Geometric mean over matrices of the speed-up over the smallest value, all else equal";
  for (const std::string& other : in_step)
    figure.caption += (other == *in_step.begin() ? "; in step with it: " : ", ") + other;
  figure.caption += ".";
  figure.csv = table.csv();
  figure.width = 760;
  figure.script = plot_style() + table.block("d") + (low > 0 && high / low >= 8 ? "set logscale x 2\n" : "") +
                  "set offsets graph 0.03, graph 0.03, graph 0.05, 0\nset xlabel " +
                  plot_text(axis + " (" + data.axis_units.at(axis) + ")") +
                  "\nset ylabel 'speed-up (ratio of cycles)'\nset xtics (";
  std::string tics;
  for (const double value : means.values())
    tics += (tics.empty() ? "" : ", ") + plot_text(value >= 1e6 ? readable(value / 1e6) + "M" : plot_number(value)) +
            " " + plot_number(value);
  figure.script += tics + ")\n" + plots + "\n";
  name_rows(figure, data, means.rows(), "points that exist for every value of " + axis);
  return figure;
}

/// Mean speed-up of every variant over the baseline variant, by dataflow.
Figure variants_figure(const FigureContext& context) {
  const ReportData& data = context.data;
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> base;  // cycles by (matrix, dataflow)
  for (const ResultRow& row : data.rows)
    if (row.variant == context.baseline_variant) base[{row.matrix, row.dataflow}] = row.cycles;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<double>> ratios;  // by (variant, dataflow)
  std::vector<const ResultRow*> rows;
  for (const ResultRow& row : data.rows) {
    const auto found = base.find({row.matrix, row.dataflow});
    if (found == base.end() || row.cycles == 0 || found->second == 0) continue;
    ratios[{row.variant, row.dataflow}].push_back(found->second / row.cycles);
    rows.push_back(&row);
  }
  std::vector<std::string> headers = {"machine"};
  for (const std::string& dataflow : data.dataflows) headers.push_back(dataflow + " (speed-up)");
  PlotTable table(headers);
  using Place = std::tuple<std::string, std::map<std::string, double>, std::string, std::uint32_t>;
  std::vector<Place> order;  // machines by name, numbers by size
  for (std::uint32_t v = 0; v < data.variants.size(); ++v)
    order.emplace_back(data.variants[v].machine, data.variants[v].numbers, data.variants[v].label, v);
  std::sort(order.begin(), order.end());
  order.resize(std::min(order.size(), kMostVariants));
  for (const auto& [machine, numbers, label, variant] : order) {
    std::vector<double> means;
    for (std::uint32_t d = 0; d < data.dataflows.size(); ++d) means.push_back(geomean(ratios[{variant, d}]));
    table.add(label, means);
  }
  std::string plots;
  for (std::size_t d = 0; d < data.dataflows.size(); ++d)
    plots += (d == 0 ? "plot $d using 2:xtic(1) title " : ", '' using " + std::to_string(d + 2) + " title ") +
             plot_text(data.dataflows[d]) + " lc rgb " + plot_text(colour_of(data.dataflows[d], d));
  Figure figure;
  figure.id = "machines";
  figure.title = "Machines and settings";
  figure.caption = "Geometric mean over matrices of the speed-up over " +
                   data.variants[context.baseline_variant].label + ", same dataflow" +
                   (order.size() < data.variants.size()
                        ? "; the first " + grouped(order.size()) + " of " + grouped(data.variants.size())
                        : "") +
                   ".";
  figure.csv = table.csv();
  figure.script =
      plot_style() + table.block("d") +
      "set style data histogram\nset style histogram clustered gap 1\nset xtics rotate by -40\nset rmargin 8\n"
      "set yrange [0:*]\nset arrow from graph 0,first 1 to graph 1,first 1 nohead lw 1 dt 2\n"
      "set ylabel 'speed-up (ratio of cycles)'\n" +
      plots + "\n";
  name_rows(figure, data, rows, "matrices that both machines ran");
  return figure;
}

}  // namespace

std::vector<Figure> scaling_figures(const FigureContext& context) {
  std::vector<Figure> figures;
  if (context.data.variants.size() > 1) figures.push_back(variants_figure(context));
  for (const auto& [axis, unit] : context.data.axis_units) {
    Figure figure = scaling_figure(context, axis);
    if (!figure.script.empty()) figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace heddle
