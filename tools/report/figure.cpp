#include "tools/report/figure.h"

#include <algorithm>

#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "tools/report/plot.h"

namespace heddle {
namespace {

std::uint32_t largest_variant(const ReportData& data) {
  std::uint32_t best = 0;
  for (std::uint32_t v = 1; v < data.variants.size(); ++v) {
    const ReportVariant &x = data.variants[v], &y = data.variants[best];
    if (x.rows > y.rows || (x.rows == y.rows && x.label < y.label)) best = v;
  }
  return best;
}

std::uint32_t first_named(const std::vector<std::string>& names, const std::string& wanted) {
  const auto found = std::find(names.begin(), names.end(), wanted);
  return found == names.end() ? 0 : static_cast<std::uint32_t>(found - names.begin());
}

}  // namespace

FigureContext figure_context(const ReportData& data, const std::string& baseline) {
  FigureContext context{data};
  context.focus = context.baseline_variant = largest_variant(data);
  context.baseline = first_named(data.dataflows, "inner_product");
  if (baseline.empty()) return context;
  std::vector<std::string_view> known(data.dataflows.begin(), data.dataflows.end());
  if (std::find(known.begin(), known.end(), baseline) != known.end()) {
    context.baseline = first_named(data.dataflows, baseline);
    return context;
  }
  for (std::uint32_t v = 0; v < data.variants.size(); ++v) {
    if (data.variants[v].label == baseline || data.variants[v].machine == baseline) {
      context.focus = context.baseline_variant = v;
      return context;
    }
    known.push_back(data.variants[v].label);
  }
  throw InputError("report: --baseline: " + unknown_word("dataflow or machine", baseline, known));
}

std::vector<Figure> make_figures(const FigureContext& context) {
  std::vector<Figure> figures;
  if (context.data.rows.empty()) return figures;
  figures.push_back(cycles_figure(context));
  if (context.data.dataflows.size() > 1) figures.push_back(speed_up_figure(context));
  for (auto* const make : {winner_figure, roofline_figure, traffic_figure, stall_figure, energy_figure})
    figures.push_back(make(context));
  for (Figure& figure : scaling_figures(context)) figures.push_back(std::move(figure));
  std::erase_if(figures, [](const Figure& figure) { return figure.script.empty(); });
  return figures;
}

}  // namespace heddle
