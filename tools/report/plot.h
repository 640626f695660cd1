// Pieces of gnuplot scripts and numbers that several figures need. Internal to tools/report.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "tools/report/figure.h"

namespace heddle {

/// Colours that people with any colour vision tell apart (Okabe and Ito, 2008), readable on black and on white.
std::string colour_of(const std::string& name, std::size_t index);

/// Text in single quotes.
std::string plot_text(const std::string& text);
/// "" for what is not finite: gnuplot's missing value is NaN.
std::string plot_number(double number);
/// At most `length` letters, the middle left out.
std::string shortened(const std::string& name, std::size_t length = 22);

/// A table for gnuplot ($name << EOD) and for CSV at once.
class PlotTable {
 public:
  explicit PlotTable(std::vector<std::string> headers) : headers_(std::move(headers)) {}
  void add(const std::string& name, std::vector<double> numbers);
  bool empty() const { return rows_.empty(); }
  std::string block(const std::string& name) const;
  std::string csv() const;

 private:
  std::vector<std::string> headers_;
  std::vector<std::pair<std::string, std::vector<double>>> rows_;
};

/// Rows of the focus variant by matrix and dataflow; those of the matrices with the most products first.
struct FocusMatrix {
  std::uint32_t matrix = 0;
  double products = 0;
  std::vector<const ResultRow*> by_dataflow;  ///< nullptr where there is none
};
std::vector<FocusMatrix> focus_matrices(const FigureContext& context);

double geomean(std::span<const double> numbers);

/// Says where the rows of a figure are from, and lists their keys.
void name_rows(Figure& figure, const ReportData& data, std::span<const ResultRow* const> rows,
               const std::string& which);

/// Style, grid and key common to all figures.
std::string plot_style();

Figure cycles_figure(const FigureContext& context);
Figure speed_up_figure(const FigureContext& context);
Figure roofline_figure(const FigureContext& context);
Figure traffic_figure(const FigureContext& context);
Figure stall_figure(const FigureContext& context);
Figure energy_figure(const FigureContext& context);
Figure winner_figure(const FigureContext& context);
/// One per axis with numbers; and one over all variants if there are several.
std::vector<Figure> scaling_figures(const FigureContext& context);

}  // namespace heddle
