#include "tools/sweep/axes.h"

#include <utility>

#include "sim/base/describe.h"
#include "sim/base/yaml_reader.h"

namespace heddle {
namespace {

using Kind = ConfigNode::Kind;

void collect(const ConfigNode& map, const std::string& prefix,
             const std::function<bool(const std::string&)>& takes_list, std::vector<Axis>& axes) {
  for (const ConfigNode& child : map.children) {
    const std::string path = prefix + child.key;
    if (child.kind == Kind::map) collect(child, path + ".", takes_list, axes);
    if (child.kind != Kind::list) continue;
    if (child.children.empty()) ConfigPlace{child, path, any_value}.fail("an axis without values");
    if (takes_list(path) && child.children.front().kind != Kind::list) continue;
    axes.push_back({path, child.children, child});
  }
}

ConfigNode& at_path(ConfigNode& map, const std::string& path) {
  const std::size_t dot = path.find('.');
  ConfigNode* const child = map.find(path.substr(0, dot));
  return dot == std::string::npos ? *child : at_path(*child, path.substr(dot + 1));
}

}  // namespace

std::vector<Axis> find_axes(const ConfigNode& map, const std::function<bool(const std::string&)>& takes_list) {
  std::vector<Axis> axes;
  collect(map, "", takes_list, axes);
  return axes;
}

ConfigNode with_choice(ConfigNode map, std::span<const Axis> axes, std::span<const std::size_t> choice) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    ConfigNode& place = at_path(map, axes[i].path);
    ConfigNode value = axes[i].values[choice[i]];
    value.key = place.key;
    place = std::move(value);
  }
  return map;
}

void for_each_choice(std::span<const std::size_t> sizes,
                     const std::function<void(std::span<const std::size_t>)>& visit) {
  std::vector<std::size_t> choice(sizes.size(), 0);
  while (true) {
    visit(choice);
    std::size_t digit = sizes.size();
    while (digit > 0 && ++choice[digit - 1] == sizes[digit - 1]) choice[--digit] = 0;
    if (digit == 0) return;
  }
}

}  // namespace heddle
