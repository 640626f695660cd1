// What a report is made of: rows of matrix products from stores and result files, and published figures beside ours.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/base/json.h"

namespace heddle {

inline constexpr std::array<const char*, 6> kTrafficParts = {
    "a", "b", "c", "pointers", "partial_read", "partial_write"};
inline constexpr std::array<const char*, 5> kEnergyParts = {"mac", "merge", "sram", "dram", "static"};

/// One run. Names are indices into the tables of ReportData.
struct ResultRow {
  std::string key;  ///< in its store; position in the file for rows from JSON
  std::uint32_t source = 0, matrix = 0, variant = 0, dataflow = 0;
  bool checked = false, sampled = false;
  double cycles = 0, seconds = 0, gflops = 0, products = 0, nnz_c = 0;
  double compulsory_bytes = 0, bound_cycles = 0;
  double mac_utilisation = 0, bandwidth_utilisation = 0, multipliers = 0, area_mm2 = 0;
  std::array<double, 6> traffic_bytes{};  ///< by kTrafficParts
  std::array<double, 5> energy_joules{};  ///< by kEnergyParts
  double density = 0, row_gini = -1;      ///< of A; -1: not known

  double traffic() const;
  double energy() const;
};

/// A machine, with the values of the axes it was swept over.
struct ReportVariant {
  std::string machine;
  std::string label;                        ///< "shared_budget machine.pe.count=8"
  std::map<std::string, std::string> axes;  ///< as text
  std::map<std::string, double> numbers;    ///< of those axes that are numbers, in `axis_units`
  std::uint64_t rows = 0;
};

/// Cycles of all agents of a group by what they did, as shares summed over `runs`.
struct StallSum {
  std::map<std::string, double> shares;
  std::uint64_t runs = 0;
};

struct FailedPoint {
  std::string label, error;
};

/// A figure others published, and ours.
struct PublishedRow {
  std::string what, unit, verdict, note;
  double ours = 0;
  bool has_published = false, has_ours = true;
  double published = 0;
};
/// Of one result file of `heddle replay` or `heddle reproduce`.
struct PublishedTable {
  std::string title, source;
  std::vector<std::string> notes;
  std::vector<PublishedRow> rows;
  Json tables = Json::array();  ///< of a replay: {"title", "headers", "rows"}
};

struct ReportData {
  std::vector<std::string> sources, matrices, dataflows;
  std::vector<ReportVariant> variants;
  std::map<std::string, std::string> axis_units;
  std::vector<ResultRow> rows;                                                     ///< by matrix, variant, dataflow
  std::map<std::array<std::uint32_t, 2>, std::map<std::string, StallSum>> stalls;  ///< (variant, dataflow) -> group
  std::vector<FailedPoint> failed;
  std::vector<PublishedTable> published;
  std::vector<std::array<std::string, 3>> keys;  ///< name, unit and sentence of what the stores hold
  std::string model_versions;                    ///< "2", or a warning when there are several
};

/// Axes that advance together with `axis`: each value of one goes with one value of the other.
std::set<std::string> in_step_with(const ReportData& data, const std::string& axis);
/// Of two axes in step, is it `x` that names both? The shorter one does.
inline bool is_named_after(const std::string& x, const std::string& y) {
  return x.size() != y.size() ? x.size() < y.size() : x < y;
}

/// Reads stores and JSON files of simulate, replay and reproduce. `sweep`: of stores only this plan; "" for everything
/// of the newest model version in each. Throws InputError.
ReportData load_report_data(const std::vector<std::string>& paths, const std::string& sweep);

}  // namespace heddle
