// Which resource a run waits for, in words and numbers, and the experiment that proves it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/heddle/simulation.h"

namespace heddle {

/// A resource of which one could have twice as much, everything else equal.
struct Resource {
  std::string_view name;
  std::string_view text;  ///< "DRAM bandwidth"
  bool (*applies)(DataflowKind kind, const Config& config);
  /// Doubles it; false when this machine cannot have more of it.
  bool (*twice)(Config& config);
};
std::span<const Resource> resources();

/// Expected gain of a doubled resource: cycles now / cycles then.
struct ExpectedGain {
  const Resource* resource;
  double speed_up;
};

struct Explanation {
  std::string dataflow;
  std::uint64_t cycles = 0;
  const Resource* bottleneck = nullptr;  ///< nullptr: no resource is expected to help 10 %
  std::vector<ExpectedGain> gains;       ///< of all resources that apply, best first
  std::vector<std::string> evidence;     ///< sentences with the numbers behind it
};

/// A resource is worth naming when twice of it makes the run this much faster.
inline constexpr double kWorthNaming = 1.10;

Explanation explain(const RunReport& report, const Workload& workload, const Config& config);
std::string explanation_text(const Explanation& explanation);

struct Trial {
  const Resource* resource;
  std::uint64_t cycles;
  double speed_up;
};
struct Verification {
  std::vector<Trial> trials;  ///< best first
  bool confirmed = false;     ///< the named one helps 10 % and more than any other; or none was named and none helps
};
/// Runs the dataflow once per resource that applies, with twice of it.
Verification verify(const Explanation& explanation, const CatalogEntry& entry, const Experiment& experiment);
std::string verification_text(const Verification& verification);

}  // namespace heddle
