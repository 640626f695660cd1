// What is known about a workload without any hardware, as it stands in every result.
#pragma once

#include <cstdint>
#include <string>

#include "matrices/workload.h"
#include "sim/base/describe.h"

namespace heddle {

/// Identity of shape, pattern and values, 32 hexadecimal digits. O(nnz).
std::string matrix_hash(const Csr& matrix);

struct WorkloadSummary {
  std::string a, b, a_hash, b_hash;
  std::uint64_t rows = 0, inner = 0, cols = 0, nnz_a = 0, nnz_b = 0, nnz_c = 0, products = 0;
  double compression_factor = 0;
};
template <class V>
void describe(V& v, WorkloadSummary& w) {
  v.field("a", w.a, "text", "A as named on the command line or by the sweep");
  v.field("b", w.b, "text", "B likewise, or how it is made from A");
  v.field("a_hash", w.a_hash, "text", "identity of A: shape, pattern and values");
  v.field("b_hash", w.b_hash, "text", "identity of B");
  v.field("rows", w.rows, "count", "rows of A and C");
  v.field("inner", w.inner, "count", "columns of A, rows of B");
  v.field("cols", w.cols, "count", "columns of B and C");
  v.field("nnz_a", w.nnz_a, "count", "nonzeros of A");
  v.field("nnz_b", w.nnz_b, "count", "nonzeros of B");
  v.field("nnz_c", w.nnz_c, "count", "structural nonzeros of C");
  v.field("products", w.products, "count", "multiplications, sum over k of nnz(A(:,k)) nnz(B(k,:))");
  v.field("compression_factor", w.compression_factor, "ratio", "products over nonzeros of C");
}

WorkloadSummary summarise(const Workload& workload, const std::string& a_hash, const std::string& b_hash);

}  // namespace heddle
