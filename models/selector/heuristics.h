// Published rules for choosing a dataflow, as far as they are published; facts not in the papers are named as choices.
#pragma once

#include <span>
#include <string_view>

#include "models/selector/table.h"

namespace heddle::selector {

struct Heuristic {
  std::string_view name;
  std::string_view text;
  std::size_t (*choose)(const Example& example);
};
/// hit, harmonia, traffic, spada.
std::span<const Heuristic> heuristics();

}  // namespace heddle::selector
