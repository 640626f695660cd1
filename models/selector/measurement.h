// What the selector knows of a product before it runs: shapes, row lengths from the pointers, and estimates from a
// sample of A's rows. Measuring costs cycles of the machine; they are counted here and charged by every evaluation.
#pragma once

#include <cstdint>

#include "dataflows/config.h"
#include "matrices/csr.h"
#include "sim/base/describe.h"

namespace heddle::selector {

/// Bumped when measure() changes: measurements of different numbers are not comparable.
inline constexpr int kMeasurementVersion = 2;

/// Most rows of A that are sampled, in windows of consecutive rows.
inline constexpr std::uint32_t kMostSampledRows = 1024;

struct Measurement {
  // from the headers
  std::uint64_t rows = 0, inner = 0, cols = 0, nnz_a = 0, nnz_b = 0;
  // from the pointers, O(rows)
  std::uint64_t a_row_max = 0, b_row_max = 0;
  double a_row_cv = 0, b_row_cv = 0;
  double a_empty = 0, b_empty = 0;
  double a_beyond_radix = 0;
  std::uint64_t pointer_cycles = 0;
  // from the sample
  std::uint64_t sampled_rows = 0;
  double products = 0;
  double fill = 1;
  double row_products_max = 0;
  double reuse = 0;
  double spread = 0;
  double b_columns = 0;
  double touched_b = 0;
  std::uint64_t sample_cycles = 0;
};
template <class V>
void describe(V& v, Measurement& m) {
  v.field("rows", m.rows, "count", "rows of A");
  v.field("inner", m.inner, "count", "columns of A, rows of B");
  v.field("cols", m.cols, "count", "columns of B");
  v.field("nnz_a", m.nnz_a, "count", "nonzeros of A");
  v.field("nnz_b", m.nnz_b, "count", "nonzeros of B");
  v.field("a_row_max", m.a_row_max, "count", "longest row of A");
  v.field("b_row_max", m.b_row_max, "count", "longest row of B");
  v.field("a_row_cv", m.a_row_cv, "ratio", "standard deviation of A's row lengths over their mean");
  v.field("b_row_cv", m.b_row_cv, "ratio", "standard deviation of B's row lengths over their mean");
  v.field("a_empty", m.a_empty, "fraction", "rows of A without a nonzero");
  v.field("b_empty", m.b_empty, "fraction", "rows of B without a nonzero");
  v.field("a_beyond_radix", m.a_beyond_radix, "fraction", "nonzeros of A in rows longer than the merge radix");
  v.field("pointer_cycles", m.pointer_cycles, "cycles", "to stream the pointers of A and B, once if they are one");
  v.field("sampled_rows", m.sampled_rows, "count", "rows of A in the sample");
  v.field("products", m.products, "count", "estimate of sum over k of nnz(A(:,k)) nnz(B(k,:))");
  v.field("fill", m.fill, "fraction", "estimate of nnz(C) / products");
  v.field("row_products_max", m.row_products_max, "count", "products of the heaviest sampled row of C");
  v.field("reuse", m.reuse, "fraction", "nonzeros of A whose row of B was named before in the same sampled window");
  v.field("spread", m.spread, "fraction", "mean distance of neighbouring nonzeros of sampled rows of A over inner");
  v.field("b_columns", m.b_columns, "count", "estimate of the columns of B that have nonzeros");
  v.field("touched_b", m.touched_b, "fraction", "estimate of B's nonzeros in rows that A names");
  v.field("sample_cycles", m.sample_cycles, "cycles",
          "to read the sampled rows of A and of B, or all of them if that is sooner; pointers not included");
}

/// Deterministic: the sample depends on the shapes alone. `same` says that A and B are one matrix in memory, whose
/// pointers are streamed once. O(rows + inner) time and, beyond that, at most kMostSampledRows rows and 8,192 nonzeros
/// of A, 1,024 rows and 16,384 nonzeros of B.
Measurement measure(const Csr& a, const Csr& b, bool same, const Config& config);

/// Cycles for `comparisons` of a decision tree and the arithmetic before them: one per comparison, and
/// kFeatureCycles for the closed forms, which the PEs' multipliers and adders evaluate side by side.
inline constexpr std::uint64_t kFeatureCycles = 64;

/// Everything selection costs on the machine: reading, arithmetic, comparisons.
inline std::uint64_t selection_cycles(const Measurement& m, std::uint64_t comparisons) {
  return m.pointer_cycles + m.sample_cycles + kFeatureCycles + comparisons;
}

}  // namespace heddle::selector
