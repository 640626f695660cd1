#include <array>
#include <vector>

#include "dataflows/bounds.h"
#include "dataflows/dataflow.h"
#include "dataflows/inner_product/model.h"
#include "dataflows/outer_product/model.h"
#include "dataflows/row_wise/model.h"
#include "sim/base/errors.h"
#include "sim/base/spelling.h"

namespace heddle {

std::span<const CatalogEntry> catalog() {
  static constexpr std::array<CatalogEntry, 3> kCatalog = {{
      {DataflowKind::inner_product, "inner_product", "m-n-k", run_inner_product, inner_product_bounds,
       validate_inner_product},
      {DataflowKind::outer_product, "outer_product", "k-m-n", run_outer_product, outer_product_bounds,
       validate_outer_product},
      {DataflowKind::row_wise, "row_wise", "m-k-n", run_row_wise, row_wise_bounds, validate_row_wise},
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
