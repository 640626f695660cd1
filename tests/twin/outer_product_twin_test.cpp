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
                             "bank_conflicts",
                             "columns_without_row",
                             "combining_drains",
                             "combining_evictions",
                             "conversion_in_passes",
                             "dram_queue_full",
                             "evictions",
                             "fetches",
                             "further_segments",
                             "header_only_lines",
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

TEST(OuterProductTwinSuite, NoticesChangedMachines) {
  std::vector<ConfigMutant> mutants = machine_mutants();
  for (const ConfigMutant& mutant : merge_mutants()) mutants.push_back(mutant);
  const auto add = [&](const char* name, std::function<void(OuterProductConfig&)> change) {
    mutants.push_back({name, DramKind::flat, [change](Config& c) { change(c.outer_product); }});
  };
  add("static -> dynamic", [](OuterProductConfig& o) { o.scheduler = Scheduler::dynamic_tasks; });
  add("dynamic -> static", [](OuterProductConfig& o) { o.scheduler = Scheduler::static_tasks; });
  add("prefetch off", [](OuterProductConfig& o) { o.prefetch = false; });
  add("prefetch on", [](OuterProductConfig& o) { o.prefetch = true; });
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
  // Several refills are queued only where lines hold nothing but headers, hence not in row-wise.
  mutants.push_back({"newest refill first", [](Mutation& m) { m.pe.newest_refill_first = true; }});
  mutants.push_back({"products before puts", [](Mutation& m) { m.array.products_before_puts = true; }});
  mutants.push_back({"converter reads before it writes", [](Mutation& m) { m.converter_reads_first = true; }});
  catch_rule_mutants(kDataflow, mutants);
}

}  // namespace
}  // namespace heddle::twin
