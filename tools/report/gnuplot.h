// Figures drawn by gnuplot.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/report/figure.h"

namespace heddle {

enum class PlotFormat : std::uint8_t { svg, pdf };

/// Each figure as a file's content, in the order given; one gnuplot process for all. Throws InputError when gnuplot is
/// not installed, naming its package, or cannot draw.
std::vector<std::string> draw(std::span<const Figure> figures, PlotFormat format);

}  // namespace heddle
