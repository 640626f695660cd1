// How good choices are: slowdown = cycles(chosen) / cycles(best), over the same actions.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/selector/table.h"
#include "sim/base/describe.h"

namespace heddle::selector {

struct Score {
  std::uint64_t count = 0;
  double accuracy = 0;
  double decisive_accuracy = 0;
  std::uint64_t decisive = 0;
  double macro_f1 = 0;
  double geomean = 1;
  double oracle_share = 1;
  double best_fixed = 1;
  double captured = 0;
  double p95 = 1, max = 1;
  std::string worst;
  std::array<std::array<std::uint64_t, kDataflows>, kDataflows> confusion{};  ///< [best][chosen]
};
template <class V>
void describe(V& v, Score& s) {
  v.field("count", s.count, "count", "products judged");
  v.field("accuracy", s.accuracy, "fraction", "chosen within 1 % of the best");
  v.field("decisive_accuracy", s.decisive_accuracy, "fraction", "the same where the best two differ by more than 5 %");
  v.field("decisive", s.decisive, "count", "products where they do");
  v.field("macro_f1", s.macro_f1, "fraction", "mean over the dataflows that are ever best of the F1 of choosing them");
  v.field("geomean", s.geomean, "ratio", "geometric mean of the slowdown against the best dataflow of each product");
  v.field("oracle_share", s.oracle_share, "fraction", "1 / geomean: the share of the oracle's speed");
  v.field("best_fixed", s.best_fixed, "ratio", "geometric mean slowdown of the one dataflow that is best in hindsight");
  v.field("captured", s.captured, "fraction",
          "headroom over the best fixed dataflow: (best_fixed / geomean - 1) / (best_fixed - 1); 0 if there is none");
  v.field("p95", s.p95, "ratio", "95th percentile of the slowdown");
  v.field("max", s.max, "ratio", "largest slowdown");
  v.field("worst", s.worst, "text", "the product it was on");
}

/// choices[i] is the dataflow chosen for rows[i]; `extra` are cycles charged beside it (selection), empty: none.
Score score(const Rows& rows, std::span<const std::size_t> choices, std::span<const double> extra = {});

/// Geometric mean slowdown of one dataflow.
double fixed_slowdown(const Rows& rows, std::size_t dataflow);
/// The dataflow with the least.
std::size_t best_fixed(const Rows& rows);
/// Expected score of a uniformly random choice: geometric mean slowdown.
double random_slowdown(const Rows& rows);

/// How the dataflows compare over a set of products.
struct Spread {
  std::uint64_t count = 0;
  double median = 1, p90 = 1, max = 1;
};
template <class V>
void describe(V& v, Spread& s) {
  v.field("count", s.count, "count", "products");
  v.field("median", s.median, "ratio", "half of them are above");
  v.field("p90", s.p90, "ratio", "a tenth of them is above");
  v.field("max", s.max, "ratio", "largest");
}
Spread spread_of(std::vector<double> values);

struct Problem {
  std::uint64_t count = 0;
  PerDataflow wins{}, fixed{};  ///< share of products each is best on; geometric mean slowdown
  double random = 1;
  Spread worst_over_best, second_over_best, fixed_over_best;
};
template <class V>
void describe(V& v, Problem& p) {
  v.field("count", p.count, "count", "products");
  v.field("wins_inner_product", p.wins[0], "fraction", "products on which it is best");
  v.field("wins_outer_product", p.wins[1], "fraction", "likewise");
  v.field("wins_row_wise", p.wins[2], "fraction", "likewise");
  v.field("fixed_inner_product", p.fixed[0], "ratio", "geometric mean slowdown against the oracle");
  v.field("fixed_outer_product", p.fixed[1], "ratio", "likewise");
  v.field("fixed_row_wise", p.fixed[2], "ratio", "likewise");
  v.field("random", p.random, "ratio", "geometric mean slowdown of a random choice");
  v.section("worst_over_best", p.worst_over_best, "cycles of the worst dataflow over the best, per product");
  v.section("second_over_best", p.second_over_best, "cycles of the second best over the best");
  v.section("fixed_over_best", p.fixed_over_best, "cycles of the best fixed dataflow over the best");
}
Problem problem_of(const Rows& rows);

}  // namespace heddle::selector
