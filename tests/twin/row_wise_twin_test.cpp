// Row-wise: every figure of the fast model equals that of the naive twin, on random workloads and shrunk machines.
#include "tests/twin/twin_suite.h"

namespace heddle::twin {
namespace {

constexpr DataflowKind kDataflow = DataflowKind::row_wise;

class RowWiseTwin : public testing::TestWithParam<int> {};

TEST_P(RowWiseTwin, EqualsFastModelOnFlatDram) {
  compare_block(kDataflow, DramKind::flat, GetParam());
}
TEST_P(RowWiseTwin, EqualsFastModelOnBankedDram) {
  compare_block(kDataflow, DramKind::banked, GetParam());
}
INSTANTIATE_TEST_SUITE_P(Blocks, RowWiseTwin, testing::Range(0, kBlocks));

TEST(RowWiseTwinSuite, CoversWhatIsRare) {
  check_coverage(kDataflow, {"bank_conflicts",
                             "burst_changes",
                             "bursts_of_1",
                             "bursts_of_2",
                             "bursts_of_3",
                             "bursts_of_4",
                             "combining_drains",
                             "combining_evictions",
                             "dram_queue_full",
                             "empty_tasks",
                             "evictions",
                             "in_flight_hits",
                             "mshr_full",
                             "operand_lines_full",
                             "output_full",
                             "output_full_for_several_lines",
                             "output_full_for_two_bursts",
                             "pointer_lines_full",
                             "pointers_in_one_of_two_lines",
                             "pointers_in_two_lines",
                             "pointers_shared",
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

TEST(RowWiseTwinSuite, NoticesChangedMachines) {
  std::vector<ConfigMutant> mutants = machine_mutants();
  for (const ConfigMutant& mutant : merge_mutants()) mutants.push_back(mutant);
  mutants.push_back(
      {"static -> dynamic", DramKind::flat, [](Config& c) { c.row_wise.scheduler = Scheduler::dynamic_tasks; }});
  mutants.push_back(
      {"dynamic -> static", DramKind::flat, [](Config& c) { c.row_wise.scheduler = Scheduler::static_tasks; }});
  catch_config_mutants(kDataflow, mutants);
}

TEST(RowWiseTwinSuite, NoticesChangedRules) {
  std::vector<RuleMutant> mutants = merge_rule_mutants();
  const auto add = [&](const char* name, bool PeMutation::*deviation) {
    mutants.push_back({name, [deviation](Mutation& m) { m.pe.*deviation = true; }});
  };
  add("pointers before heads", &PeMutation::pointers_before_heads);
  add("pointers for one fiber", &PeMutation::pointers_for_one_fiber);
  add("pointers shared in equal lines only", &PeMutation::pointers_in_equal_lines);
  add("fibers without elements are not counted for h", &PeMutation::empty_fibers_uncounted);
  mutants.push_back({"an eviction goes before its fill", [](Mutation& m) { m.cache.eviction_before_fill = true; }});
  catch_rule_mutants(kDataflow, mutants);
}

}  // namespace
}  // namespace heddle::twin
