// configs/energy: every table is complete, the nodes are in order, and 45 nm is what the code has by default.
#include <gtest/gtest.h>

#include <cmath>

#include "dataflows/config.h"
#include "sim/base/json.h"
#include "sim/base/yaml_reader.h"

namespace heddle {
namespace {

template <class Table>
Json table(const std::string& name, Table start) {
  const ConfigTree tree = load_config(HEDDLE_SOURCE_DIR "/configs/energy/" + name + ".yaml");
  const Json keys = to_json(start);
  EXPECT_EQ(tree.root.children.size(), keys.size()) << name;
  read_config(tree, start);
  return to_json(start);
}

TEST(EnergyTables, FortyFiveNanometresAreTheDefault) {
  EXPECT_EQ(table("45nm", EnergyConfig{}), to_json(EnergyConfig{}));
  EXPECT_EQ(table("45nm_area", AreaConfig{}), to_json(AreaConfig{}));
}

TEST(EnergyTables, SmallerNodesTakeLess) {
  const std::string nodes[] = {"45nm", "28nm", "16nm", "7nm"};
  for (int i = 1; i < 4; ++i) {
    const Json larger = table(nodes[i - 1], EnergyConfig{});
    const Json smaller = table(nodes[i], EnergyConfig{});
    for (const char* key : {"multiply_pj", "add_pj", "compare_pj", "sram_pj_per_byte", "buffer_pj_per_byte"})
      EXPECT_LT(smaller[key].get<double>(), larger[key].get<double>()) << nodes[i] << " " << key;
    const Json large_area = table(nodes[i - 1] + "_area", AreaConfig{});
    const Json small_area = table(nodes[i] + "_area", AreaConfig{});
    for (const auto& [key, value] : small_area.items())
      EXPECT_LT(value.get<double>(), large_area[key].get<double>()) << nodes[i] << " " << key;
  }
}

/// The files say how they are derived: geometric interpolation over the feature size between 45 and 7 nm.
TEST(EnergyTables, MiddleNodesAreInterpolated) {
  const Json first = table("45nm", EnergyConfig{});
  const Json last = table("7nm", EnergyConfig{});
  for (const auto& [name, node] : {std::pair{"28nm", 28.0}, {"16nm", 16.0}}) {
    const double part = std::log(45 / node) / std::log(45.0 / 7);
    const Json between = table(name, EnergyConfig{});
    for (const char* key : {"multiply_pj", "add_pj", "compare_pj", "sram_pj_per_byte", "buffer_pj_per_byte"}) {
      const double low = last[key].get<double>(), high = first[key].get<double>();
      EXPECT_NEAR(between[key].get<double>(), high * std::pow(low / high, part), 0.006 * high) << name << " " << key;
    }
  }
}

}  // namespace
}  // namespace heddle
