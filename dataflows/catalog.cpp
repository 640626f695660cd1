#include <array>
#include <vector>

#include "dataflows/bounds.h"
#include "dataflows/dataflow.h"
#include "dataflows/finish.h"
#include "dataflows/inner_product/model.h"
#include "dataflows/outer_product/model.h"
#include "dataflows/row_wise/model.h"
#include "sim/base/errors.h"
#include "sim/base/spelling.h"

namespace heddle {

namespace {

using Model = RunResult (*)(const Workload&, const Config&, const RunOptions&);

/// No run without its laws.
template <DataflowKind kind, Model model>
RunResult run(const Workload& workload, const Config& config, const RunOptions& options) {
  RunResult result = model(workload, config, options);
  finish(kind, workload, config, result.report);
  return result;
}

}  // namespace

std::span<const CatalogEntry> catalog() {
  using enum DataflowKind;
  static constexpr std::array<CatalogEntry, 3> kCatalog = {{
      {inner_product, "inner_product", "m-n-k", run<inner_product, run_inner_product>, inner_product_bounds,
       validate_inner_product},
      {outer_product, "outer_product", "k-m-n", run<outer_product, run_outer_product>, outer_product_bounds,
       validate_outer_product},
      {row_wise, "row_wise", "m-k-n", run<row_wise, run_row_wise>, row_wise_bounds, validate_row_wise},
  }};
  return kCatalog;
}

const CatalogEntry& find_dataflow(std::string_view name) {
  std::vector<std::string_view> names;
  for (const CatalogEntry& entry : catalog()) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  throw InputError(unknown_word("dataflow", name, names));
}

}  // namespace heddle
