#include "tools/sweep/sweep_file.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "sim/base/config_tree.h"
#include "sim/base/errors.h"
#include "sim/base/spelling.h"
#include "tools/sweep/variants.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;
using Kind = ConfigNode::Kind;

CheckMode read_check(const RawNode& check) {
  constexpr std::pair<std::string_view, CheckMode> kModes[] = {
      {"auto", CheckMode::automatic}, {"on", CheckMode::on}, {"off", CheckMode::off}};
  if (!check.given) return CheckMode::automatic;
  return kModes[read_choice(check.place(), {kModes[0].first, kModes[1].first, kModes[2].first})].second;
}

/// All values each axis takes, by the name an exclusion calls it.
std::map<std::string, std::set<std::string>> known_values(const Sweep& sweep) {
  std::map<std::string, std::set<std::string>> known;
  for (const Variant& variant : sweep.variants)
    for (const auto& [axis, value] : variant.settings) known[axis].insert(value);
  for (const MatrixSource& matrix : sweep.matrices) known["matrix"].insert(matrix.name);
  return known;
}

/// Checks that each condition can hold: a misspelt one would exclude nothing.
std::vector<Exclusion> read_exclusions(const RawNode& exclude, const Sweep& sweep) {
  std::vector<Exclusion> exclusions;
  if (!exclude.given) return exclusions;
  exclude.place().require(Kind::list, "a list of maps from axes to values");
  const std::map<std::string, std::set<std::string>> known = known_values(sweep);
  std::vector<std::string_view> axes;
  for (const auto& [axis, values] : known) axes.push_back(axis);
  for (const ConfigNode& entry : exclude.node.children) {
    const std::string path = exclude.path + "[" + std::to_string(exclusions.size()) + "]";
    ConfigPlace{entry, path, any_value}.require(Kind::map, "a map from axes to values");
    Exclusion exclusion;
    for (const ConfigNode& child : entry.children) {
      const RawNode raw{child, path + "." + child.key, true};
      const auto axis = known.find(child.key);
      if (axis == known.end()) raw.place().fail(unknown_word("axis", child.key, axes));
      const std::vector<std::string_view> values(axis->second.begin(), axis->second.end());
      for (const RawNode& value : one_or_more(raw, "a value of the axis")) {
        const std::string& pattern = value.node.text;
        if (std::none_of(values.begin(), values.end(),
                         [&](std::string_view v) { return matches(pattern, std::string(v)); }))
          value.place().fail(unknown_word("value of " + child.key, pattern, values));
        exclusion[child.key].push_back(pattern);
      }
    }
    if (exclusion.empty()) ConfigPlace{entry, path, any_value}.fail("excludes every point");
    exclusions.push_back(std::move(exclusion));
  }
  return exclusions;
}

std::string read_name(const RawNode& name, const std::string& path) {
  if (!name.given) return fs::path(path).stem().string();
  name.place().require(Kind::scalar, "a name");
  if (name.node.text.empty() || name.node.text.find_first_of("/\n") != std::string::npos)
    name.place().fail_expected("a name without slashes");
  return name.node.text;
}

}  // namespace

bool Sweep::excludes(const Variant& variant, const std::string& matrix) const {
  const auto holds = [&](const auto& condition) {
    const std::string& value = condition.first == "matrix" ? matrix : variant.settings.at(condition.first);
    return std::any_of(condition.second.begin(), condition.second.end(),
                       [&](const std::string& pattern) { return matches(pattern, value); });
  };
  return std::any_of(exclusions.begin(), exclusions.end(), [&](const Exclusion& exclusion) {
    return std::all_of(exclusion.begin(), exclusion.end(), holds);
  });
}

Sweep load_sweep(const std::string& path) {
  const ConfigTree tree = load_config(path);
  SweepKeys keys;
  read_config(tree, keys);
  if (!keys.matrices.given) throw InputError(path + ": expected matrices: a list of sets of matrices");
  const std::string folder = fs::path(path).parent_path().string();
  Sweep sweep;
  sweep.name = read_name(keys.name, path);
  sweep.check = read_check(keys.check);
  sweep.variants = expand_variants(keys, folder);
  MatrixList matrices = expand_matrices(keys.matrices, folder);
  sweep.matrices = std::move(matrices.sources);
  sweep.notes = std::move(matrices.notes);
  sweep.exclusions = read_exclusions(keys.exclude, sweep);
  return sweep;
}

}  // namespace heddle
