// Row-wise with windows of A: every figure of the fast model equals that of the naive twin.
#include <map>
#include <sstream>

#include "sim/base/random.h"
#include "tests/twin/twin_suite.h"

namespace heddle::twin {
namespace {

constexpr std::uint64_t kCases = 560;  // of each kind of DRAM
constexpr std::uint64_t kLeast = 30;   // cases in which an event has to occur
constexpr std::uint64_t kMostProducts = 3000;

struct Draw {
  Random random;
  std::uint32_t in(std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(random.uniform_u64(high - low + 1));
  }
  bool chance(double p) { return random.uniform_real() < p; }
};

/// Each row has from `least` to 3/2 `least` nonzeros, or none: one stretch.
std::shared_ptr<const Csr> rows_alike(Draw& draw, std::uint32_t rows, std::uint32_t cols, std::uint32_t least) {
  auto matrix = std::make_shared<Csr>();
  matrix->rows = rows, matrix->cols = cols;
  for (std::uint32_t r = 0; r < rows; ++r) {
    std::uint32_t left = draw.chance(0.1) ? 0 : std::min(cols, draw.in(least, least * 3 / 2));
    for (std::uint32_t c = 0; c < cols; ++c) {
      if (draw.in(1, cols - c) > left) continue;
      matrix->coordinates.push_back(c);
      --left;
    }
    matrix->pointers.push_back(matrix->coordinates.size());
  }
  matrix->values.assign(matrix->coordinates.size(), 1.0);
  return matrix;
}

/// The least lines that pass validate_row_wise, or more.
void fit(Draw& draw, Config& config) {
  const PeConfig& pe = config.machine.pe;
  const std::uint32_t lanes = config.row_wise.lanes;
  const std::uint32_t pointers = (lanes + 1) * config.layout.pointer_bytes;
  config.machine.stream_lines = std::max(config.machine.stream_lines, (pointers + 62) / 64 + 1);
  const std::uint32_t bursts = 2 * lanes * config.layout.element_bytes() / (pe.burst_lines * 64) + 2;
  config.machine.pe.write_lines = std::max(pe.write_lines, bursts * pe.burst_lines);
  if (draw.chance(0.3)) config.machine.pe.write_lines += draw.in(1, 16);
}

/// A cache that holds B and is quick: arrays wait for themselves more often than for memory.
void ease(Draw& draw, SramConfig& sram) {
  sram.banks *= 4;
  sram.mshrs = sram.banks * (sram.ways - 1);
  sram.capacity = Bytes{draw.in(8, 32) * std::uint64_t{sram.banks} * sram.ways * kLineBytes};
  sram.latency = draw.in(1, 2);
}

Case window_case(std::uint64_t seed, DramKind dram) {
  Case c = make_case(DataflowKind::row_wise, seed, dram);
  Draw draw{Random(seed * 2 + 77)};
  RowWiseConfig& options = c.config.row_wise;
  options.merge = RowMerge::windows;
  c.config.machine.sram.clusters = 1;  // more are refused
  options.arrays = draw.in(1, 3);
  const std::uint32_t log_lanes = draw.in(0, 3);
  options.lanes = 1U << log_lanes;
  options.window_rows = 1U << draw.in(0, log_lanes);
  options.window_shape = draw.chance(0.5) ? WindowShape::profiled : WindowShape::fixed;
  options.lane_lines = draw.in(4, 16);
  options.stream_depth = draw.in(1, 5);
  options.product_depth = draw.in(3, 8);
  if (draw.chance(0.3))
    c.config.machine.pe.fetch_ahead = draw.in(2, 6), c.config.machine.pe.line_buffers = draw.in(4, 8);
  fit(draw, c.config);
  if (draw.chance(0.5)) ease(draw, c.config.machine.sram);
  const double kind = draw.random.uniform_real();
  while (kind < 0.45 || c.workload.products > kMostProducts) {
    const bool wide = kind < 0.25;
    const std::uint32_t rows = wide ? draw.in(150, 250) : draw.in(20, 120);
    const std::uint32_t inner = draw.in(3, 20), cols = draw.in(4, 80);
    const auto a = rows_alike(draw, rows, inner, draw.in(1, wide ? 4 : 10));
    c.workload =
        make_workload(a, rows_alike(draw, inner, cols, draw.in(1, !wide && draw.chance(0.4) ? 30 : 6)), "a", "b");
    if (c.workload.products <= kMostProducts) break;
  }
  validate_row_wise(c.config);
  return c;
}

std::string describe_window_case(const Case& c) {
  const RowWiseConfig& o = c.config.row_wise;
  std::ostringstream s;
  s << describe_case(c) << "  windows: arrays " << o.arrays << " lanes " << o.lanes << " " << enum_name(o.window_shape)
    << " " << o.window_rows << " lane_lines " << o.lane_lines << " stream_depth " << o.stream_depth << " product_depth "
    << o.product_depth << "; merge width " << c.config.machine.pe.merge_width << " interval "
    << c.config.machine.pe.merge_interval << "\n";
  return s.str();
}

const std::vector<const char*> kEvents = {"a_in_several_lines",
                                          "arrays_full",
                                          "block_without_windows",
                                          "changes_of_shape",
                                          "dynamic",
                                          "fiber_without_elements",
                                          "lane_lines_full",
                                          "lane_pointers_in_two_lines",
                                          "limit_by_third",
                                          "limit_by_unknown",
                                          "lower_blocks",
                                          "narrow_choice",
                                          "narrow_doubling",
                                          "next_use_spares_lru",
                                          "partial_without_elements",
                                          "product_room_wait",
                                          "products_added",
                                          "refills",
                                          "sample_wait",
                                          "several_bursts_in_a_cycle",
                                          "several_sums_in_a_cycle",
                                          "static",
                                          "sums_wait_for_lines",
                                          "take_side_by_side",
                                          "tree_tasks",
                                          "two_windows_in_flight_of_a_group",
                                          "wide_stretch_choice",
                                          "wide_stretch_choice_of_several_rows",
                                          "window_waits_for_change_of_shape"};

class WindowsTwin : public testing::TestWithParam<DramKind> {};

TEST_P(WindowsTwin, EqualsFastModel) {
  std::map<std::string, std::uint64_t> events;
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const Case c = window_case(seed, GetParam());
    const TwinResult twin = twin_windows(c.workload, c.config);
    ASSERT_EQ(difference(twin, run_fast(DataflowKind::row_wise, c.workload, c.config)), "") << describe_window_case(c);
    for (const auto& [name, count] : twin.events) events[name] += count > 0 ? 1 : 0;
  }
  for (const char* event : kEvents) EXPECT_GE(events[event], kLeast) << event;
}
INSTANTIATE_TEST_SUITE_P(Drams, WindowsTwin, testing::Values(DramKind::flat, DramKind::banked));

const std::vector<Change> kChanges = {
    {"arrays", [](Config& c) { c.row_wise.arrays += 1; }},
    {"lanes", [](Config& c) { c.row_wise.lanes *= 2; }},
    {"window_shape", [](Config& c) { c.row_wise.window_shape = WindowShape::profiled; }},
    {"window_rows", [](Config& c) { c.row_wise.window_rows *= 2; }},
    {"stream_depth", [](Config& c) { c.row_wise.stream_depth += 1; }},
    {"product_depth", [](Config& c) { c.row_wise.product_depth += 1; }},
    {"lane_lines", [](Config& c) { c.row_wise.lane_lines += 1; }},
    {"scheduler", [](Config& c) { c.row_wise.scheduler = Scheduler::static_tasks; }},
    {"pe.count", [](Config& c) { c.machine.pe.count += 1; }},
    {"pe.latency", [](Config& c) { c.machine.pe.latency += 1; }},
    {"pe.fetch_ahead", [](Config& c) { c.machine.pe.fetch_ahead += 1; }},
    {"pe.line_buffers", [](Config& c) { c.machine.pe.line_buffers += 1; }},
    {"pe.write_lines", [](Config& c) { c.machine.pe.write_lines += 1; }},
    {"sram.latency", [](Config& c) { c.machine.sram.latency += 1; }},
    {"next_use -> lru", next_use_becomes_lru},
    {"stream_lines", [](Config& c) { c.machine.stream_lines += 1; }},
    {"pointer_bytes", [](Config& c) { c.layout.pointer_bytes += 1; }},
    {"value_bytes", [](Config& c) { c.layout.value_bytes += 1; }},
    {"dram latency", [](Config& c) { c.machine.dram.flat.latency += 1; }}};

/// Each change of one key is noticed in some case. A config that is refused tells nothing.
TEST(WindowsTwinSuite, NoticesChanges) {
  const OptionTwin twin{DataflowKind::row_wise, [](std::uint64_t seed) { return window_case(seed, DramKind::flat); },
                        [](const Case& c) { return twin_windows(c.workload, c.config); }};
  EXPECT_EQ(unnoticed(twin, kChanges), Names{});
}

/// Each deviation of the twin from rules 11 and 25 is noticed in some case.
TEST(WindowsTwinSuite, NoticesChangedRules) {
  std::vector<RuleMutant> at_large = next_use_rule_mutants();
  for (std::uint64_t seed = 0; seed < kCases && !at_large.empty(); ++seed) {
    const Case c = window_case(seed, DramKind::flat);
    if (c.config.machine.sram.replacement != Replacement::next_use) continue;
    const FastResult fast = run_fast(DataflowKind::row_wise, c.workload, c.config);
    std::erase_if(at_large, [&](const RuleMutant& mutant) {
      Mutation mutation;
      mutant.change(mutation);
      return !difference(twin_windows(c.workload, c.config, mutation), fast).empty();
    });
  }
  for (const RuleMutant& mutant : at_large) ADD_FAILURE() << mutant.name;
}

}  // namespace
}  // namespace heddle::twin
