// Shared by the LCP replays.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "models/lcp/network.h"
#include "sim/base/errors.h"
#include "sim/base/spelling.h"

namespace heddle::lcp {

/// Throws InputError with the nearest name.
inline const NetworkConfig& find_network(const std::map<std::string, NetworkConfig>& networks, const std::string& name,
                                         const std::string& place = "") {
  const auto found = networks.find(name);
  if (found != networks.end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, network] : networks) names.push_back(known);
  throw InputError((place.empty() ? "" : place + ": ") + unknown_word("network", name, names));
}

/// Of positive numbers; 0 of none.
inline double geomean(const std::vector<double>& numbers) {
  double sum = 0;
  for (const double number : numbers) sum += std::log(number);
  return numbers.empty() ? 0 : std::exp(sum / double(numbers.size()));
}

}  // namespace heddle::lcp
