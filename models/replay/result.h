// What every replayed workload gives back: figures beside the published ones, tables for people, results for programs.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/json.h"
#include "sim/kernel/account.h"

namespace heddle {

/// One figure of ours, and the published one where there is one.
struct ReplayRow {
  std::string key;   ///< stable within the replay: "speedup.direct"
  std::string what;  ///< one line for people
  std::string unit;  ///< "x", "fraction", "s", "B"; "" for a count
  double ours = 0;   ///< finite
  std::optional<double> published;
  std::optional<double> tolerance;  ///< largest |ours / published - 1| that counts as reproduced; none: not judged
  std::string basis;                ///< accounting, source, and whether a parameter was fitted to this very figure

  /// ours / published - 1; needs a published figure other than 0.
  double error() const;
  bool judged() const { return published && tolerance; }
  /// True as well for what is not judged.
  bool holds() const;
};

struct ReplayTable {
  using Cell = std::variant<std::string, double>;
  std::string title;
  std::vector<std::string> headers;
  std::vector<std::vector<Cell>> rows;  ///< each as long as headers; the first cell names the row
};

/// A picture of the report: grouped bars over categories, or curves over numbers.
struct ReplayFigure {
  enum class Kind { bars, lines, steps };
  struct Series {
    std::string name;
    std::vector<double> x;  ///< lines and steps; empty for bars
    std::vector<double> y;  ///< of bars: one per category, 0 for none
  };
  std::string title, x_label, y_label;  ///< labels carry their unit
  Kind kind = Kind::bars;
  bool log_y = false;
  std::vector<std::string> categories;  ///< of bars
  std::vector<Series> series;
};

struct ReplayResult {
  std::string title;               ///< one line: what was replayed, on what
  std::vector<std::string> notes;  ///< assumptions a reader must know, one sentence each
  std::vector<ReplayRow> rows;
  std::vector<ReplayTable> tables;
  std::vector<ReplayFigure> figures;
  Json results = Json::object();  ///< the replay's own, keys stable
};

}  // namespace heddle
