// Figures as SVG, drawn by gnuplot (Debian: gnuplot-nox).
#pragma once

#include <string>

#include "models/replay/result.h"

namespace heddle {

/// An <svg> element to put into a page. Throws InputError naming the package when gnuplot cannot be run.
std::string figure_svg(const ReplayFigure& figure);

}  // namespace heddle
