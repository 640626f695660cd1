// Outer product: every figure of the fast model equals that of the naive twin, on random workloads and shrunk machines.
#include "tests/twin/twin_suite.h"

namespace heddle::twin {
namespace {

constexpr DataflowKind kDataflow = DataflowKind::outer_product;

class OuterProductTwin : public testing::TestWithParam<int> {};

TEST_P(OuterProductTwin, EqualsFastModelOnFlatDram) {
  EXPECT_EQ(difference_of_block(kDataflow, DramKind::flat, GetParam()), "");
}
TEST_P(OuterProductTwin, EqualsFastModelOnBankedDram) {
  EXPECT_EQ(difference_of_block(kDataflow, DramKind::banked, GetParam()), "");
}
INSTANTIATE_TEST_SUITE_P(Blocks, OuterProductTwin, testing::Range(0, kBlocks));

TEST(OuterProductTwinSuite, CoversWhatIsRare) {
  Names events = merge_events();
  events.insert(events.end(),
                {"append_full", "chunk_requests_full", "chunk_waits", "columns_without_row", "conversion_in_passes",
                 "further_segments", "header_only_bursts", "rows_held_back", "rows_merged_early"});
  EXPECT_EQ(rare_events(kDataflow, events), Names{});
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
  add("chunk_latency + 1", [](OuterProductConfig& o) { o.chunk_latency += o.chunk_latency > 0 ? 1 : 0; });
  add("chunk_latency - 1", [](OuterProductConfig& o) { o.chunk_latency -= o.chunk_latency > 1 ? 1 : 0; });
  add("chunk_latency 0", [](OuterProductConfig& o) { o.chunk_latency = 0; });
  add("chunk_requests + 1", [](OuterProductConfig& o) { o.chunk_requests += 1; });
  add("chunk_requests - 1", [](OuterProductConfig& o) { o.chunk_requests -= o.chunk_requests > 1 ? 1 : 0; });
  add("phases separate", [](OuterProductConfig& o) { o.phases = Phases::separate; });
  add("phases pipelined", [](OuterProductConfig& o) { o.phases = Phases::pipelined; });
  mutants.push_back({"multipliers + 1", DramKind::flat, [](Config& c) { c.machine.pe.multipliers += 1; }});
  mutants.push_back({"multipliers - 1", DramKind::flat, [](Config& c) { c.machine.pe.multipliers -= 1; }});
  EXPECT_GE(mutants.size(), kLeastMutants);
  EXPECT_EQ(unnoticed(kDataflow, mutants), Names{});
}

TEST(OuterProductTwinSuite, NoticesChangedRules) {
  std::vector<RuleMutant> mutants = merge_rule_mutants();
  mutants.push_back({"partial lines in cluster 0", [](Mutation& m) { m.cache.partials_in_cluster_0 = true; }});
  mutants.push_back({"header bursts last to first", [](Mutation& m) { m.pe.header_bursts_backwards = true; }});
  mutants.push_back({"products before puts", [](Mutation& m) { m.array.products_before_puts = true; }});
  mutants.push_back({"chunks do not wait for A", [](Mutation& m) { m.array.chunks_without_a = true; }});
  mutants.push_back({"a chunk per cycle", [](Mutation& m) { m.array.one_chunk_per_cycle = true; }});
  mutants.push_back({"room before chunk", [](Mutation& m) { m.array.chunk_charged_after_room = true; }});
  mutants.push_back({"a chunk under way longer", [](Mutation& m) { m.array.chunk_under_way_longer = 1; }});
  mutants.push_back({"rows complete a cycle early", [](Mutation& m) { m.array.rows_complete_a_cycle_early = true; }});
  mutants.push_back(
      {"rows complete by their last line", [](Mutation& m) { m.array.rows_complete_by_last_line = true; }});
  mutants.push_back({"converter reads before it writes", [](Mutation& m) { m.converter_reads_first = true; }});
  EXPECT_EQ(unnoticed(kDataflow, mutants), Names{});
}

}  // namespace
}  // namespace heddle::twin
