// Axes of a sweep: keys whose value is a list where one value is expected.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sim/base/config_tree.h"

namespace heddle {

struct Axis {
  std::string path;                ///< "machine.pe.count"
  std::vector<ConfigNode> values;  ///< each with the place it was written at
  ConfigNode node;                 ///< the list itself, for messages
};

/// All lists below `map`, in the order written. A key for which `takes_list` holds has a list for its value; there only
/// a list of lists is an axis. Throws InputError for an empty list.
std::vector<Axis> find_axes(const ConfigNode& map, const std::function<bool(const std::string&)>& takes_list);

/// `map` with the chosen value in the place of each axis.
ConfigNode with_choice(ConfigNode map, std::span<const Axis> axes, std::span<const std::size_t> choice);

/// Calls `visit` with every choice of one index per size, the last running fastest.
void for_each_choice(std::span<const std::size_t> sizes,
                     const std::function<void(std::span<const std::size_t>)>& visit);

}  // namespace heddle
