// Machine files by path or by name, and the configuration they make.
#pragma once

#include <string>
#include <vector>

#include "dataflows/config.h"

namespace heddle {

inline constexpr const char* kDefaultMachine = "shared_budget";

/// A path if it names a file, has a slash or ends in .yaml; else NAME.yaml in $HEDDLE_CONFIGS/machines, the installed
/// share/heddle/configs/machines or the source tree's. Throws InputError listing the known names and the nearest.
std::string find_machine(const std::string& name_or_path);

/// Reads the file and applies `key.path=value` overrides. Not yet validated: what is required depends on the dataflow.
Config load_machine(const std::string& name_or_path, const std::vector<std::string>& overrides);

}  // namespace heddle
