#include "dataflows/matrix_counts.h"

#include "dataflows/layout.h"
#include "sim/memory/memory.h"

namespace heddle {

std::vector<std::uint32_t> column_counts(const Csr& matrix) {
  std::vector<std::uint32_t> counts(matrix.cols, 0);
  for (const Coordinate column : matrix.coordinates) ++counts[column];
  return counts;
}

std::uint64_t row_products(const Workload& workload, std::uint32_t row) {
  std::uint64_t products = 0;
  for (const Coordinate k : workload.a->row(row).coordinates) products += workload.b->row_nnz(k);
  return products;
}

std::uint64_t segment_elements(const Config& config) {
  return (config.outer_product.row_buffer.count / 2 - kLineBytes) / config.layout.element_bytes();
}

RowCounts partial_fibers(const Workload& workload, std::uint32_t row, std::uint64_t segment_elements) {
  RowCounts counts;
  for (const Coordinate k : workload.a->row(row).coordinates) {
    const std::uint64_t nonzeros = workload.b->row_nnz(k);
    counts.fibers += divide_up(nonzeros, segment_elements);
    counts.products += nonzeros;
  }
  return counts;
}

PartialLog partial_log(const Workload& workload, const Config& config) {
  const std::uint64_t segment = segment_elements(config);
  const std::uint64_t multipliers = config.machine.pe.all_multipliers();
  const std::vector<std::uint32_t> p = column_counts(*workload.a);
  PartialLog log;
  for (std::uint32_t k = 0; k < workload.b->rows; ++k) {
    const std::uint64_t q = workload.b->row_nnz(k);
    if (p[k] == 0 || q == 0) continue;
    const std::uint64_t full = q / segment;
    const std::uint64_t rest = q % segment;
    log.fibers += p[k] * divide_up(q, segment);
    log.segments += divide_up(q, segment);
    log.least_cycles += full * divide_up(p[k] * segment, multipliers) + divide_up(p[k] * rest, multipliers);
  }
  log.bytes = log.fibers * config.outer_product.header_bytes + workload.products * config.layout.element_bytes();
  return log;
}

}  // namespace heddle
