// Inner product with control `tiled`: every figure of the fast model equals that of the naive twin.
#include <map>

#include "sim/base/random.h"
#include "tests/twin/twin_suite.h"

namespace heddle::twin {
namespace {

constexpr std::uint64_t kCases = 1500;  // of each kind of DRAM
constexpr std::uint64_t kLeast = 30;    // cases in which an event has to occur

/// A case of the inner product on tiles of a few micro tiles of a few coordinates. The memory is larger than elsewhere:
/// what does not fit is refused.
Case tiled_case(std::uint64_t seed, DramKind dram) {
  Case c = make_case(DataflowKind::inner_product, seed, dram);
  c.config.layout.c_layout = CLayout::exact;  // others are refused
  Random random(seed * 2 + 77);
  const auto draw = [&](std::uint64_t most) { return static_cast<std::uint32_t>(1 + random.uniform_u64(most)); };
  InnerProductConfig& options = c.config.inner_product;
  options.control = InnerControl::tiled;
  options.convert = Convert::free;
  options.micro_tile = draw(6);
  options.tile_m = draw(5);
  options.tile_k = draw(4);
  options.tile_n = draw(4);
  c.config.machine.sram.capacity.count *= 1 + random.uniform_u64(6);
  if (draw(2) == 1) options.intersect = Intersect::groups;
  options.fiber_group = draw(5);
  return c;
}

/// False: both refuse the machine as too small.
bool run_both(const Case& c, TwinResult& twin, std::string& difference_text, Mutation mutation = {}) {
  bool twin_refused = false;
  try {
    twin = twin_tiled(c.workload, c.config, mutation);
  } catch (const InputError&) {
    twin_refused = true;
  }
  try {
    difference_text = difference(twin, run_fast(DataflowKind::inner_product, c.workload, c.config));
  } catch (const InputError&) {
    difference_text = twin_refused ? "" : "only the fast model refuses";
    return false;
  }
  if (twin_refused) difference_text = "only the twin refuses";
  return !twin_refused;
}

class TiledTwin : public testing::TestWithParam<DramKind> {};

TEST_P(TiledTwin, EqualsFastModel) {
  std::map<std::string, std::uint64_t> events;
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 0; compared < kCases; ++seed) {
    const Case c = tiled_case(seed, GetParam());
    TwinResult twin;
    std::string text;
    compared += run_both(c, twin, text) ? 1 : 0;
    ASSERT_EQ(text, "") << describe_case(c) << "  intersect " << enum_name(c.config.inner_product.intersect)
                        << " fiber_group " << c.config.inner_product.fiber_group;
    for (const auto& [name, count] : twin.events) events[name] += count > 0 ? 1 : 0;
  }
  if (GetParam() == DramKind::banked) return;
  for (const char* event : {"b_stays", "groups_of_several_steps", "groups_without_matches", "halved", "late_partials",
                            "partials_read", "result_stalls", "steps_without_items", "uneven_groups"})
    EXPECT_GE(events[event], kLeast) << event;
}
INSTANTIATE_TEST_SUITE_P(Drams, TiledTwin, testing::Values(DramKind::flat, DramKind::banked));

/// Each change of one key, and of one rule of the twin, is noticed in some case.
TEST(TiledTwinSuite, NoticesChanges) {
  const std::vector<Change> changes = {
      {"micro_tile", [](Config& c) { c.inner_product.micro_tile += 1; }},
      {"tile_m", [](Config& c) { c.inner_product.tile_m += 1; }},
      {"tile_k", [](Config& c) { c.inner_product.tile_k += 1; }},
      {"tile_n", [](Config& c) { c.inner_product.tile_n += 1; }},
      {"intersect", [](Config& c) { c.inner_product.intersect = Intersect::groups; }},
      {"fiber_group + 1", [](Config& c) { c.inner_product.fiber_group += 1; }},
      {"fiber_group - 1", [](Config& c) { c.inner_product.fiber_group -= c.inner_product.fiber_group > 1 ? 1 : 0; }},
      {"multipliers + 1", [](Config& c) { c.machine.pe.multipliers += 1; }},
      {"pe.count", [](Config& c) { c.machine.pe.count += 1; }},
      {"pe.latency", [](Config& c) { c.machine.pe.latency += 1; }},
      {"pointer_bytes", [](Config& c) { c.layout.pointer_bytes += 1; }},
      {"dram latency", [](Config& c) { c.machine.dram.flat.latency += 1; }}};
  const OptionTwin twin{DataflowKind::inner_product,
                        [](std::uint64_t seed) { return tiled_case(seed, DramKind::flat); },
                        [](const Case& c) { return twin_tiled(c.workload, c.config); }};
  EXPECT_EQ(unnoticed(twin, changes), Names{});
  const std::vector<std::pair<const char*, bool InnerMutation::*>> deviations = {
      {"writes before starts", &InnerMutation::writes_before_starts},
      {"groups without matches skipped", &InnerMutation::groups_without_matches_skipped},
      {"steps of groups counted once", &InnerMutation::steps_of_groups_counted_once},
      {"groups counted as full", &InnerMutation::groups_counted_as_full}};
  for (const auto& [name, deviation] : deviations) {
    bool noticed = false;
    for (std::uint64_t seed = 0; seed < 200 && !noticed; ++seed) {
      Mutation mutation;
      mutation.inner.*deviation = true;
      TwinResult twin_result;
      std::string text;
      noticed = run_both(tiled_case(seed, DramKind::flat), twin_result, text, mutation) && !text.empty();
    }
    EXPECT_TRUE(noticed) << name;
  }
}

}  // namespace
}  // namespace heddle::twin
