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

// Found by a search over 20,000 cases: empty fibers behind one whose look-ahead is under way, a single line buffer.
TEST(RowWiseTwinSuite, EqualsFastModelInRareCases) {
  for (const std::uint64_t seed : {5813u, 7886u, 8900u}) compare_seed(kDataflow, DramKind::flat, seed);
  compare_seed(kDataflow, DramKind::banked, 5165);
}

TEST(RowWiseTwinSuite, CoversWhatIsRare) {
  check_coverage(kDataflow, {"bank_conflicts",
                             "combining_drains",
                             "combining_evictions",
                             "dram_queue_full",
                             "empty_tasks",
                             "evictions",
                             "fetches",
                             "in_flight_hits",
                             "mshr_full",
                             "operand_lines_full",
                             "output_full",
                             "pointer_lines_full",
                             "puts_that_spill",
                             "refills",
                             "refreshes",
                             "row_conflicts",
                             "spills",
                             "takes_of_clean_lines",
                             "takes_of_filling_lines",
                             "third_level_tasks",
                             "tree_tasks",
                             "write_drains"});
}

TEST(RowWiseTwinSuite, NoticesChangedMachines) {
  std::vector<ConfigMutant> mutants = machine_mutants();
  for (const ConfigMutant& mutant : merge_mutants()) mutants.push_back(mutant);
  mutants.push_back(
      {"static -> dynamic", DramKind::flat, [](Config& c) { c.row_wise.scheduler = Scheduler::dynamic_tasks; }});
  mutants.push_back(
      {"dynamic -> static", DramKind::flat, [](Config& c) { c.row_wise.scheduler = Scheduler::static_tasks; }});
  mutants.push_back({"prefetch off", DramKind::flat, [](Config& c) { c.row_wise.prefetch = false; }});
  mutants.push_back({"prefetch on", DramKind::flat, [](Config& c) { c.row_wise.prefetch = true; }});
  catch_config_mutants(kDataflow, mutants);
}

TEST(RowWiseTwinSuite, NoticesChangedRules) {
  std::vector<RuleMutant> mutants = merge_rule_mutants();
  mutants.push_back({"pointer stage before line stage", [](Mutation& m) { m.pe.pointers_before_lines = true; }});
  catch_rule_mutants(kDataflow, mutants);
}

}  // namespace
}  // namespace heddle::twin
