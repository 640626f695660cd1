// Small examples made by hand: which dataflow is best is known from the features.
#pragma once

#include <cmath>
#include <string>

#include "models/selector/table.h"
#include "sim/base/random.h"

namespace heddle::selector {

inline constexpr std::size_t kInner = 0, kOuter = 1, kRow = 2;

/// The best dataflow follows from two features: ip_rw below 0: inner product; else op_rw below 0: outer; else row-wise.
inline Example ruled_example(Random& random, const std::string& family, std::size_t number) {
  Example e;
  e.id = family + "/" + std::to_string(number);
  e.family = family;
  e.machine = "made_up";
  e.pattern = e.id;
  for (double& f : e.features) f = random.uniform_real() * 4 - 2;
  const double inner = e.features[find_feature("ip_rw")], outer = e.features[find_feature("op_rw")];
  const std::size_t best = inner < 0 ? kInner : outer < 0 ? kOuter : kRow;
  e.cycles = {3000, 3000, 3000};
  e.cycles[best] = 1000;
  e.form = {2000, 2000, 2000};
  e.uniform_form = e.form;
  e.trial = e.cycles;
  return e;
}

inline Table ruled_table(std::size_t families, std::size_t each, std::uint64_t seed = 3) {
  Random random(seed);
  Table table;
  for (std::size_t f = 0; f < families; ++f)
    for (std::size_t i = 0; i < each; ++i) table.push_back(ruled_example(random, "family" + std::to_string(f), i));
  return table;
}

inline Rows all_rows(const Table& table) {
  return select(table, [](const Example&) { return true; });
}

}  // namespace heddle::selector
