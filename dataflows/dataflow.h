// One run of one dataflow on one machine.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "dataflows/config.h"
#include "matrices/workload.h"
#include "sim/kernel/account.h"
#include "sim/report/report.h"

namespace heddle {

enum class DataflowKind { inner_product, outer_product, row_wise };

struct RunOptions {
  bool carry_values = false;     ///< form C's values in the hardware's order (the check needs them)
  ActivitySink* sink = nullptr;  ///< timeline; nullptr for none
};

struct RunResult {
  RunReport report;
  std::optional<Csr> c;  ///< with carry_values
};

/// One row per dataflow: the only list of them.
struct CatalogEntry {
  DataflowKind kind;
  std::string_view name;
  std::string_view loop_order;
  RunResult (*run)(const Workload&, const Config&, const RunOptions&);  ///< ends with the laws of dataflows/finish.h
  Bounds (*bounds)(const Workload&, const Config&);
  void (*validate)(const Config&);  ///< throws InputError; the run does so too
};
std::span<const CatalogEntry> catalog();
/// Throws InputError listing the known names and the nearest one.
const CatalogEntry& find_dataflow(std::string_view name);

}  // namespace heddle
