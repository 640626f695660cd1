#include "tools/heddle/estimate.h"

#include "dataflows/bounds.h"
#include "tools/heddle/table.h"

namespace heddle {
namespace {

/// Host speed of the models on one core of a 2020s server, from tests/bench; runs lie within about 3 x of it.
struct HostSpeed {
  double products_per_second;
  double cycles_per_second;
};
HostSpeed host_speed(DataflowKind kind) {
  switch (kind) {
    case DataflowKind::inner_product:
      return {100e6, 1e9};
    case DataflowKind::outer_product:
      return {20e6, 5e6};
    case DataflowKind::row_wise:
      return {40e6, 5e6};
  }
  return {1, 1};
}

std::uint64_t csr_bytes(std::uint64_t rows, std::uint64_t nnz, std::uint64_t element_bytes) {
  return 8 * (rows + 1) + element_bytes * nnz;
}

/// A, B and C in CSR; with values when C is formed.
std::uint64_t expected_memory(const Workload& w) {
  constexpr std::uint64_t kFixed = 32 << 20;
  const std::uint64_t b_bytes = w.b == w.a ? 0 : csr_bytes(w.b->rows, w.b->nnz(), 12);
  return kFixed + csr_bytes(w.a->rows, w.a->nnz(), 12) + b_bytes + 2 * csr_bytes(w.a->rows, w.nnz_c(), 12);
}

}  // namespace

double estimate_seconds(const CatalogEntry& dataflow, const Workload& workload, const Config& config) {
  const HostSpeed speed = host_speed(dataflow.kind);
  return static_cast<double>(workload.products) / speed.products_per_second +
         estimate_cycles(dataflow.kind, workload, config) / speed.cycles_per_second;
}

std::string estimate_text(const Experiment& experiment, const std::vector<const CatalogEntry*>& dataflows) {
  TextTable table({"expected", "cycles", "least possible\ncycles", "host\ns", "host\nMB"});
  for (const CatalogEntry* const entry : dataflows) {
    const double cycles = estimate_cycles(entry->kind, experiment.workload, experiment.config);
    const double seconds = estimate_seconds(*entry, experiment.workload, experiment.config);
    table.add({"  " + std::string(entry->name), readable(cycles),
               grouped(entry->bounds(experiment.workload, experiment.config).lower()), readable(seconds),
               readable(static_cast<double>(expected_memory(experiment.workload)) / 1e6)});
  }
  return table.render(false);
}

}  // namespace heddle
