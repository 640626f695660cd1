#include "models/selector/heuristics.h"

#include <algorithm>
#include <cmath>

namespace heddle::selector {
namespace {

constexpr auto kInner = static_cast<std::size_t>(DataflowKind::inner_product);
constexpr auto kOuter = static_cast<std::size_t>(DataflowKind::outer_product);
constexpr auto kRow = static_cast<std::size_t>(DataflowKind::row_wise);

double density(std::uint64_t nnz, std::uint64_t rows, std::uint64_t cols) {
  return rows == 0 || cols == 0 ? 0 : double(nnz) / double(rows) / double(cols);
}

/// HiT, section IV: below 10 % density and from 10 to 90 % one of two modes based on the outer product, above 90 %
/// inner product. With two operands the sparser one decides: a dense mode needs both dense.
std::size_t hit(const Example& e) {
  const Measurement& m = e.measured;
  const double sparser = std::min(density(m.nnz_a, m.rows, m.inner), density(m.nnz_b, m.inner, m.cols));
  return sparser > 0.9 ? kInner : kOuter;
}

/// Harmonia, section IV.C: inner product for moderate sparsity with uniform rows, row-wise for high variance of rows or
/// clustered A, outer product for uniform A with B of low density. The numbers are choices: "moderate" from 1 % (below
/// it an inner product wastes most intersections), "uniform" below a coefficient of variation of 1, "clustered" from
/// half of the rows of B repeating within 16 rows of A, "low density" below 1 %.
std::size_t harmonia(const Example& e) {
  const Measurement& m = e.measured;
  const double a = density(m.nnz_a, m.rows, m.inner), b = density(m.nnz_b, m.inner, m.cols);
  if (m.a_row_cv >= 1 || m.reuse >= 0.5) return a >= 0.01 && b >= 0.01 && m.a_row_cv < 1 ? kInner : kRow;
  if (a >= 0.01) return kInner;
  return b < 0.01 ? kOuter : kRow;
}

/// Vesper-like (Harmonia, section II): off-chip traffic of each dataflow under uniform densities, the least wins.
std::size_t traffic(const Example& e) {
  const Measurement u = uniform_view(e.measured);
  const double sram = std::exp2(e.features[find_feature("sram")]);
  const double multipliers = std::exp2(e.features[find_feature("multipliers")]);
  constexpr double kElement = 12, kHeader = 16;  // bytes; the layout every accelerator paper that states one has
  const double a = kElement * double(u.nnz_a), b = kElement * double(u.nnz_b), c = kElement * u.products * u.fill;
  const double folds = std::max(1.0, double(u.nnz_a) / multipliers);
  const double log = kElement * u.products + kHeader * double(u.nnz_a);
  const double held = std::min(1.0, sram / std::max(1.0, b));
  const double fetched = kElement * u.products;
  PerDataflow bytes{};
  bytes[kInner] = a + 3 * b + c + (folds - 1) * std::max(0.0, b - sram);  // conversion of B: read and written once
  bytes[kOuter] = 3 * a + b + c + 2 * std::max(0.0, log - sram);
  bytes[kRow] = a + c + std::min(b, fetched) + std::max(0.0, fetched - b) * (1 - held);
  return smallest(bytes);
}

/// Spada's rule: try each candidate on the first blocks of the matrix, keep the one with the fewest cycles per nonzero
/// of A. Its candidates are window heights; here they are the dataflows, on the first 128 rows.
std::size_t spada(const Example& e) {
  return smallest(e.trial);
}

constexpr Heuristic kHeuristics[] = {{"hit", "density thresholds of HiT", hit},
                                     {"harmonia", "profile rule of Harmonia", harmonia},
                                     {"traffic", "least traffic under uniform densities, as Vesper", traffic},
                                     {"spada", "profiling on the first rows, as Spada", spada}};

}  // namespace

std::span<const Heuristic> heuristics() {
  return kHeuristics;
}

}  // namespace heddle::selector
