#include "tools/sweep/variants.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "sim/base/errors.h"
#include "sim/base/help.h"
#include "sim/base/json.h"
#include "sim/base/spelling.h"
#include "tools/heddle/machine_lookup.h"
#include "tools/sweep/axes.h"

namespace heddle {
namespace {

using Kind = ConfigNode::Kind;

struct MachineChoice {
  std::string name;
  ConfigTree tree;
};

/// Runs `action`; what it has to say about the user's input is said at `at`.
template <class Action>
auto at_place(const ConfigPlace& at, const Action& action) {
  try {
    return action();
  } catch (const InputError& error) {
    at.fail(error.what());
  }
}

std::vector<MachineChoice> read_machines(const RawNode& raw, const std::string& folder) {
  namespace fs = std::filesystem;
  if (!raw.given) return {{kDefaultMachine, load_config(find_machine(kDefaultMachine))}};
  std::vector<MachineChoice> machines;
  for (const RawNode& value : one_or_more(raw, "the name or the file of a machine")) {
    const std::string& text = value.node.text;
    const fs::path beside = fs::path(folder) / text;
    const bool is_path = text.find('/') != std::string::npos || fs::path(text).extension() == ".yaml";
    machines.push_back(at_place(value.place(), [&]() -> MachineChoice {
      return {text, load_config(find_machine(is_path ? beside.string() : text))};
    }));
  }
  return machines;
}

std::vector<const CatalogEntry*> read_dataflows(const RawNode& raw) {
  std::vector<const CatalogEntry*> entries;
  if (raw.given && raw.node.text != "all") {
    for (const RawNode& value : one_or_more(raw, "the name of a dataflow"))
      entries.push_back(at_place(value.place(), [&] { return &find_dataflow(value.node.text); }));
    return entries;
  }
  for (const CatalogEntry& entry : catalog()) entries.push_back(&entry);
  return entries;
}

/// Keys of the configuration whose value is a list.
std::set<std::string> list_keys() {
  std::set<std::string> keys;
  for (const KeyHelp& key : described_keys(Config{}))
    if (key.path.ends_with("[]")) keys.insert(key.path.substr(0, key.path.size() - 2));
  return keys;
}

/// One wheel of the odometer: axes that advance together, by their index.
struct Wheel {
  std::vector<std::size_t> axes;
  std::size_t size = 0;
};

/// Each axis is in one wheel; a wheel stands where its first axis was.
std::vector<Wheel> make_wheels(const RawNode& zip, const std::vector<std::string>& names,
                               const std::vector<std::size_t>& sizes) {
  std::vector<std::size_t> group(names.size(), names.size());  // of each axis: number of its zip list
  if (zip.given) {
    zip.place().require(Kind::list, "a list of lists of axes");
    const std::vector<std::string_view> known(names.begin(), names.end());
    for (std::size_t g = 0; g < zip.node.children.size(); ++g) {
      const RawNode list{zip.node.children[g], zip.path + "[" + std::to_string(g) + "]", true};
      list.place().require(Kind::list, "a list of axes that advance together");
      std::size_t first = names.size();
      for (const RawNode& value : one_or_more(list, "the key of an axis")) {
        const auto found = std::find(names.begin(), names.end(), value.node.text);
        if (found == names.end()) value.place().fail(unknown_word("axis", value.node.text, known));
        const auto axis = static_cast<std::size_t>(found - names.begin());
        if (group[axis] != names.size()) value.place().fail("this axis is zipped already");
        group[axis] = g;
        if (first == names.size()) first = axis;
        if (sizes[axis] != sizes[first])
          value.place().fail("has " + std::to_string(sizes[axis]) + " values, " + names[first] + " has " +
                             std::to_string(sizes[first]) + "; zipped axes need as many each");
      }
    }
  }
  std::vector<Wheel> wheels;
  std::map<std::size_t, std::size_t> wheel_of_group;
  for (std::size_t axis = 0; axis < names.size(); ++axis) {
    const bool zipped = group[axis] != names.size();
    if (zipped && wheel_of_group.count(group[axis])) {
      wheels[wheel_of_group[group[axis]]].axes.push_back(axis);
      continue;
    }
    if (zipped) wheel_of_group[group[axis]] = wheels.size();
    wheels.push_back({{axis}, sizes[axis]});
  }
  return wheels;
}

/// Configurations by machine and choice of the axes, each made once.
class ConfigMaker {
 public:
  ConfigMaker(std::vector<MachineChoice> machines, ConfigNode on_top, std::vector<Axis> axes)
      : machines_(std::move(machines)), on_top_(std::move(on_top)), axes_(std::move(axes)) {}

  std::shared_ptr<const EffectiveConfig> make(std::size_t machine, const std::vector<std::size_t>& choice) {
    auto& made = made_[{machine, choice}];
    if (made) return made;
    ConfigTree tree = machines_[machine].tree;
    overlay(tree, with_choice(on_top_, axes_, choice));
    auto config = std::make_shared<EffectiveConfig>();
    config->config = config_of(tree);
    config->hash = config_hash(config->config);
    config->json = to_json(config->config).dump();
    return made = std::move(config);
  }

 private:
  std::vector<MachineChoice> machines_;
  ConfigNode on_top_;
  std::vector<Axis> axes_;
  std::map<std::pair<std::size_t, std::vector<std::size_t>>, std::shared_ptr<const EffectiveConfig>> made_;
};

}  // namespace

std::vector<Variant> expand_variants(const SweepKeys& keys, const std::string& folder) {
  std::vector<MachineChoice> machines = read_machines(keys.machines, folder);
  const std::vector<const CatalogEntry*> dataflows = read_dataflows(keys.dataflows);
  ConfigNode on_top = keys.config.node;
  if (!keys.config.given) on_top.kind = Kind::map;
  if (keys.config.given) keys.config.place().require(Kind::map, "keys of the configuration");
  const std::set<std::string> lists = list_keys();
  const std::vector<Axis> axes = find_axes(on_top, [&](const std::string& path) { return lists.count(path) > 0; });

  std::vector<std::string> names = {"machines"}, machine_names;
  std::vector<std::size_t> sizes = {machines.size()};
  for (const MachineChoice& machine : machines) machine_names.push_back(machine.name);
  for (const Axis& axis : axes) {
    names.push_back(axis.path);
    sizes.push_back(axis.values.size());
  }
  names.emplace_back("dataflows");
  sizes.push_back(dataflows.size());
  const std::vector<Wheel> wheels = make_wheels(keys.zip, names, sizes);
  std::vector<std::size_t> wheel_sizes;
  for (const Wheel& wheel : wheels) wheel_sizes.push_back(wheel.size);

  ConfigMaker maker(std::move(machines), on_top, axes);
  std::vector<Variant> variants;
  for_each_choice(wheel_sizes, [&](std::span<const std::size_t> turn) {
    std::vector<std::size_t> choice(names.size());
    for (std::size_t w = 0; w < wheels.size(); ++w)
      for (const std::size_t axis : wheels[w].axes) choice[axis] = turn[w];
    Variant variant;
    variant.config = maker.make(choice.front(), {choice.begin() + 1, choice.end() - 1});
    variant.dataflow = dataflows[choice.back()];
    variant.settings["machine"] = variant.label = machine_names[choice.front()];
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const std::string& value = axes[i].values[choice[i + 1]].text;
      variant.settings[axes[i].path] = value;
      variant.label += " " + axes[i].path + "=" + value;
    }
    variant.settings["dataflow"] = std::string(variant.dataflow->name);
    variant.label += " " + std::string(variant.dataflow->name);
    variants.push_back(std::move(variant));
  });
  return variants;
}

}  // namespace heddle
