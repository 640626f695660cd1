// Outer product: every figure of the fast model equals that of the naive twin, on random workloads and shrunk machines.
#include "tests/twin/twin_suite.h"

namespace heddle::twin {
namespace {

constexpr DataflowKind kDataflow = DataflowKind::outer_product;

class OuterProductTwin : public testing::TestWithParam<int> {};

TEST_P(OuterProductTwin, EqualsFastModelOnFlatDram) {
  compare_block(kDataflow, DramKind::flat, GetParam());
}
TEST_P(OuterProductTwin, EqualsFastModelOnBankedDram) {
  compare_block(kDataflow, DramKind::banked, GetParam());
}
INSTANTIATE_TEST_SUITE_P(Blocks, OuterProductTwin, testing::Range(0, kBlocks));

TEST(OuterProductTwinSuite, CoversWhatIsRare) {
  check_coverage(kDataflow, {"append_full",
                             "burst_changes",
                             "bursts_of_1",
                             "bursts_of_2",
                             "bursts_of_3",
                             "bursts_of_4",
                             "bank_conflicts",
                             "columns_without_row",
                             "combining_drains",
                             "combining_evictions",
                             "conversion_in_passes",
                             "dram_queue_full",
                             "evictions",
                             "further_segments",
                             "header_only_bursts",
                             "mshr_full",
                             "operand_lines_full",
                             "output_full",
                             "output_full_for_several_lines",
                             "output_full_for_two_bursts",
                             "pointer_lines_full",
                             "port_busy",
                             "puts_that_spill",
                             "refills",
                             "refills_of_several_lines",
                             "refreshes",
                             "replies_limited_by_beats",
                             "row_conflicts",
                             "spills",
                             "third_level_tasks",
                             "tree_tasks",
                             "waits_for_burst_and_room",
                             "write_drains",
                             "writes_of_several_lines"});
}

TEST(OuterProductTwinSuite, NoticesChangedMachines) {
  std::vector<ConfigMutant> mutants = machine_mutants();
  for (const ConfigMutant& mutant : merge_mutants()) mutants.push_back(mutant);
  const auto add = [&](const char* name, std::function<void(OuterProductConfig&)> change) {
    mutants.push_back({name, DramKind::flat, [change](Config& c) { change(c.outer_product); }});
  };
  add("static -> dynamic", [](OuterProductConfig& o) { o.scheduler = Scheduler::dynamic_tasks; });
  add("dynamic -> static", [](OuterProductConfig& o) { o.scheduler = Scheduler::static_tasks; });
  add("conversion free", [](OuterProductConfig& o) { o.convert = Convert::free; });
  add("conversion charged", [](OuterProductConfig& o) { o.convert = Convert::charged; });
  add("header_bytes + 1", [](OuterProductConfig& o) { o.header_bytes += 1; });
  add("header_bytes - 1", [](OuterProductConfig& o) { o.header_bytes -= o.header_bytes > 0 ? 1 : 0; });
  add("row_buffer + a line", [](OuterProductConfig& o) { o.row_buffer.count += kLineBytes; });
  add("row_buffer - a line", [](OuterProductConfig& o) { o.row_buffer.count -= kLineBytes; });
  add("append_lines + 1", [](OuterProductConfig& o) { o.append_lines += 1; });
  add("append_lines - 1", [](OuterProductConfig& o) { o.append_lines -= 1; });
  mutants.push_back({"multipliers + 1", DramKind::flat, [](Config& c) { c.machine.pe.multipliers += 1; }});
  mutants.push_back({"multipliers - 1", DramKind::flat, [](Config& c) { c.machine.pe.multipliers -= 1; }});
  catch_config_mutants(kDataflow, mutants);
}

TEST(OuterProductTwinSuite, NoticesChangedRules) {
  std::vector<RuleMutant> mutants = merge_rule_mutants();
  mutants.push_back({"header bursts last to first", [](Mutation& m) { m.pe.header_bursts_backwards = true; }});
  mutants.push_back({"products before puts", [](Mutation& m) { m.array.products_before_puts = true; }});
  mutants.push_back({"converter reads before it writes", [](Mutation& m) { m.converter_reads_first = true; }});
  catch_rule_mutants(kDataflow, mutants);
}

}  // namespace
}  // namespace heddle::twin
