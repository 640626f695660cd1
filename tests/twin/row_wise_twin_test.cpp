// Row-wise: every figure of the fast model equals that of the naive twin, on random workloads and shrunk machines.
#include "tests/twin/twin_suite.h"

namespace heddle::twin {
namespace {

constexpr DataflowKind kDataflow = DataflowKind::row_wise;

class RowWiseTwin : public testing::TestWithParam<int> {};

TEST_P(RowWiseTwin, EqualsFastModelOnFlatDram) {
  EXPECT_EQ(difference_of_block(kDataflow, DramKind::flat, GetParam()), "");
}
TEST_P(RowWiseTwin, EqualsFastModelOnBankedDram) {
  EXPECT_EQ(difference_of_block(kDataflow, DramKind::banked, GetParam()), "");
}
INSTANTIATE_TEST_SUITE_P(Blocks, RowWiseTwin, testing::Range(0, kBlocks));

TEST(RowWiseTwinSuite, CoversWhatIsRare) {
  Names events = merge_events();
  events.insert(events.end(), {"empty_tasks", "in_flight_hits", "line_in_two_clusters", "next_use_spares_lru",
                               "pointers_in_one_of_two_lines", "pointers_in_two_lines", "pointers_shared"});
  EXPECT_EQ(rare_events(kDataflow, events), Names{});
}

TEST(RowWiseTwinSuite, NoticesChangedMachines) {
  std::vector<ConfigMutant> mutants = machine_mutants();
  for (const ConfigMutant& mutant : merge_mutants()) mutants.push_back(mutant);
  mutants.push_back(
      {"static -> dynamic", DramKind::flat, [](Config& c) { c.row_wise.scheduler = Scheduler::dynamic_tasks; }});
  mutants.push_back(
      {"dynamic -> static", DramKind::flat, [](Config& c) { c.row_wise.scheduler = Scheduler::static_tasks; }});
  mutants.push_back({"next_use -> lru", DramKind::flat, next_use_becomes_lru});
  mutants.push_back({"clusters -> 1", DramKind::flat, [](Config& c) { c.machine.sram.clusters = 1; }});
  EXPECT_GE(mutants.size(), kLeastMutants);
  EXPECT_EQ(unnoticed(kDataflow, mutants), Names{});
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
  for (const RuleMutant& mutant : next_use_rule_mutants()) mutants.push_back(mutant);
  mutants.push_back({"one fiber is announced", [](Mutation& m) { m.dispatcher.announces_one_fiber = true; }});
  add("PEs take clusters in turn", &PeMutation::clusters_in_turn);
  mutants.push_back({"partial lines in cluster 0", [](Mutation& m) { m.cache.partials_in_cluster_0 = true; }});
  mutants.push_back({"an eviction goes before its fill", [](Mutation& m) { m.cache.eviction_before_fill = true; }});
  EXPECT_EQ(unnoticed(kDataflow, mutants), Names{});
}

}  // namespace
}  // namespace heddle::twin
