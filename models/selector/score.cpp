#include "models/selector/score.h"

#include <algorithm>
#include <cmath>

#include "sim/base/errors.h"

namespace heddle::selector {
namespace {

constexpr double kTie = 1.01, kDecisive = 1.05;

double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * double(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::llround(at))];
}

double macro_f1(const Score& s) {
  double sum = 0;
  int classes = 0;
  for (std::size_t d = 0; d < kDataflows; ++d) {
    double best = 0, chosen = 0;
    for (std::size_t other = 0; other < kDataflows; ++other) {
      best += double(s.confusion[d][other]);
      chosen += double(s.confusion[other][d]);
    }
    if (best == 0) continue;
    ++classes;
    sum += 2 * double(s.confusion[d][d]) / (best + chosen);
  }
  return classes == 0 ? 0 : sum / classes;
}

}  // namespace

Score score(const Rows& rows, std::span<const std::size_t> choices, std::span<const double> extra) {
  HEDDLE_CHECK(rows.size() == choices.size() && (extra.empty() || extra.size() == rows.size()));
  Score s;
  s.count = rows.size();
  if (rows.empty()) return s;
  std::vector<double> slowdowns;
  double logs = 0;
  std::uint64_t right = 0, decisive_right = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Example& e = *rows[i];
    const double added = extra.empty() ? 0 : extra[i];
    const double slowdown = (e.cycles[choices[i]] + added) / std::max(1.0, e.cycles[e.best()]);
    const bool tie = e.slowdown(choices[i]) <= kTie;
    right += tie;
    if (e.margin() > kDecisive) {
      ++s.decisive;
      decisive_right += tie;
    }
    ++s.confusion[e.best()][tie ? e.best() : choices[i]];
    logs += std::log(slowdown);
    if (slowdown > s.max) {
      s.max = slowdown;
      s.worst = e.id;
    }
    slowdowns.push_back(slowdown);
  }
  std::sort(slowdowns.begin(), slowdowns.end());
  s.p95 = quantile(slowdowns, 0.95);
  s.accuracy = double(right) / double(s.count);
  s.decisive_accuracy = s.decisive == 0 ? 1 : double(decisive_right) / double(s.decisive);
  s.macro_f1 = macro_f1(s);
  s.geomean = std::exp(logs / double(s.count));
  s.oracle_share = 1 / s.geomean;
  s.best_fixed = fixed_slowdown(rows, best_fixed(rows));
  s.captured = s.best_fixed <= 1 + 1e-12 ? 0 : (s.best_fixed / s.geomean - 1) / (s.best_fixed - 1);
  return s;
}

double fixed_slowdown(const Rows& rows, std::size_t dataflow) {
  double logs = 0;
  for (const Example* e : rows) logs += std::log(e->slowdown(dataflow));
  return rows.empty() ? 1 : std::exp(logs / double(rows.size()));
}

std::size_t best_fixed(const Rows& rows) {
  PerDataflow slowdowns{};
  for (std::size_t d = 0; d < kDataflows; ++d) slowdowns[d] = fixed_slowdown(rows, d);
  return smallest(slowdowns);
}

double random_slowdown(const Rows& rows) {
  double logs = 0;
  for (std::size_t d = 0; d < kDataflows; ++d) logs += std::log(fixed_slowdown(rows, d));
  return std::exp(logs / kDataflows);
}

Spread spread_of(std::vector<double> values) {
  Spread s;
  s.count = values.size();
  if (values.empty()) return s;
  std::sort(values.begin(), values.end());
  s.median = quantile(values, 0.5);
  s.p90 = quantile(values, 0.9);
  s.max = values.back();
  return s;
}

Problem problem_of(const Rows& rows) {
  Problem p;
  p.count = rows.size();
  if (rows.empty()) return p;
  const std::size_t fixed = best_fixed(rows);
  std::vector<double> worst, second, over_best;
  for (const Example* e : rows) {
    p.wins[e->best()] += 1 / double(rows.size());
    worst.push_back(*std::max_element(e->cycles.begin(), e->cycles.end()) / e->cycles[e->best()]);
    second.push_back(e->margin());
    over_best.push_back(e->slowdown(fixed));
  }
  for (std::size_t d = 0; d < kDataflows; ++d) p.fixed[d] = fixed_slowdown(rows, d);
  p.random = random_slowdown(rows);
  p.worst_over_best = spread_of(worst);
  p.second_over_best = spread_of(second);
  p.fixed_over_best = spread_of(over_best);
  return p;
}

}  // namespace heddle::selector
