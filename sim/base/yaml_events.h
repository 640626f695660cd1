// From the text of one YAML document to a ConfigNode, bounded in depth, nodes and memory. Internal to config_tree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/config_tree.h"

namespace heddle {

/// What all files of one configuration may use together; aliases are expanded, so a few lines can ask for a lot.
class YamlBudget {
 public:
  /// Throws InputError beginning with `where`.
  void charge(std::uint64_t nodes, std::uint64_t bytes, const std::string& where);

 private:
  std::uint64_t nodes_ = 0;
  std::uint64_t bytes_ = 0;
};

/// One document with any value. Throws InputError with `name` and line.
ConfigNode parse_yaml(std::string_view text, const std::string& name, YamlBudget& budget);

/// One document that is a map.
ConfigNode parse_yaml_map(std::string_view text, const std::string& name, YamlBudget& budget);

}  // namespace heddle
