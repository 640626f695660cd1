// Row-wise with sorting queues: every figure of the fast model equals that of the naive twin.
#include <map>

#include "sim/base/random.h"
#include "tests/twin/twin_suite.h"

namespace heddle::twin {
namespace {

constexpr std::uint64_t kCases = 1200;  // of each kind of DRAM
constexpr std::uint64_t kLeast = 30;    // cases in which an event has to occur

/// Every third case has hash tables, every other one a cache for B.
Case queue_case(std::uint64_t seed, DramKind dram) {
  Case c = make_case(DataflowKind::row_wise, seed, dram);
  Random random(seed * 2 + 99);
  const auto draw = [&](std::uint64_t most) { return static_cast<std::uint32_t>(1 + random.uniform_u64(most)); };
  RowWiseConfig& options = c.config.row_wise;
  options.merge = RowMerge::queues;
  options.elements = draw(2) == 1 ? RowElements::striped : RowElements::packed;
  options.queues = 1 + draw(4);
  options.queue_sets = draw(3);
  options.queue_overflow = QueueOverflow::grow;
  c.config.machine.pe.line_buffers = 1 + draw(8);
  if (seed % 3 == 0) options.merge = RowMerge::hash;
  options.b_cached = seed % 2 == 0;
  next_use_becomes_lru(c.config);  // it is refused, as are clusters and rows of C that lie apart
  c.config.machine.sram.clusters = 1;
  c.config.layout.c_layout = CLayout::exact;
  return c;
}

class QueuesTwin : public testing::TestWithParam<DramKind> {};

TEST_P(QueuesTwin, EqualsFastModel) {
  std::map<std::string, std::uint64_t> events;
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const Case c = queue_case(seed, GetParam());
    const TwinResult twin = twin_queues(c.workload, c.config);
    ASSERT_EQ(difference(twin, run_fast(DataflowKind::row_wise, c.workload, c.config)), "")
        << describe_case(c) << "  queues " << c.config.row_wise.queues << " sets " << c.config.row_wise.queue_sets
        << " " << enum_name(c.config.row_wise.elements);
    for (const auto& [name, count] : twin.events) events[name] += count > 0 ? 1 : 0;
    events["cached"] += c.config.row_wise.b_cached && twin.hits > 0 && twin.misses > 0;
    events["evictions_of_b"] += twin.evictions > 0;
    events["hash"] += c.config.row_wise.merge == RowMerge::hash;
  }
  for (const char* event :
       {"moves", "sums", "places_wait", "sets_wait", "b_places_wait", "shared_a", "cached", "evictions_of_b", "hash"})
    EXPECT_GE(events[event], kLeast) << event;
}
INSTANTIATE_TEST_SUITE_P(Drams, QueuesTwin, testing::Values(DramKind::flat, DramKind::banked));

/// Each change of one key is noticed in some case.
TEST(QueuesTwinSuite, NoticesChanges) {
  const std::vector<Change> changes = {{"queues", [](Config& c) { c.row_wise.queues += 1; }},
                                       {"queue_sets", [](Config& c) { c.row_wise.queue_sets += 1; }},
                                       {"elements", [](Config& c) { c.row_wise.elements = RowElements::packed; }},
                                       {"pe.count", [](Config& c) { c.machine.pe.count += 1; }},
                                       {"pe.latency", [](Config& c) { c.machine.pe.latency += 1; }},
                                       {"pe.line_buffers", [](Config& c) { c.machine.pe.line_buffers += 1; }},
                                       {"pe.write_lines", [](Config& c) { c.machine.pe.write_lines += 1; }},
                                       {"stream_lines", [](Config& c) { c.machine.stream_lines += 1; }},
                                       {"pointer_bytes", [](Config& c) { c.layout.pointer_bytes += 1; }},
                                       {"merge", [](Config& c) { c.row_wise.merge = RowMerge::hash; }},
                                       {"b_cached", [](Config& c) { c.row_wise.b_cached = !c.row_wise.b_cached; }},
                                       {"sram.latency", [](Config& c) { c.machine.sram.latency += 1; }},
                                       {"dram latency", [](Config& c) { c.machine.dram.flat.latency += 1; }}};
  const OptionTwin twin{DataflowKind::row_wise, [](std::uint64_t seed) { return queue_case(seed, DramKind::flat); },
                        [](const Case& c) { return twin_queues(c.workload, c.config); }};
  EXPECT_EQ(unnoticed(twin, changes), Names{});
}

}  // namespace
}  // namespace heddle::twin
