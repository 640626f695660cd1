#include "tools/report/plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "sim/store/value.h"
#include "tools/heddle/table.h"
#include "tools/sweep/csv.h"

namespace heddle {

std::string colour_of(const std::string& name, std::size_t index) {
  static const std::map<std::string, std::string> kOwn = {
      {"inner_product", "#0072B2"}, {"outer_product", "#D55E00"}, {"row_wise", "#009E73"}};
  constexpr std::array<const char*, 8> kOthers = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                  "#E69F00", "#56B4E9", "#8C6D31", "#7F7F7F"};
  const auto own = kOwn.find(name);
  return own != kOwn.end() ? own->second : kOthers[index % kOthers.size()];
}

std::string plot_text(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += "''";
    if (c != '\'') quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + "'";
}

std::string plot_number(double number) {
  return std::isfinite(number) ? value_text(number) : "NaN";
}

std::string shortened(const std::string& name, std::size_t length) {
  if (name.size() <= length) return name;
  const std::size_t half = (length - 2) / 2;
  return name.substr(0, half) + ".." + name.substr(name.size() - half);
}

void PlotTable::add(const std::string& name, std::vector<double> numbers) {
  rows_.emplace_back(name, std::move(numbers));
}

std::string PlotTable::block(const std::string& name) const {
  std::string text = "$" + name + " << EOD\n";
  for (const auto& [label, numbers] : rows_) {
    std::string quoted = "\"";
    for (const char c : shortened(label)) quoted += c == '"' || c == '\\' || c == '\n' ? '\'' : c;
    text += quoted + "\"";
    for (const double number : numbers) text += " " + plot_number(number);
    text += "\n";
  }
  return text + "EOD\n";
}

std::string PlotTable::csv() const {
  std::string text;
  for (const std::string& header : headers_) text += (text.empty() ? "" : ",") + csv_cell(header);
  text += "\n";
  for (const auto& [label, numbers] : rows_) {
    text += csv_cell(label);
    for (const double number : numbers) text += "," + (std::isfinite(number) ? value_text(number) : "");
    text += "\n";
  }
  return text;
}

std::vector<FocusMatrix> focus_matrices(const FigureContext& context) {
  std::map<std::uint32_t, FocusMatrix> by_matrix;
  for (const ResultRow& row : context.data.rows) {
    if (row.variant != context.focus) continue;
    FocusMatrix& entry = by_matrix[row.matrix];
    entry.matrix = row.matrix;
    entry.products = row.products;
    entry.by_dataflow.resize(context.data.dataflows.size());
    entry.by_dataflow[row.dataflow] = &row;
  }
  std::vector<FocusMatrix> matrices;
  for (auto& [matrix, entry] : by_matrix) matrices.push_back(std::move(entry));
  std::stable_sort(matrices.begin(), matrices.end(),
                   [](const FocusMatrix& x, const FocusMatrix& y) { return x.products > y.products; });
  return matrices;
}

double geomean(std::span<const double> numbers) {
  double sum = 0;
  for (const double number : numbers) sum += std::log(number);
  return numbers.empty() ? NAN : std::exp(sum / static_cast<double>(numbers.size()));
}

void name_rows(Figure& figure, const ReportData& data, std::span<const ResultRow* const> rows,
               const std::string& which) {
  std::set<std::uint32_t> sources;
  for (const ResultRow* const row : rows) {
    sources.insert(row->source);
    if (figure.keys.size() < kMostKeys) figure.keys.push_back(row->key);
  }
  std::string names;
  for (const std::uint32_t source : sources) names += (names.empty() ? "" : ", ") + data.sources[source];
  figure.source = grouped(rows.size()) + (rows.size() == 1 ? " row of " : " rows of ") + names +
                  (which.empty() ? "" : ": " + which);
}

std::string plot_style() {
  return "set termoption noenhanced\n"
         "set border 3 lw 0.8\n"
         "set tics nomirror out scale 0.6\n"
         "set grid ytics lc rgb '#999999' lw 0.5 dt 3\n"
         "set key outside top center horizontal samplen 1.5 width 1\n"
         "set style fill solid 1.0 noborder\n"
         "set boxwidth 0.9 relative\n"
         "set datafile missing 'NaN'\n";
}

}  // namespace heddle
