// A figure: what gnuplot draws, in words and numbers, and the rows it was drawn from.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/report/report_data.h"

namespace heddle {

struct Figure {
  std::string id;  ///< "speed_up": file name and anchor
  std::string title;
  std::string caption;            ///< what is to be seen
  std::string script;             ///< gnuplot commands with their data, without terminal and output
  std::string source;             ///< "33 rows of dataflows.db: ..."
  std::vector<std::string> keys;  ///< of those rows, at most kMostKeys of them
  std::string csv;                ///< what is drawn, as a table with units in its header
  int width = 900, height = 420;
};

inline constexpr std::size_t kMostKeys = 400;

/// What all figures of one report share.
struct FigureContext {
  const ReportData& data;
  std::uint32_t focus = 0;     ///< the variant of figures that show one machine
  std::uint32_t baseline = 0;  ///< dataflow that speed-ups are over
  std::uint32_t baseline_variant = 0;
};

/// Picks the variant with the most rows, and the baseline: the name of a dataflow or of a machine, or "" for
/// inner product (the first dataflow if there is none). Throws InputError for a name that is neither.
FigureContext figure_context(const ReportData& data, const std::string& baseline);

/// All figures that the data allow, in the order of the page.
std::vector<Figure> make_figures(const FigureContext& context);

}  // namespace heddle
