// Inner product: every figure of the fast model equals that of the naive twin, on random workloads and shrunk machines.
#include "tests/twin/twin_suite.h"

namespace heddle::twin {
namespace {

constexpr DataflowKind kDataflow = DataflowKind::inner_product;

class InnerProductTwin : public testing::TestWithParam<int> {};

TEST_P(InnerProductTwin, EqualsFastModelOnFlatDram) {
  EXPECT_EQ(difference_of_block(kDataflow, DramKind::flat, GetParam()), "");
}
TEST_P(InnerProductTwin, EqualsFastModelOnBankedDram) {
  EXPECT_EQ(difference_of_block(kDataflow, DramKind::banked, GetParam()), "");
}
INSTANTIATE_TEST_SUITE_P(Blocks, InnerProductTwin, testing::Range(0, kBlocks));

TEST(InnerProductTwinSuite, CoversWhatIsRare) {
  EXPECT_EQ(rare_events(kDataflow,
                        {"combining_drains", "combining_evictions", "conversion_in_passes", "dram_queue_full",
                         "inner_spills", "own_lines_not_full", "pinned", "refreshes", "result_stalls", "row_conflicts",
                         "split_rows", "streamed_tiles", "tiles_without_columns", "write_drains"}),
            Names{});
}

TEST(InnerProductTwinSuite, NoticesChangedMachines) {
  std::vector<ConfigMutant> mutants = machine_mutants();
  const auto add = [&](const char* name, std::function<void(InnerProductConfig&)> change) {
    mutants.push_back({name, DramKind::flat, [change](Config& c) { change(c.inner_product); }});
  };
  add("conversion free", [](InnerProductConfig& i) { i.convert = Convert::free; });
  add("conversion charged", [](InnerProductConfig& i) { i.convert = Convert::charged; });
  add("scan_width + 1", [](InnerProductConfig& i) { i.scan_width += 1; });
  add("scan_width - 1", [](InnerProductConfig& i) { i.scan_width -= 1; });
  add("distribution_width + 1", [](InnerProductConfig& i) { i.distribution_width += 1; });
  add("distribution_width - 1", [](InnerProductConfig& i) { i.distribution_width -= 1; });
  add("stream_tile + a line", [](InnerProductConfig& i) { i.stream_tile.count += kLineBytes; });
  add("stream_tile - a line", [](InnerProductConfig& i) { i.stream_tile.count -= kLineBytes; });
  add("partial_capacity + 1", [](InnerProductConfig& i) { i.partial_capacity.count += 1; });
  add("partial_capacity - 1",
      [](InnerProductConfig& i) { i.partial_capacity.count -= i.partial_capacity.count > 0 ? 1 : 0; });
  mutants.push_back({"multipliers + 1", DramKind::flat, [](Config& c) { c.machine.pe.multipliers += 1; }});
  mutants.push_back({"multipliers - 1", DramKind::flat, [](Config& c) { c.machine.pe.multipliers -= 1; }});
  mutants.push_back({"one bank more", DramKind::flat, [](Config& c) {
                       SramConfig& sram = c.machine.sram;
                       sram.capacity.count += sram.capacity.count / sram.banks;
                       sram.mshrs += sram.mshrs / sram.banks;
                       sram.banks += 1;
                     }});
  EXPECT_GE(mutants.size(), kLeastMutants);
  EXPECT_EQ(unnoticed(kDataflow, mutants), Names{});
}

TEST(InnerProductTwinSuite, NoticesChangedRules) {
  const std::vector<RuleMutant> mutants = {
      {"writes before starts", [](Mutation& m) { m.inner.writes_before_starts = true; }},
      {"the combining buffer acts after the array", [](Mutation& m) { m.combining_after_pes = true; }},
      {"converter reads before it writes", [](Mutation& m) { m.converter_reads_first = true; }}};
  EXPECT_EQ(unnoticed(kDataflow, mutants), Names{});
}

}  // namespace
}  // namespace heddle::twin
