// The reconfiguration engine (after Misam, MICRO 2025): loads another dataflow only when what it is expected to save
// pays for the switch.
#pragma once

#include <cstdint>

#include "models/selector/action.h"
#include "sim/base/describe.h"

namespace heddle::selector {

struct EngineConfig {
  double alpha = 1;            ///< switch iff expected saving > alpha x cost
  double expected_run = 4;     ///< products a winner is expected to stay one, before any was seen
  std::uint32_t patience = 1;  ///< products in a row that must have the same winner, unless one alone pays
  double risk = 1;             ///< most switches' worth that may ever be lost against staying put
};
template <class V>
void describe(V& v, EngineConfig& c) {
  v.field("alpha", c.alpha, "ratio", "switch only if the expected saving exceeds so many times the cost", at_least(0));
  v.field("expected_run", c.expected_run, "products", "a winner stays one for so long, until experience says otherwise",
          at_least(1));
  v.field("patience", c.patience, "products",
          "in a row with the same winner before a switch, unless one alone pays for it", in_range(1, 1000));
  v.field("risk", c.risk, "switches",
          "most that may be lost against keeping what was loaded first, if predictions hold", at_least(1));
}

/// Learns how long winners last. One engine per stream.
///
/// Guarantee, if predictions are exact: cycles so far <= cycles of staying with the first dataflow + risk x cost. A
/// switch is made only if, after paying for it and for the way back, that still holds; the way back is always open.
class ReconfigurationEngine {
 public:
  ReconfigurationEngine(EngineConfig config, std::size_t loaded, double switch_cycles)
      : config_(config), first_(loaded), loaded_(loaded), cost_(switch_cycles) {}

  /// The dataflow for the next product, whose cycles are predicted; the engine takes it as loaded.
  std::size_t decide(const PerDataflow& predicted);
  std::size_t loaded() const { return loaded_; }

 private:
  bool affordable(std::size_t target, const PerDataflow& predicted) const;
  void observe_winner(std::size_t winner);

  EngineConfig config_;
  std::size_t first_, loaded_;
  double cost_;
  double lead_ = 0;  ///< predicted cycles of staying with the first less those spent
  std::size_t winner_ = ~std::size_t{0};
  std::uint32_t run_ = 0;
  double runs_ = 1, products_ = 0;  ///< winners seen and products they lasted; the prior counts as one
};

}  // namespace heddle::selector
