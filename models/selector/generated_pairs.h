// Draws generated pairs. Internal to plan.cpp.
#pragma once

#include <string>

#include "models/selector/plan.h"
#include "sim/base/random.h"

namespace heddle::selector {

/// A and B of one family, expected products within the plan's bounds.
void draw_matrices(const GeneratedPlan& plan, PairFamily family, Random& random, PairRecipe& pair);

/// The machine with each of multipliers, PEs, bandwidth, SRAM and radix times one of the factors.
void change_machine(const std::vector<double>& factors, Random& random, Config& config);

/// Index drawn with probability proportional to its weight.
template <class Choice>
std::size_t draw_weighted(const std::vector<Choice>& choices, Random& random) {
  double total = 0;
  for (const Choice& choice : choices) total += choice.weight;
  double left = random.uniform_real() * total;
  for (std::size_t i = 0; i + 1 < choices.size(); ++i) {
    left -= choices[i].weight;
    if (left < 0) return i;
  }
  return choices.size() - 1;
}

}  // namespace heddle::selector
