// The keys of a report, its energy and its area.
#include "sim/report/report.h"

#include <gtest/gtest.h>

#include "sim/base/help.h"
#include "sim/base/json.h"
#include "sim/report/area.h"
#include "sim/report/energy.h"

namespace heddle {
namespace {

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST(Report, KeysOfARun) {
  const std::vector<std::string> expected = {"dataflow",
                                             "fidelity",
                                             "sampling_error_bound",
                                             "checked",
                                             "cycles",
                                             "seconds",
                                             "gflops",
                                             "products",
                                             "nnz_c",
                                             "mac_utilisation",
                                             "merge_utilisation",
                                             "bandwidth_utilisation",
                                             "load_imbalance",
                                             "dram_bytes",
                                             "dram_commands",
                                             "compulsory_bytes",
                                             "normalised_traffic",
                                             "sram_bytes",
                                             "cache",
                                             "decoder",
                                             "convert_cycles",
                                             "stalls",
                                             "actions",
                                             "energy_joules",
                                             "energy_parts_joules",
                                             "area_mm2",
                                             "area_parts_mm2",
                                             "resources",
                                             "bounds",
                                             "assumptions"};
  const Json json = to_json(RunReport{});
  EXPECT_EQ(keys_of(json), expected);
  EXPECT_EQ(keys_of(json["dram_bytes"]),
            (std::vector<std::string>{"a", "b", "c", "pointers", "partial_read", "partial_write", "total"}));
  EXPECT_EQ(keys_of(json["energy_joules"]),
            (std::vector<std::string>{"mac", "merge", "sram", "dram", "static", "total"}));
  EXPECT_EQ(keys_of(json["bounds"]), (std::vector<std::string>{"compute_cycles", "merge_cycles", "bandwidth_cycles"}));
}

TEST(Report, StallsThatOccurred) {
  CycleAccount account;
  account.busy(3);
  account.stall(7, Tensor::b, Cause::dram_queue);
  account.stall(8, Tensor::partial, Cause::output_full);
  account.close(10);
  RunReport report;
  report.stalls["pe"].add(account);
  report.stalls["pe"].add(account);
  EXPECT_EQ(report.stalls["pe"].total(), 20U);
  EXPECT_EQ(report.stalls["pe"].max_busy, 3U);
  EXPECT_EQ(to_json(report)["stalls"].dump(),
            R"({"pe":{"busy":6,"b.dram_queue":8,"partial.output_full":2,"no_work":0,"idle":4}})");
}

TEST(Report, EveryKeyHasAUnitAndASentence) {
  for (const KeyHelp& key : described_keys<RunReport>()) {
    EXPECT_TRUE(key.is_section || !key.unit.empty()) << key.path;
    EXPECT_FALSE(key.text.empty()) << key.path;
  }
}

TEST(Energy, ActionsTimesTable) {
  RunReport report;
  report.products = 10;
  report.nnz_c = 4;
  report.actions = {.macs = 10, .merge_inputs = 5, .intersections = 7, .network_elements = 3, .buffer_bytes = 9};
  report.sram_bytes = {.read = 64, .write = 128};
  report.dram_bytes.a = 64;
  report.seconds = 2;
  report.area_mm2 = 3;
  const EnergyConfig table = {.multiply_pj = 20,
                              .add_pj = 2,
                              .compare_pj = 0.5,
                              .sram_pj_per_byte = 3,
                              .buffer_pj_per_byte = 7,
                              .dram_pj_per_bit = 4,
                              .network_pj_per_byte = 1,
                              .static_watts_per_mm2 = 0.1};
  const EnergyParts parts = energy_of(report, table, {.radix = 64, .element_bytes = 12});
  const EnergyJoules energy = parts.groups();
  EXPECT_DOUBLE_EQ(energy.mac, (10 * 20 + 6 * 2) * 1e-12);
  EXPECT_DOUBLE_EQ(energy.merge, ((5 * 6 + 7) * 0.5 + 3 * 12) * 1e-12);
  EXPECT_DOUBLE_EQ(energy.sram, (192 * 3 + 9 * 7) * 1e-12);
  EXPECT_DOUBLE_EQ(parts.buffer, 9 * 7 * 1e-12);
  EXPECT_DOUBLE_EQ(energy.dram, 64 * 8 * 4 * 1e-12);
  EXPECT_DOUBLE_EQ(energy.leakage, 0.6);
}

TEST(Energy, BankedDramByCommand) {
  RunReport report;
  report.dram_bytes.b = 128;
  EnergyConfig table;
  table.dram_pj_per_bit = 100;
  table.dram_activate_pj = 900;
  table.dram_transfer_pj_per_bit = 3;
  table.dram_refresh_pj = 5000;
  EXPECT_DOUBLE_EQ(energy_of(report, table, {}).groups().dram, 1024 * 100 * 1e-12);
  report.dram_commands = {.activates = 2, .refreshes = 1};
  EXPECT_DOUBLE_EQ(energy_of(report, table, {}).dram_activate, 1800e-12);
  EXPECT_DOUBLE_EQ(energy_of(report, table, {}).groups().dram, (1024 * 3 + 1800 + 5000) * 1e-12);
}

TEST(Energy, LevelsOfAMergeTree) {
  RunReport report;
  report.actions.merge_inputs = 1;
  const EnergyConfig table = {.compare_pj = 1};
  EXPECT_DOUBLE_EQ(energy_of(report, table, {.radix = 2}).compare, 1e-12);
  EXPECT_DOUBLE_EQ(energy_of(report, table, {.radix = 64}).compare, 6e-12);
  EXPECT_DOUBLE_EQ(energy_of(report, table, {.radix = 65}).compare, 7e-12);
}

TEST(Area, ComponentsTimesTable) {
  const Resources resources = {.multipliers = 2,
                               .adders = 3,
                               .comparators = 5,
                               .merge_inputs_per_cycle = 1,
                               .sram_bytes = 2048,
                               .sram_ports = 7,
                               .buffer_bytes = 512};
  const AreaConfig table = {.multiplier_um2 = 100,
                            .adder_um2 = 10,
                            .comparator_um2 = 1,
                            .sram_um2_per_kib = 1000,
                            .sram_port_um2 = 20,
                            .buffer_um2_per_kib = 4000};
  EXPECT_DOUBLE_EQ(area_of(resources, table).total(), (200 + 30 + 5 + 2000 + 140 + 2000) * 1e-6);
}

}  // namespace
}  // namespace heddle
