#include "matrices/summary.h"

#include <span>

#include "sim/base/hash.h"

namespace heddle {

std::string matrix_hash(const Csr& matrix) {
  Hasher hasher;
  const std::uint32_t shape[] = {matrix.rows, matrix.cols};
  hasher.update(std::span<const std::uint32_t>(shape));
  hasher.update(std::span<const std::uint64_t>(matrix.pointers));
  hasher.update(std::span<const Coordinate>(matrix.coordinates));
  hasher.update(std::span<const double>(matrix.values));
  return hasher.hex();
}

WorkloadSummary summarise(const Workload& w, const std::string& a_hash, const std::string& b_hash) {
  return {w.a_name,  w.b_name,   a_hash,     b_hash,    w.a->rows,  w.a->cols,
          w.b->cols, w.a->nnz(), w.b->nnz(), w.nnz_c(), w.products, w.compression_factor()};
}

}  // namespace heddle
