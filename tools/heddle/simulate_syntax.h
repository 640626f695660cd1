// The options of heddle simulate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/heddle/arguments.h"
#include "tools/heddle/simulation.h"
#include "tools/heddle/trace.h"

namespace heddle {

enum class ExplainMode : std::uint8_t { off, on, verify };

struct SimulateChoices {
  std::vector<std::string> matrices;
  OperandChoice operands;
  std::string machine;
  std::vector<const CatalogEntry*> dataflows;
  bool automatic = false;  ///< the trained selector chooses one; `dataflows` is empty
  std::vector<std::string> overrides;
  CheckMode check = CheckMode::automatic;
  std::string json, csv, trace;  ///< empty: none; "-": standard output
  std::optional<std::string> trace_window;
  std::uint64_t trace_max_bytes = 0;
  ExplainMode explain = ExplainMode::off;
  bool host = false, estimate = false, quiet = false, help_config = false;
};

CommandSyntax simulate_syntax();
/// Throws InputError.
SimulateChoices parse_simulate(const std::vector<std::string>& words);
TraceLimits trace_limits(const SimulateChoices& choices);

}  // namespace heddle
