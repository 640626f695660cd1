// Configuration files by path or by name, and what a machine's file makes.
#pragma once

#include <string>
#include <vector>

#include "dataflows/config.h"
#include "sim/base/config_tree.h"

namespace heddle {

inline constexpr const char* kDefaultMachine = "shared_budget";

/// A path if `name_or_path` names a file, has a slash or ends in .yaml; else NAME.yaml in the `folder` ("machines",
/// "workloads") of $HEDDLE_CONFIGS, of the installed share/heddle/configs or of the source tree's configs. Throws
/// InputError listing the known names and the nearest.
std::string find_config(const std::string& folder, const std::string& name_or_path);

inline std::string find_machine(const std::string& name_or_path) {
  return find_config("machines", name_or_path);
}

/// Reads the tree into a configuration; refuses unknown keys, an unknown DRAM part and impossible timings. Throws
/// InputError.
Config config_of(const ConfigTree& tree);

/// Reads the file and applies `key.path=value` overrides. Not yet validated: what is required depends on the dataflow.
Config load_machine(const std::string& name_or_path, const std::vector<std::string>& overrides);

}  // namespace heddle
